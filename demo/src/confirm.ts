/** The question before a deletion, as a dialog of the browser's own: it keeps the focus inside, and Escape means no. */
import { byId } from "./element.js";

/** Asks, and resolves with whether the answer was yes. */
export function confirmDelete(title: string, text: string): Promise<boolean> {
  const dialog = byId<"dialog">("confirm");
  byId("confirm-title").textContent = title;
  byId("confirm-text").textContent = text;
  dialog.showModal();
  return new Promise((resolve) => {
    const answered = new AbortController();
    const answer = (yes: boolean): void => {
      answered.abort();
      resolve(yes);
    };
    const { signal } = answered;
    dialog.addEventListener("submit", (event) => answer((event.submitter as HTMLButtonElement | null)?.value === "yes"), { signal });
    dialog.addEventListener("cancel", () => answer(false), { signal });
    // "close" comes later than the closing: the next question may be open by then, and this is no answer to it.
    dialog.addEventListener("close", () => !dialog.open && answer(false), { signal });
  });
}
