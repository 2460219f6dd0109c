/** A caller for emulator tests: signs with Shared Key from scratch, so that neither client nor emulator code is its own judge. */
import { createHmac } from "node:crypto";
import { createEmulator, type Emulator, type EmulatorOptions } from "../../../src/simulation/index.js";

export const startTime: number = Date.UTC(2026, 0, 1, 12, 0, 0);

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
  /** The request that `call` would send. */
  signed(method: string, path: string, options?: CallOptions): Request;
}

export function hmac(key: string, text: string): string {
  return createHmac("sha256", Buffer.from(key, "base64")).update(text, "utf8").digest("base64");
}

export function createCaller(options: EmulatorOptions = {}): Caller {
  let now = startTime;
  const emulator = createEmulator({ clock: { now: () => now }, random: () => 0.5, ...options });
  const signed: Caller["signed"] = (method, path, { headers = {}, body, sas, version = "2026-10-06", anonymous = false } = {}) => {
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
        all.get("content-encoding") ?? "",
        all.get("content-language") ?? "",
        bytes && bytes.length > 0 ? String(bytes.length) : "",
        all.get("content-md5") ?? "",
        all.get("content-type") ?? "",
        "", // Date, which x-ms-date replaces
        "", // four conditions, which Files does not know
        "",
        "",
        "",
        all.get("range") ?? "",
        own.map(([name, value]) => `${name}:${value}\n`).join("") + `/${emulator.account}${url.pathname}${query.join("")}`,
      ].join("\n");
      all.set("authorization", `SharedKey ${emulator.account}:${hmac(emulator.key, text)}`);
    }
    return new Request(url, { method, headers: all, ...(bytes ? { body: bytes } : {}) });
  };
  return {
    emulator,
    advance: (milliseconds) => {
      now += milliseconds;
    },
    signed,
    call: (method, path, options) => emulator.fetch(signed(method, path, options)),
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

/** An account SAS signed from scratch; `words` replaces or removes (undefined) its defaults. */
export function accountSas(caller: Caller, words: Record<string, string | undefined> = {}): string {
  const { account, key } = caller.emulator;
  const query: Record<string, string | undefined> = {
    sv: "2026-10-06",
    ss: "f",
    srt: "sco",
    sp: "rwdlc",
    se: "2027-01-01T00:00:00Z",
    ...words,
  };
  const lines = ["sp", "ss", "srt", "st", "se", "sip", "spr", "sv", ...((query["sv"] ?? "") >= "2020-12-06" ? ["ses"] : [])];
  return signedQuery(query, hmac(key, `${[account, ...lines.map((name) => query[name] ?? "")].join("\n")}\n`));
}

/** A service SAS for a share (`share`) or a file in it (`share/path`), signed from scratch. */
export function serviceSas(caller: Caller, resource: string, words: Record<string, string | undefined> = {}): string {
  const { account, key } = caller.emulator;
  const sr = resource.includes("/") ? "f" : "s";
  const query: Record<string, string | undefined> = { sv: "2026-10-06", sr, sp: "r", se: "2027-01-01T00:00:00Z", ...words };
  const value = (name: string): string => query[name] ?? "";
  const lines = [
    ...["sp", "st", "se"].map(value),
    `/file/${account}/${resource}`,
    ...["si", "sip", "spr", "sv", "rscc", "rscd", "rsce", "rscl", "rsct"].map(value),
  ];
  return signedQuery(query, hmac(key, lines.join("\n")));
}

function signedQuery(query: Record<string, string | undefined>, sig: string): string {
  return Object.entries({ ...query, sig })
    .filter((pair): pair is [string, string] => pair[1] !== undefined)
    .map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
    .join("&");
}
