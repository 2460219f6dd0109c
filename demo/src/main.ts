/** Puts the page together: session, queue, listing, and the ways files come in. */
import { announce } from "./announce.js";
import { acceptArrivals } from "./arrivals.js";
import { byId, element } from "./element.js";
import { explain, permissionWords, type Explanation } from "./explain.js";
import { formatDate } from "./format.js";
import { permissionsOf } from "./grant.js";
import { createHold, type Hold } from "./hold.js";
import { createListing, folderOfAddress } from "./listing.js";
import { openSession, wantedEmulator, type Session } from "./session.js";
import { showTransfers } from "./transfers.js";
import { createUploadQueue, type UploadQueue } from "./upload-queue.js";

function showNotice({ title, advice, technical }: Explanation): void {
  const notice = byId("notice");
  notice.replaceChildren(
    element("p", { class: "explanation-title" }, title),
    element("p", {}, advice),
    ...(technical ? [element("p", { class: "technical" }, technical)] : []),
  );
  notice.hidden = false;
}

function hideNotice(): void {
  byId("notice").hidden = true;
}

/** The switch between the two emulators. It is in the address, so it can be linked to, and a reload starts clean. */
function showMode(): void {
  const inPage = wantedEmulator() !== undefined;
  const button = byId<"button">("page-emulator");
  button.setAttribute("aria-checked", String(inPage));
  byId("mode-note").textContent = inPage
    ? "No server at all. Files live in this tab's memory and go when it reloads."
    : "Off: the bytes go from this page straight to the share.";
  button.addEventListener("click", () => {
    location.href = inPage ? location.pathname : "?emulator=page";
  });
}

function showSession(session: Session): void {
  byId("session").replaceChildren(
    element("p", {}, "Share ", element("code", {}, `${session.endpoint.replace(/\/$/, "")}/${session.share}`)),
    element(
      "p",
      {},
      `This page holds a SAS, not a key: it may ${permissionWords(permissionsOf(session.grant()))}, until ${formatDate(new Date(session.grant().expires))}, and is renewed before that.`,
    ),
  );
}

async function start(): Promise<void> {
  showMode();
  const session: Session = await openSession(() => showSession(session));
  showSession(session);
  const inWords = (error: unknown): Explanation => explain(error, permissionsOf(session.grant()));
  const fail = (error: unknown): void => showNotice(inWords(error));

  // Before the first list is there, there is nothing to draw.
  let isListed = false;
  const hold: Hold = createHold(session.connection, () => isListed && listing.redraw(), fail);
  const listing = createListing({
    connection: session.connection,
    share: session.share,
    unfinished: (path) => queue.unfinished(path),
    held: () => hold,
    loaded() {
      isListed = true;
      void hold.look();
    },
    save: (path) => session.save(path),
    removed: (path) => queue.noteRemoved(path),
    report: fail,
    clearReport: hideNotice,
  });
  const touched = showTransfers(() => queue, inWords);
  const queue: UploadQueue = createUploadQueue(session.connection, () => permissionsOf(session.grant()).includes("r"), {
    changed: touched,
    arrived(folder) {
      if (folder === listing.folder) listing.refreshSoon();
    },
    folderFailed: fail,
  });

  acceptArrivals((arrivals) => {
    if (arrivals.files.length + arrivals.emptyFolders.length === 0) announce("There were no files in it.");
    queue.add(arrivals, listing.folder);
  }, fail);

  async function follow(): Promise<void> {
    const folder = folderOfAddress();
    byId("target").textContent = folder || session.share;
    await listing.open(folder);
  }
  addEventListener("hashchange", () => void follow());
  addEventListener("beforeunload", (event) => {
    // A reload stops what is on its way until the same files are chosen again, so the browser asks first.
    if (queue.transfers.some(({ phase }) => phase === "sending" || phase === "waiting")) event.preventDefault();
  });
  await follow();
  document.documentElement.dataset["ready"] = "";
}

start().catch((error: unknown) => {
  showNotice(explain(error, ""));
  byId("listing-state").textContent = "";
  document.documentElement.dataset["ready"] = "";
});
