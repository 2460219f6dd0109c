/**
 * Mounts an emulator in Mock Service Worker: a page (or Node process) then has an Azure Files account with no server at all.
 *
 * @module
 */
import { http, type HttpHandler } from "msw";
import type { Emulator } from "./emulator/index.js";

/** How the emulator is mounted. */
export interface MswOptions {
  /** The address to answer for, with the account in it where the style is path style. @default the emulator's own endpoint */
  readonly endpoint?: string | URL | undefined;
}

/**
 * Handlers that answer every request to the emulator's address, preflights included.
 *
 * @throws TypeError when `endpoint` is not a URL.
 * @example
 * const worker = setupWorker(...mswHandlers(createEmulator()));
 */
export function mswHandlers(emulator: Emulator, options: MswOptions = {}): HttpHandler[] {
  const { origin, pathname } = new URL(options.endpoint ?? emulator.endpoint);
  const base = pathname.replace(/\/+$/, "");
  const isOurs = (url: URL): boolean => url.origin === origin && (url.pathname === base || url.pathname.startsWith(`${base}/`));
  return [
    http.all(
      ({ request }) => isOurs(new URL(request.url)),
      async ({ request }) => emulator.fetch(request),
    ),
  ];
}
