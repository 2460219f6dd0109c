/** What only Node can do: serving the emulator over HTTP. */
export { serve } from "./serve.js";
export type { Served, ServedHttp, ServeOptions } from "./serve.js";
export { fromPath } from "./file-source.js";
export { toPath, type ToPathOptions } from "./file-sink.js";
