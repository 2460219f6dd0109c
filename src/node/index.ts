/** What only Node can do: serving the emulator over HTTP. */
export { serve } from "./serve.js";
export type { Served, ServedHttp, ServeOptions } from "./serve.js";
