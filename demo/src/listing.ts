/** What is in the share: one folder at a time, loaded page by page, with download and delete. */
import type { Connection, DirectoryEntry, FileEntry, HeldLock } from "azure-files";
import { delete as deleteDirectory, list } from "azure-files/directories";
import { delete as deleteFile } from "azure-files/files";
import { announce } from "./announce.js";
import { confirmDelete } from "./confirm.js";
import { byId, element, icon } from "./element.js";
import { HOLD_FILE } from "./hold.js";
import { formatBytes, formatCount, formatDate } from "./format.js";

const PAGE_SIZE = 500;

type Entry = DirectoryEntry | FileEntry;

/** What the listing takes from the rest of the page. */
export interface ListingContext {
  readonly connection: Connection;
  readonly share: string;
  /** Why a file is not whole, where this page knows: the service lists it with its full size from its first moment on. */
  unfinished(path: string): "arriving" | "unfinished" | undefined;
  /** Whether somebody else holds the share, so that nothing may be deleted, and the lock under which this page deletes, if it has it. */
  held(): { readonly isElsewhere: boolean; readonly lock: HeldLock | undefined };
  /** Called when the list was loaded. */
  loaded(): void;
  /** Hands a file to the browser's downloads. */
  save(path: string): Promise<void>;
  /** Told of each file or folder that is deleted here. */
  removed(path: string): void;
  /** Shows an error of the listing, or takes it away. */
  report(error: unknown): void;
  clearReport(): void;
}

export interface Listing {
  /** The folder in view; "" is the root of the share. */
  readonly folder: string;
  /** Loads a folder and shows it. */
  open(folder: string): Promise<void>;
  /** Loads the folder in view again, soon; many calls in a row are one. */
  refreshSoon(): void;
  /** Shows again what is there, without asking the share. */
  redraw(): void;
}

/** The address of a folder on this page. It is a fragment, so the browser's back button and a reload keep the folder. */
export function addressOf(folder: string): string {
  return `#/${folder.split("/").map(encodeURIComponent).join("/")}`;
}

/** The folder that the page's address names. */
export function folderOfAddress(): string {
  if (!location.hash.startsWith("#/")) return "";
  try {
    return location.hash.slice(2).split("/").map(decodeURIComponent).filter(Boolean).join("/");
  } catch {
    return ""; // Somebody typed a "%" that encodes nothing.
  }
}

const byKindAndName = (a: Entry, b: Entry): number =>
  a.kind === b.kind ? a.name.localeCompare(b.name, undefined, { numeric: true }) : a.kind === "directory" ? -1 : 1;

