/** The page: a list of files with what Uppy knows of each, and buttons for what it can do. Uppy's Dashboard would take this place. */
import Uppy from "@uppy/core";
import { connect, sas } from "azure-files";
import { AzureFiles } from "./azure-files.js";

const { endpoint, share } = document.body.dataset;
const uppy = new Uppy().use(AzureFiles, {
  connection: connect({
    endpoint: endpoint ?? "",
    share: share ?? "",
    // From your own server, which mints it with `azure-files/sas`; asked again before it runs out.
    credential: sas(async () => (await fetch("/api/sas")).text()),
  }),
});

const input = document.querySelector("input") as HTMLInputElement;
input.addEventListener("change", () => {
  uppy.addFiles([...(input.files ?? [])].map((file) => ({ name: file.name, type: file.type, data: file })));
  input.value = "";
});

const buttons: Record<string, () => void> = {
  send: () => void uppy.upload(),
  pause: () => uppy.pauseAll(),
  resume: () => uppy.resumeAll(),
  retry: () => void uppy.retryAll(),
  cancel: () => uppy.cancelAll(),
};
for (const [name, act] of Object.entries(buttons)) document.getElementById(name)?.addEventListener("click", act);

uppy.on("state-update", () => {
  const lines = uppy.getFiles().map((file) => {
    const { uploadComplete, percentage = 0 } = file.progress;
    const state = file.error ?? (uploadComplete ? "done" : `${percentage} %${file.isPaused ? ", paused" : ""}`);
    const line = document.createElement("li");
    line.textContent = `${file.name}: ${state}`;
    return line;
  });
  document.getElementById("files")?.replaceChildren(...lines);
});
