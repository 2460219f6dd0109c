/** One line of the queue: name, the strip of ranges, figures, and what can be done about it. */
import { element } from "./element.js";
import type { Explanation } from "./explain.js";
import { formatBytes, formatRate, formatTimeLeft, percent } from "./format.js";
import type { Transfer } from "./upload-queue.js";

const RANGE = 4 * 1024 * 1024;
const MOST_CELLS = 64;

export interface TransferRow {
  readonly node: HTMLLIElement;
  /** Shows the transfer as it is now. */
  update(): void;
}

export interface RowActions {
  cancel(): void;
  retry(): void;
  removeLeftover(): void;
  explain(error: unknown): Explanation;
}

/**
 * The written ranges as a background: each interval is a stretch of colour, so ranges that arrive out of order show as gaps.
 * A style and not a canvas, because it follows the theme and the width by itself.
 */
function paint(transfer: Transfer): string {
  const { size } = transfer.file;
  if (transfer.phase === "done" || size === 0) return transfer.phase === "done" ? "linear-gradient(var(--fill), var(--fill))" : "none";
  const written = transfer.upload?.state.written ?? [];
  if (written.length === 0) return "none";
  const stops = written.flatMap(({ start, end }) => {
    const from = `${(start / size) * 100}%`;
    const to = `${((end + 1) / size) * 100}%`;
    return [`transparent ${from}`, `var(--fill) ${from}`, `var(--fill) ${to}`, `transparent ${to}`];
  });
  return `linear-gradient(to right, ${stops.join(", ")})`;
}

function statusOf(transfer: Transfer): string {
  const { phase, transferred, file } = transfer;
  if (phase === "waiting") return "Waiting";
  const resumed = transfer.upload?.state.resumed ?? 0;
  const before = resumed > 0 ? `, ${formatBytes(resumed)} of it before` : "";
  if (phase === "done")
    return transfer.confirmed
      ? `Uploaded${before}`
      : "Uploaded. The share's answer could not be checked: its CORS rule exposes no headers to pages.";
  if (phase === "cancelled") {
    return transfer.leftover ? `Cancelled at ${percent(transferred, file.size)} %. An unfinished file is in the share.` : "Cancelled";
  }
  if (phase === "failed") return transfer.leftover ? "Failed. An unfinished file is in the share." : "Failed";
  const rate = transfer.meter.rate(performance.now());
  if (rate === undefined) return transferred === 0 ? "Starting" : "Sending";
  return `${formatRate(rate)}, ${formatTimeLeft((file.size - transferred) / rate)}`;
}

/** Makes the line for a transfer. */
export function createTransferRow(transfer: Transfer, actions: RowActions): TransferRow {
  const { path, file } = transfer;
  const label = path.split("/").at(-1) ?? path;
  const folder = path.slice(0, path.length - label.length);

  const strip = element("div", { class: "strip", "aria-hidden": "true" }, element("div", { class: "strip-fill" }));
  strip.style.setProperty("--cells", String(Math.min(MOST_CELLS, Math.max(1, Math.ceil(file.size / RANGE)))));
  const fill = strip.firstElementChild as HTMLElement;
  const progress = element("progress", { max: 100, value: 0, "aria-label": `Upload of ${path}` });
  const figures = element("span", { class: "figures" });
  const status = element("span", { class: "status" });
  const explanation = element("div", { class: "explanation", hidden: true });

  const button = (text: string, act: () => void): HTMLButtonElement =>
    element("button", { type: "button", class: "plain", "aria-label": `${text}: ${label}`, onclick: act }, text);
  const cancel = button("Cancel", actions.cancel);
  const retry = button("Try again", actions.retry);
  const remove = button("Remove unfinished file", actions.removeLeftover);

  const node = element(
    "li",
    { class: "transfer", tabindex: -1 },
    element(
      "div",
      { class: "transfer-line" },
      element("span", { class: "name", title: path }, folder && element("span", { class: "folder" }, folder), label),
      figures,
    ),
    strip,
    progress,
    element("div", { class: "transfer-line" }, status, element("span", { class: "row-actions" }, cancel, retry, remove)),
    explanation,
  );

  let shown: unknown;
  function showExplanation(): void {
    if (shown === transfer.error) return;
    shown = transfer.error;
    explanation.hidden = transfer.phase !== "failed";
    if (explanation.hidden) return;
    const { title, advice, technical } = actions.explain(transfer.error);
    explanation.replaceChildren(
      element("p", { class: "explanation-title" }, title),
      element("p", {}, advice),
      ...(technical ? [element("p", { class: "technical" }, technical)] : []),
    );
  }

  function update(): void {
    const { phase, transferred } = transfer;
    const focused = document.activeElement;
    node.dataset["phase"] = phase;
    fill.style.backgroundImage = paint(transfer);
    progress.value = phase === "done" ? 100 : percent(transferred, file.size);
    figures.textContent =
      phase === "done" || phase === "waiting" ? formatBytes(file.size) : `${formatBytes(transferred)} of ${formatBytes(file.size)}`;
    status.textContent = statusOf(transfer);
    const stopped = phase === "cancelled" || phase === "failed";
    cancel.hidden = phase !== "waiting" && phase !== "sending";
    retry.hidden = !stopped;
    remove.hidden = !stopped || !transfer.leftover;
    showExplanation();
    // A button that vanishes under the keyboard hands its focus on, or the reader would be thrown back to the top of the page.
    if (focused instanceof HTMLElement && focused.hidden && node.contains(focused))
      (stopped ? retry : cancel.hidden ? node : cancel).focus();
  }
  update();
  return { node, update };
}
