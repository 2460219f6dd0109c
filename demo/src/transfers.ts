/** The queue on the page: rows as they come and go, totals, and what is said aloud. */
import { announce, announceProgress } from "./announce.js";
import { byId } from "./element.js";
import type { Explanation } from "./explain.js";
import { formatBytes, formatCount, formatTimeLeft, percent } from "./format.js";
import { createTransferRow, type TransferRow } from "./transfer-row.js";
import type { Transfer, UploadQueue } from "./upload-queue.js";

/** Figures are redrawn this often, in milliseconds: faster than that nobody can read them. */
const REDRAW = 200;

/** Draws the queue; returns what to call when a transfer changed. */
export function showTransfers(queue: () => UploadQueue, explain: (error: unknown) => Explanation): (transfer: Transfer) => void {
  const area = byId("transfers-area");
  const list = byId<"ol">("transfers");
  const totals = byId<"p">("totals");
  const rows = new Map<Transfer, TransferRow>();
  const changed = new Set<Transfer>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let due = 0;
  let wasBusy = false;
  /** Whether something has begun that no redraw saw: what fails at once is an outcome, too. */
  let begun = false;

  function addRow(transfer: Transfer): TransferRow {
    const row = createTransferRow(transfer, {
      cancel: () => queue().cancel(transfer),
      retry: () => queue().retry(transfer),
      removeLeftover: () =>
        void queue()
          .removeLeftover(transfer)
          .then(
            () => announce(`The unfinished file ${transfer.path} is removed.`),
            (error: unknown) => {
              transfer.phase = "failed";
              transfer.error = error;
              touch(transfer);
            },
          ),
      explain,
    });
    rows.set(transfer, row);
    list.append(row.node);
    return row;
  }

  function tell(all: readonly Transfer[]): void {
    const count = (phase: Transfer["phase"]): number => all.filter((transfer) => transfer.phase === phase).length;
    const active = count("waiting") + count("sending");
    const counted = all.filter(({ phase }) => phase !== "failed" && phase !== "cancelled");
    const size = counted.reduce((sum, { file }) => sum + file.size, 0);
    const transferred = counted.reduce((sum, transfer) => sum + (transfer.phase === "done" ? transfer.file.size : transfer.transferred), 0);
    const outcomes = [
      count("done") > 0 ? `${formatCount(count("done"), "file")} uploaded` : "",
      count("failed") > 0 ? `${count("failed")} failed` : "",
      count("cancelled") > 0 ? `${count("cancelled")} cancelled` : "",
    ].filter(Boolean);

    byId<"button">("cancel-all").hidden = active < 2;
    byId<"button">("clear-finished").hidden = active === all.length;
    document.title = active > 0 ? `${percent(transferred, size)} % · azure-files demo` : "azure-files demo";
    if (active === 0) {
      totals.textContent = outcomes.join(", ");
      if ((wasBusy || begun) && outcomes.length > 0) {
        const failed = all.findLast(({ phase }) => phase === "failed");
        announce(`${outcomes.join(", ")}.${failed ? ` ${failed.path}: ${explain(failed.error).title}.` : ""}`);
      }
    } else {
      const rate = all.reduce(
        (sum, transfer) => sum + (transfer.phase === "sending" ? (transfer.meter.rate(performance.now()) ?? 0) : 0),
        0,
      );
      const left = rate > 0 ? `, ${formatTimeLeft((size - transferred) / rate)}` : "";
      totals.textContent = `${formatCount(active, "file")} to go, ${formatBytes(transferred)} of ${formatBytes(size)}`;
      if (!wasBusy) announce(`Sending ${formatCount(active, "file")}, ${formatBytes(size)}.`);
      else announceProgress(`${percent(transferred, size)} per cent sent${left}.`);
    }
    wasBusy = active > 0;
    begun = false;
  }

  function redraw(): void {
    timer = undefined;
    const all = queue().transfers;
    const current = new Set(all);
    for (const [transfer, row] of rows) {
      if (current.has(transfer)) continue;
      row.node.remove();
      rows.delete(transfer);
    }
    for (const transfer of changed) if (current.has(transfer)) (rows.get(transfer) ?? addRow(transfer)).update();
    changed.clear();
    area.hidden = all.length === 0;
    tell(all);
    // Rates and times left change while nothing arrives, too.
    for (const transfer of all) if (transfer.phase === "sending") changed.add(transfer);
    if (changed.size > 0) schedule(5 * REDRAW);
  }

  function schedule(delay: number): void {
    const at = performance.now() + delay;
    if (timer !== undefined && due <= at) return;
    clearTimeout(timer);
    due = at;
    timer = setTimeout(redraw, delay);
  }

  function touch(transfer: Transfer): void {
    changed.add(transfer);
    begun ||= transfer.phase === "waiting" || transfer.phase === "sending";
    schedule(transfer.phase === "sending" ? REDRAW : 0);
  }

  byId<"button">("cancel-all").addEventListener("click", () => {
    for (const transfer of queue().transfers) queue().cancel(transfer);
    // Both buttons go when their work is done; the focus goes where the next step is.
    byId("clear-finished").hidden = false;
    byId("clear-finished").focus();
  });
  byId<"button">("clear-finished").addEventListener("click", () => {
    queue().clearFinished();
    redraw();
    byId("choose-files").focus();
  });
  return touch;
}
