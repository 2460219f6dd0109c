/** Where the page's right to the share comes from: a SAS of a small server, or an emulator inside the page. */
import { connect, sas, type Connection } from "azure-files";
import { saveByLink } from "./save.js";

/** A SAS as its issuer describes it. */
export interface Grant {
  readonly endpoint: string;
  readonly share: string;
  /** The SAS, without a leading "?". A secret: it is never shown. */
  readonly token: string;
  /** When it ends, ISO 8601. */
  readonly expires: string;
}

/** What the page works with, wherever it comes from. */
export interface Session {
  readonly connection: Connection;
  readonly endpoint: string;
  readonly share: string;
  /** The permission letters of the SAS in use, such as "cwdl". */
  permissions(): string;
  /** When the SAS in use ends. */
  expires(): Date;
  /** Hands a file to the browser, which saves it as it saves any download. */
  save(path: string): Promise<void>;
}

/** The page's own server did not answer as it should; this is not about the share. */
export class PageServerError extends Error {
  override readonly name = "PageServerError";
}

/** The permission letters that a SAS carries in the open. */
export function permissionsOf(token: string): string {
  return new URLSearchParams(token).get("sp") ?? "";
}

async function askServer(path: string, init?: RequestInit): Promise<unknown> {
  const response = await fetch(path, { cache: "no-store", ...init }).catch((cause: unknown) => {
    throw new PageServerError("The server that issues the SAS cannot be reached.", { cause });
  });
  const isJson = response.headers.get("content-type")?.includes("application/json") ?? false;
  const answer: unknown = isJson ? await response.json() : undefined;
  if (response.ok && answer) return answer;
  const reason =
    answer && typeof answer === "object" && "error" in answer ? String(answer.error) : `It answered with status ${response.status}.`;
  throw new PageServerError(`The server that issues the SAS could not do so. ${reason}`);
}

const requestGrant = async (): Promise<Grant> => (await askServer("/api/sas", { method: "POST" })) as Grant;

/**
 * A session with a SAS from the page's own server. That server issues the SAS and is out of the way: every byte goes from here to the share.
 * The library asks for a new SAS shortly before the old one ends.
 */
async function openServerSession(): Promise<Session> {
  let grant = await requestGrant();
  let unused: Grant | undefined = grant;
  const credential = sas(async () => {
    grant = unused ?? (await requestGrant());
    unused = undefined;
    return grant.token;
  });
  return {
    connection: connect({ endpoint: grant.endpoint, share: grant.share, credential }),
    endpoint: grant.endpoint,
    share: grant.share,
    permissions: () => permissionsOf(grant.token),
    expires: () => new Date(grant.expires),
    async save(path) {
      const { url } = (await askServer(`/api/link?path=${encodeURIComponent(path)}`)) as { url: string };
      await saveByLink(url);
    },
  };
}

/** Whether the address asks for the emulator inside the page. */
export function wantsPageEmulator(): boolean {
  return new URLSearchParams(location.search).get("emulator") === "page";
}

/** Opens the session that the address asks for. The emulator is fetched only when it is wanted. */
export async function openSession(): Promise<Session> {
  if (!wantsPageEmulator()) return openServerSession();
  const { openPageSession } = await import("./page-emulator.js");
  return openPageSession();
}
