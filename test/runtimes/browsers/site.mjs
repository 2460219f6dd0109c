// The site of the browser runs: one page under a strict Content-Security-Policy, one script, and where reports go.
import { createServer } from "node:http";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "vite";

/** Neither `eval` nor WebAssembly nor anything inline; requests may go anywhere, since where an account lives is not the page's to say. */
const POLICY = "default-src 'none'; script-src 'self'; worker-src 'self'; connect-src *; base-uri 'none'; form-action 'none'";

const PAGE = `<!doctype html><meta charset="utf-8"><title>conformance</title><link rel="icon" href="data:,"><script type="module" src="/stage.js"></script>`;

/** Bundles the cases of a scratch project, with the package that is installed in it, into one script for page and workers. */
async function bundle(directory) {
  const folder = join(directory, "browsers");
  await mkdir(folder, { recursive: true });
  const stage = relative(folder, fileURLToPath(new URL("stage.mjs", import.meta.url)));
  const entry = [
    `import { inProcess, overHttp } from "../conformance/places.js";`,
    `import { begin } from ${JSON.stringify(stage)};`,
    `begin({ inProcess, overHttp });`,
  ];
  await writeFile(join(folder, "entry.mjs"), `${entry.join("\n")}\n`);
  await build({
    configFile: false,
    root: folder,
    publicDir: false,
    logLevel: "warn",
    build: {
      outDir: join(folder, "site"),
      emptyOutDir: true,
      minify: false,
      target: "es2022",
      lib: { entry: join(folder, "entry.mjs"), formats: ["es"], fileName: () => "stage.js" },
    },
  });
  return readFile(join(folder, "site/stage.js"));
}

/**
 * Serves the site on a free port of 127.0.0.1. `scene` gives the address of a new run and what its page will report.
 *
 * @param {string} directory
 * @param {object} account
 */
export async function serveSite(directory, account) {
  const script = await bundle(directory);
  const waiting = new Map();
  const contents = {
    "/": ["text/html", PAGE],
    "/stage.js": ["text/javascript", script],
    "/account": ["application/json", JSON.stringify(account)],
  };
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url, "http://127.0.0.1");
    if (request.method === "POST" && pathname === "/report") {
      let text = "";
      request.setEncoding("utf8").on("data", (piece) => (text += piece));
      request.on("end", () => {
        waiting.get(searchParams.get("run"))?.(JSON.parse(text));
        response.writeHead(204).end();
      });
      return;
    }
    const [type, content] = contents[pathname] ?? ["text/plain", undefined];
    const status = content === undefined ? 404 : 200;
    response.writeHead(status, { "content-type": type, "content-security-policy": POLICY, "cache-control": "no-store" }).end(content);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const origin = `http://127.0.0.1:${server.address().port}`;
  let runs = 0;
  return {
    scene(place, over) {
      const run = String(++runs);
      const report = new Promise((resolve) => waiting.set(run, resolve)).finally(() => waiting.delete(run));
      return { url: `${origin}/?${new URLSearchParams({ place, over, run })}`, report };
    },
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}
