/** Where the page's right to the share comes from: a SAS of a small server, or an emulator inside the page. */
import { connect, type Connection } from "azure-files";
import { standingGrant, type Grant } from "./grant.js";
import { saveByLink } from "./save.js";

/** What the page works with, wherever it comes from. */
export interface Session {
  readonly connection: Connection;
  readonly endpoint: string;
  readonly share: string;
  /** The SAS in use. */
  grant(): Grant;
  /** Hands a file to the browser, which saves it as it saves any download. */
  save(path: string): Promise<void>;
}

/** What the page's server says: the SAS, and what it is for. */
interface ServerGrant extends Grant {
  readonly endpoint: string;
  readonly share: string;
}

/** The page got no right to the share, for a reason that is not the share's. */
export class SessionError extends Error {
  override readonly name = "SessionError";
}

async function askServer(path: string, init?: RequestInit): Promise<unknown> {
  const response = await fetch(path, { cache: "no-store", ...init }).catch((cause: unknown) => {
    throw new SessionError("The server that issues the SAS cannot be reached.", { cause });
  });
  const isJson = response.headers.get("content-type")?.includes("application/json") ?? false;
  const answer: unknown = isJson ? await response.json() : undefined;
  if (response.ok && answer) return answer;
  const reason =
    answer && typeof answer === "object" && "error" in answer ? String(answer.error) : `It answered with status ${response.status}.`;
  throw new SessionError(`The server that issues the SAS could not do so. ${reason}`);
}

/** A session with SAS from the page's own server. It issues them and is out of the way: every byte goes from here to the share. */
async function openServerSession(renewed: () => void): Promise<Session> {
  const { credential, current } = await standingGrant(
    async () => (await askServer("/api/sas", { method: "POST" })) as ServerGrant,
    renewed,
  );
  const { endpoint, share } = current();
  return {
    connection: connect({ endpoint, share, credential }),
    endpoint,
    share,
    grant: current,
    async save(path) {
      const { url } = (await askServer(`/api/link?path=${encodeURIComponent(path)}`)) as { url: string };
      await saveByLink(url);
    },
  };
}

/**
 * Which emulator inside the page the address asks for, if any: `page` has its requests caught by a service worker, `direct` is called in place of
 * `fetch`, which needs no service worker.
 */
export function wantedEmulator(): "page" | "direct" | undefined {
  const wanted = new URLSearchParams(location.search).get("emulator");
  return wanted === "page" || wanted === "direct" ? wanted : undefined;
}

/** Opens the session that the address asks for; `renewed` hears of each new SAS. The emulator is fetched only when it is wanted. */
export async function openSession(renewed: () => void): Promise<Session> {
  const wanted = wantedEmulator();
  if (wanted === undefined) return openServerSession(renewed);
  const { openPageSession } = await import("./page-emulator.js");
  return openPageSession(wanted, renewed);
}
