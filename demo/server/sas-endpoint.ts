/**
 * The demo's server: two addresses that issue a SAS, added to Vite's own development and preview servers.
 *
 * - `POST /api/sas` (or GET) answers `{ endpoint, share, token, expires }`: what the page works with.
 * - `GET /api/link?path=…` answers `{ url, expires }`: a read-only link to one file, which the browser saves.
 *
 * No byte of a file passes through here. A real server does one thing more: before it issues a SAS it looks who is asking.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Connect, Plugin } from "vite";
import { ensureShare, fileLink, pageSas, type ShareSettings } from "./links.js";

function answer(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { "content-type": "application/json", "cache-control": "no-store" });
  response.end(JSON.stringify(body));
}

/** Answers the two addresses, and leaves all others to the next handler. */
function handler(settings: ShareSettings): Connect.NextHandleFunction {
  let share: Promise<void> | undefined;
  /** The share is made at the first use; where that fails the next request tries again. */
  const ready = (): Promise<void> => {
    share ??= ensureShare(settings).catch((error: unknown) => {
      share = undefined;
      throw error;
    });
    return share;
  };
  // At the start, so that a wrong key or address shows in the terminal and not only in the page.
  ready().catch((error: unknown) =>
    console.warn(`The demo cannot reach its share yet: ${error instanceof Error ? error.message : String(error)}`),
  );

  async function serve(request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> {
    if (request.method !== "GET" && request.method !== "POST") return answer(response, 405, { error: "Use GET or POST." });
    await ready();
    if (url.pathname === "/api/sas") return answer(response, 200, await pageSas(settings));
    const path = url.searchParams.get("path") ?? "";
    if (path.split("/").some((part) => part === "" || part === "." || part === "..")) {
      return answer(response, 400, { error: "The path of a file is missing or malformed." });
    }
    return answer(response, 200, await fileLink(settings, path));
  }

  return (request, response, next) => {
    const url = new URL(request.url ?? "/", "http://localhost");
    if (url.pathname !== "/api/sas" && url.pathname !== "/api/link") return next();
    serve(request, response, url).catch((error: unknown) => {
      // The library's messages carry no secrets, so the page may have them.
      answer(response, 502, { error: error instanceof Error ? error.message : "Unknown error." });
    });
  };
}

/** A Vite plugin that serves the two addresses in `vite` and `vite preview`. */
export function sasEndpoint(settings: ShareSettings): Plugin {
  return {
    name: "azure-files-demo:sas",
    configureServer({ middlewares }) {
      middlewares.use(handler(settings));
    },
    configurePreviewServer({ middlewares }) {
      middlewares.use(handler(settings));
    },
  };
}