/** Connects the table to a share. */
export function createListing(context: ListingContext): Listing {
  const { connection, share, unfinished, held, save, removed, report, clearReport } = context;
  const table = byId<"tbody">("entries");
  const state = byId<"p">("listing-state");
  const more = byId<"button">("more");
  let folder = "";
  let entries: Entry[] = [];
  let marker: string | undefined;
  let loading: AbortController | undefined;
  let soon: ReturnType<typeof setTimeout> | undefined;

  const pathOf = (name: string): string => (folder ? `${folder}/${name}` : name);

  /** Loads pages until `atLeast` entries are there or the folder ends; starts at `from`, or at the beginning. */
  async function load(atLeast: number, from?: string): Promise<void> {
    loading?.abort();
    const stop = new AbortController();
    loading = stop;
    const gathered = from === undefined ? [] : [...entries];
    try {
      const pages = list(connection, { path: folder, include: ["timestamps"], pageSize: PAGE_SIZE, signal: stop.signal }).pages({
        marker: from,
      });
      for await (const page of pages) {
        gathered.push(...page.entries);
        marker = page.marker;
        if (gathered.length >= atLeast) break;
      }
      if (stop.signal.aborted) return;
      entries = gathered.filter(({ name }) => pathOf(name) !== HOLD_FILE).sort(byKindAndName);
      clearReport();
      draw();
      context.loaded();
    } catch (error) {
      if (stop.signal.aborted) return;
      entries = [];
      marker = undefined;
      draw();
      state.textContent = "The list could not be loaded.";
      report(error);
    }
  }

  function action(text: string, kind: string, name: string, act: () => Promise<void>, disabled = false): HTMLButtonElement {
    const made = element(
      "button",
      { type: "button", class: "plain", "data-action": kind, "aria-label": `${text} ${name}`, disabled },
      text,
    );
    made.addEventListener("click", () => {
      act().catch(report);
    });
    return made;
  }

  async function download(name: string): Promise<void> {
    clearReport();
    await save(pathOf(name));
    announce(`The browser saves ${name}.`);
  }

  async function remove(entry: Entry): Promise<void> {
    const isFolder = entry.kind === "directory";
    const agreed = await confirmDelete(
      `Delete ${isFolder ? "the folder" : ""} “${entry.name}”?`.replace("  ", " "),
      isFolder ? "Everything in it goes too. There is no way back." : "There is no way back.",
    );
    if (!agreed) return;
    clearReport();
    const path = pathOf(entry.name);
    const place = entries.indexOf(entry);
    table.rows[place]?.setAttribute("aria-busy", "true");
    try {
      const { lock } = held();
      if (isFolder) await deleteDirectory(connection, { path, recursive: true, lock });
      else await deleteFile(connection, { path, lock });
      removed(path);
      announce(`${entry.name} is deleted.`);
    } finally {
      await load(entries.length);
    }
    // The row that had the focus is gone: what moved up in its place gets it, or the panel where nothing did.
    (table.rows[Math.min(place, table.rows.length - 1)]?.querySelector<HTMLElement>("a, button") ?? byId("contents")).focus();
  }

  /** The roles are those that the elements have anyway, and lose where a narrow page lays the table out as lines. */
  function row(entry: Entry): HTMLTableRowElement {
    const { name } = entry;
    const isFolder = entry.kind === "directory";
    const pending = isFolder ? undefined : unfinished(pathOf(name));
    const title = isFolder ? element("a", { href: addressOf(pathOf(name)) }, name) : element("span", {}, name);
    const size = isFolder ? "" : formatBytes(entry.size);
    return element(
      "tr",
      { "data-name": name, role: "row" },
      element("th", { scope: "row", role: "rowheader" }, element("span", { class: "entry" }, icon(isFolder ? "folder" : "file"), title)),
      element("td", { class: "number", role: "cell" }, pending ? element("em", {}, pending) : size),
      element("td", { class: "when", role: "cell" }, entry.lastWriteTime ? formatDate(new Date(entry.lastWriteTime)) : ""),
      element(
        "td",
        { class: "row-actions", role: "cell" },
        isFolder || pending ? undefined : action("Download", "download", name, () => download(name)),
        pending === "arriving" ? undefined : action("Delete", "delete", name, () => remove(entry), held().isElsewhere),
      ),
    );
  }

  function drawCrumbs(): void {
    const names = folder ? folder.split("/") : [];
    const crumb = (label: string, depth: number): HTMLLIElement => {
      const here = depth === names.length;
      return element(
        "li",
        {},
        element("a", { href: addressOf(names.slice(0, depth).join("/")), "aria-current": here ? "location" : undefined }, label),
      );
    };
    byId("crumbs").replaceChildren(crumb(share, 0), ...names.map((name, index) => crumb(name, index + 1)));
  }

  function draw(): void {
    const focused =
      document.activeElement instanceof HTMLElement && table.contains(document.activeElement) ? document.activeElement : undefined;
    const name = focused?.closest("tr")?.dataset["name"];
    const kind = focused?.dataset["action"];
    table.replaceChildren(...entries.map(row));
    if (name !== undefined) {
      const again = [...table.rows].find((candidate) => candidate.dataset["name"] === name);
      again?.querySelector<HTMLElement>(kind ? `[data-action="${kind}"]` : "a, button")?.focus();
    }
    byId("caption").textContent = `${folder || share}: ${formatCount(entries.length, "entry").replace("entrys", "entries")}`;
    state.textContent = entries.length === 0 ? "Nothing here yet. What you send appears here." : "";
    more.hidden = marker === undefined;
  }

  async function open(next: string): Promise<void> {
    const moved = next !== folder;
    folder = next;
    drawCrumbs();
    if (moved) {
      table.replaceChildren();
      entries = [];
      more.hidden = true;
    }
    state.textContent = entries.length === 0 ? "Loading" : "";
    await load(Math.max(1, entries.length));
  }

  more.addEventListener("click", () => void load(entries.length + 1, marker));
  byId("refresh").addEventListener("click", () => {
    void load(Math.max(1, entries.length)).then(() => announce(byId("caption").textContent ?? ""));
  });

  return {
    get folder() {
      return folder;
    },
    open,
    redraw: draw,
    refreshSoon() {
      soon ??= setTimeout(() => {
        soon = undefined;
        void load(Math.max(1, entries.length));
      }, 300);
    },
  };
}
