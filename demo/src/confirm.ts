/** The question before a deletion, as a dialog of the browser's own: it traps the focus, and Escape means no. */
import { byId } from "./element.js";

/** Asks, and resolves with whether the answer was yes. */
export function confirmDelete(title: string, text: string): Promise<boolean> {
  const dialog = byId<"dialog">("confirm");
  byId("confirm-title").textContent = title;
  byId("confirm-text").textContent = text;
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
  });
}
