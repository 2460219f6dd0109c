/**
 * The page with no server at all: an Azure Files account in this tab's memory, behind a service worker that catches the page's own requests, or
 * called in place of `fetch`.
 *
 * The library does not know: it sends the same requests as ever, with a SAS, and gets the same answers.
 */
import { connect, sas } from "azure-files";
import { accountSas, serviceSas } from "azure-files/sas";
import { createEmulator } from "azure-files/simulation";
import { mswHandlers } from "azure-files/msw";
import { createIfMissing } from "azure-files/shares";
import { download } from "azure-files/streaming";
import { setupWorker } from "msw/browser";
import { standingGrant } from "./grant.js";
import { saveBlob } from "./save.js";
import { SessionError, type Session } from "./session.js";

const SHARE = "demo";
/** It reads too: there is no server that could issue a link for a single file. */
const PERMISSIONS = "rcwdl";
const LIFETIME = 15 * 60_000;

/** Starts the emulator, with its service worker where that is wanted, and opens a session on it. */
export async function openPageSession(how: "page" | "direct", renewed: () => void): Promise<Session> {
  // An address of the page's own origin: should the worker not catch a request, it ends at the page's server and goes nowhere else.
  const emulator = createEmulator({ endpoint: `${location.origin}/devstoreaccount1` });
  const { account, key, endpoint } = emulator;
  const carrier = how === "direct" ? { fetch: emulator.fetch } : {};
  if (how === "page") {
    await setupWorker(...mswHandlers(emulator))
      .start({ onUnhandledFrame: "bypass", quiet: true })
      .catch((cause: unknown) => {
        throw new SessionError("The emulator inside the page needs a service worker, and this browser did not start one.", { cause });
      });
  }

  // A key in a page is a key given away. This one is public, and opens nothing but the emulator in this very tab.
  const until = (): Date => new Date(Date.now() + LIFETIME);
  const owner = await accountSas({ account, key, permissions: "rwc", resourceTypes: "c", expiresOn: until(), protocol: "https,http" });
  await createIfMissing(connect({ endpoint, share: SHARE, credential: sas(owner), ...carrier }));

  const { credential, current } = await standingGrant(async () => {
    const expiresOn = until();
    const token = await serviceSas({ account, key, share: SHARE, permissions: PERMISSIONS, expiresOn, protocol: "https,http" });
    return { token, expires: expiresOn.toISOString() };
  }, renewed);
  const connection = connect({ endpoint, share: SHARE, credential, ...carrier });
  return {
    connection,
    endpoint,
    share: SHARE,
    grant: current,
    /**
     * A browser's downloads do not pass through a service worker, so a link cannot lead into the emulator. The page reads the file itself
     * and hands the whole of it over. It is in the tab's memory already; over a network this would be the wrong way.
     */
    async save(path) {
      const file = await download(connection, { path });
      saveBlob(await file.blob(), path.split("/").at(-1) ?? path);
    },
  };
}
