/** A caller for emulator tests: signs with Shared Key from scratch, so that neither client nor emulator code is its own judge. */
import { createHmac } from "node:crypto";
import { createEmulator, type Emulator, type EmulatorOptions } from "../../../src/simulation/index.js";

export const startTime = Date.UTC(2026, 0, 1, 12, 0, 0);

export interface CallOptions {
  readonly headers?: Record<string, string>;
  readonly body?: Uint8Array<ArrayBuffer> | string;
  /** A SAS to send instead of a signature. */
  readonly sas?: string;
  readonly version?: string;
  /** Send nothing that says who calls. */
  readonly anonymous?: boolean;
}

export interface Caller {
  readonly emulator: Emulator;
  /** Moves the clock, in milliseconds. */
  advance(milliseconds: number): void;
  call(method: string, path: string, options?: CallOptions): Promise<Response>;
}

export function hmac(key: string, text: string): string {
  return createHmac("sha256", Buffer.from(key, "base64")).update(text, "utf8").digest("base64");
}

export function createCaller(options: EmulatorOptions = {}): Caller {
  let now = startTime;
  const emulator = createEmulator({ clock: { now: () => now }, random: () => 0.5, ...options });
  return {
    emulator,
    advance: (milliseconds) => {
      now += milliseconds;
    },
    call: async (method, path, { headers = {}, body, sas, version = "2026-10-06", anonymous = false } = {}) => {
      const url = new URL(emulator.endpoint + path);
      const all = new Headers({ "x-ms-version": version, ...headers });
      const bytes = typeof body === "string" ? new TextEncoder().encode(body) : body;
      if (sas !== undefined) url.search += (url.search ? "&" : "?") + sas;
      else if (!anonymous) {
        if (!all.has("x-ms-date")) all.set("x-ms-date", new Date(now).toUTCString());
        const own = [...all].filter(([name]) => name.startsWith("x-ms-")).sort(([a], [b]) => (a < b ? -1 : 1));
        const query = [...url.searchParams].map(([name, value]) => `\n${name.toLowerCase()}:${value}`).sort();
        const text = [
          method,
          "",
          "",
          bytes && bytes.length > 0 ? String(bytes.length) : "",
          all.get("content-md5") ?? "",
          all.get("content-type") ?? "",
          "",
          "",
          "",
          "",
          "",
          all.get("range") ?? "",
          own.map(([name, value]) => `${name}:${value}\n`).join("") + `/${emulator.account}${url.pathname}${query.join("")}`,
        ].join("\n");
        all.set("authorization", `SharedKey ${emulator.account}:${hmac(emulator.key, text)}`);
      }
      return emulator.fetch(url, { method, headers: all, ...(bytes ? { body: bytes } : {}) });
    },
  };
}

/** A caller whose account has the share `docs`. */
export async function createShareCaller(options: EmulatorOptions = {}): Promise<Caller> {
  const caller = createCaller(options);
  await caller.call("PUT", "/docs?restype=share");
  return caller;
}

/** Creates a file of `size` bytes, all zero and not allocated. */
export async function createFile(caller: Caller, path: string, size: number, headers: Record<string, string> = {}): Promise<Response> {
  return caller.call("PUT", path, { headers: { "x-ms-type": "file", "x-ms-content-length": String(size), ...headers } });
}

/** Writes text at an offset. */
export async function putRange(
  caller: Caller,
  path: string,
  offset: number,
  body: string,
  headers: Record<string, string> = {},
): Promise<Response> {
  return caller.call("PUT", `${path}?comp=range`, {
    body,
    headers: { "x-ms-write": "update", "x-ms-range": `bytes=${offset}-${offset + body.length - 1}`, ...headers },
  });
}

/** Status and error code of an answer. */
export async function errorCode(answer: Promise<Response>): Promise<[status: number, code: string | null]> {
  const response = await answer;
  await response.arrayBuffer();
  return [response.status, response.headers.get("x-ms-error-code")];
}
