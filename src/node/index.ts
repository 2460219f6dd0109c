/** What only Node can do: files on disk as bodies and targets of transfers, serving the emulator over HTTP, recordings on disk. */
export { serve } from "./serve.js";
export type { Served, ServedHttp, ServeOptions } from "./serve.js";
export { fromPath } from "./file-source.js";
export { toPath, type ToPathOptions } from "./file-sink.js";
export { loadHar, type LoadedHar, saveHar } from "./har-files.js";
