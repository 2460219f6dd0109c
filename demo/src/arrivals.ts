/** The ways files come in: the two pickers, and a drop anywhere on the page. */
import { fromDrop, fromInput, type Arrivals } from "./dropped.js";
import { byId } from "./element.js";

function picker(button: string, input: string, take: (arrivals: Arrivals) => void): void {
  const chooser = byId<"input">(input);
  byId(button).addEventListener("click", () => chooser.click());
  chooser.addEventListener("change", () => {
    take(fromInput(chooser));
    // Otherwise choosing the same file again would change nothing, and tell nobody.
    chooser.value = "";
  });
}

/** Listens to pickers and drops. The whole page takes drops: a file dropped beside the zone must not replace the page. */
export function acceptArrivals(take: (arrivals: Arrivals) => void, fail: (error: unknown) => void): void {
  picker("choose-files", "files", take);
  picker("choose-folder", "folder", take);

  const zone = byId("drop");
  const carriesFiles = (event: DragEvent): boolean => event.dataTransfer?.types.includes("Files") ?? false;
  // Enter and leave come for every element on the way, so the depth is counted.
  let depth = 0;
  addEventListener("dragenter", (event) => {
    if (!carriesFiles(event)) return;
    depth += 1;
    zone.classList.add("over");
  });
  addEventListener("dragleave", (event) => {
    if (!carriesFiles(event)) return;
    depth -= 1;
    if (depth === 0) zone.classList.remove("over");
  });
  addEventListener("dragover", (event) => {
    if (!carriesFiles(event) || !event.dataTransfer) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = "copy";
  });
  addEventListener("drop", (event) => {
    if (!carriesFiles(event) || !event.dataTransfer) return;
    event.preventDefault();
    depth = 0;
    zone.classList.remove("over");
    fromDrop(event.dataTransfer).then(take, fail);
  });
}
