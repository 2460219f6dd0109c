// The smallest page that uploads: every option of an upload is in reach, and nothing else.
import { connect, sas } from "azure-files";
import { upload } from "azure-files/streaming";

const connection = connect({
  endpoint: location.hash.slice(1),
  share: "inbox",
  credential: sas(() => fetch("/api/sas").then((response) => response.text())),
});
document.querySelector("input").addEventListener("change", ({ target }) => {
  const [file] = target.files;
  void upload(connection, { path: file.name, body: file, onProgress: ({ transferred, total }) => console.log(transferred, total) });
});
