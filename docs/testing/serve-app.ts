/** Builds the guide's page and serves it on 127.0.0.1, in place of an application's own server. */
import { fileURLToPath } from "node:url";
import { build, preview } from "vite";

const root: string = fileURLToPath(new URL("app", import.meta.url));
const outDir: string = fileURLToPath(new URL("../../out/guide-app", import.meta.url));

/** Serves the page until it is disposed of. */
export async function serveApp(): Promise<AsyncDisposable & { readonly url: string }> {
  const common = { configFile: false, root, logLevel: "warn" } as const;
  await build({ ...common, build: { outDir, emptyOutDir: true, target: "es2022" } });
  const server = await preview({ ...common, build: { outDir }, preview: { host: "127.0.0.1", port: 0 } });
  const url = server.resolvedUrls?.local[0];
  if (url === undefined) throw new Error("The preview server has no address.");
  return { url, [Symbol.asyncDispose]: () => server.close() };
}
