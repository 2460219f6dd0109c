/**
 * An Azure Files account in memory, behind a fetch handler: `createEmulator().fetch` answers as the service does.
 *
 * Written from Microsoft's REST reference and from recorded traffic of the real service; it shares spelling (types) with the client and
 * no logic, so neither can hide the other's mistakes. Plain web platform code: it runs in a page, a worker, Node, Deno, Bun and workerd.
 * Service versions from 2014-02-14 on are accepted; answers have the shape of 2026-10-06 where an older one did not differ in a way
 * that recordings show.
 *
 * ## Gaps
 * - Operations: service properties, user delegation keys, share snapshots, leases, access policies, permissions, restore, copy, rename,
 *   Put Range From URL, handles, links and NFS shares. Their words get the answer of unknown words (400); the headers
 *   `x-ms-copy-source`, `x-ms-file-rename-source` and `x-ms-structured-body` get 400 `UnsupportedHeader`.
 * - Bearer tokens and user delegation SAS are refused; a stored access policy (`si`) is never found.
 * - Security descriptors are kept as text under a key of their own; the binary form is refused.
 * - The quota of a share is kept and not enforced.
 * - Duplicate metadata headers: fetch joins them before anyone can count them.
 *
 * ## By design
 * - A deleted share's name is free at once, changes are visible at once, nothing is throttled, and `timeout` is not simulated.
 * - `sip` of a SAS is checked where the mount says who calls (`handle(request, { clientAddress })`).
 * - Conditional headers are ignored: Files defines none.
 * - Device names such as `CON` are allowed.
 * - A download that is being streamed sees writes that happen meanwhile, but keeps the old bytes when the file is created anew.
 *
 * ## Quirks kept
 * - Set File Properties without HTTP properties clears all six, unless it changes the size.
 * - A bad `comp` is reported as a bad `restype`, by a front end that names no version.
 * - `%2F` in a path separates; dot segments are resolved by `Request` before anyone sees them.
 * - What had all its metadata taken away says `x-ms-server-encrypted: false` from then on, and so does a share's root.
 * - Trailing dots are cut off unless `x-ms-allow-trailing-dot` says otherwise.
 * - A Shared Key may be signed with headers in the service's culture order or in that of character codes.
 *
 * @module
 */
import { md5 } from "@noble/hashes/legacy.js";
import { defaultCorsRules, type CorsRule } from "./cors.js";
import { signer } from "./hmac.js";
import { respond, type HandleContext, type Service } from "./pipeline.js";
import { Account } from "./state.js";
import { bytesOfBase64 } from "./text.js";
import { TickClock } from "./time.js";

export type { CorsRule } from "./cors.js";
export type { HandleContext } from "./pipeline.js";

/** How an emulator is set up. Everything has a default. */
export interface EmulatorOptions {
  /** Account name. @default "devstoreaccount1" */
  readonly account?: string | undefined;
  /** Account key, base64. @default the public key that Microsoft's storage emulators share */
  readonly key?: string | undefined;
  /** Where clients believe the account to be; any origin is answered. @default "http://127.0.0.1:10004/devstoreaccount1" */
  readonly endpoint?: string | undefined;
  /** Gives the time in milliseconds since 1970. @default Date */
  readonly clock?: { now(): number } | undefined;
  /** Gives numbers from 0 up to 1, for request ids. @default Math.random */
  readonly random?: (() => number) | undefined;
  /** Cross-origin rules. @default one rule: all origins, GET HEAD PUT DELETE OPTIONS, headers `x-ms-*` and `content-type`, exposing `x-ms-*`, `ETag` and `Content-Range`, 300 seconds */
  readonly cors?: readonly CorsRule[] | undefined;
  /** Computes MD5 where something faster is at hand, such as Node's crypto. @default plain code, some 90 MB/s */
  readonly md5?: ((bytes: Uint8Array) => Uint8Array) | undefined;
}

/** An Azure Files account in memory. */
export interface Emulator {
  /** Account name. */
  readonly account: string;
  /** Account key, base64. */
  readonly key: string;
  /** The account's address, without a slash at the end. */
  readonly endpoint: string;
  /** What official clients take: account, key and endpoint in one text. */
  readonly connectionString: string;
  /** Requests answered since the emulator was made, preflights included. */
  readonly requestCount: number;
  /** Cross-origin rules in force. */
  readonly cors: readonly CorsRule[];
  /** Answers a request, like `fetch`; give it to `connect({ fetch })`. Rejects with the reason of an aborted signal. */
  readonly fetch: (input: Request | string | URL, init?: RequestInit) => Promise<Response>;
  /** Answers a request for a server, which knows who calls. */
  readonly handle: (request: Request, context?: HandleContext) => Promise<Response>;
  /** Replaces the cross-origin rules. */
  setCors(rules: readonly CorsRule[]): void;
  /** Forgets all shares; account, key, rules and count stay. */
  reset(): void;
}

// Published by Microsoft for local storage emulators; it protects nothing.
const wellKnownKey = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

/**
 * Makes an empty account.
 *
 * @throws TypeError when the key is not base64, or the endpoint not a URL.
 * @example
 * const emulator = createEmulator();
 * const connection = connect({ endpoint: emulator.endpoint, credential, fetch: emulator.fetch });
 */
export function createEmulator(options: EmulatorOptions = {}): Emulator {
  const { account: name = "devstoreaccount1", key = wellKnownKey, clock, random = Math.random, md5: hash = md5 } = options;
  const keyBytes = bytesOfBase64(key);
  if (!keyBytes || keyBytes.length === 0) throw new TypeError("The account key is not base64.");
  const endpoint = new URL(options.endpoint ?? `http://127.0.0.1:10004/${name}`).href.replace(/\/+$/, "");
  const ticks = new TickClock(() => (clock ?? Date).now());
  const hexDigits = (count: number): string => Array.from({ length: count }, () => Math.floor(random() * 16).toString(16)).join("");
  let account = new Account(name, ticks);
  let rules = options.cors ?? defaultCorsRules;
  let requestCount = 0;
  const service: Service = {
    get account() {
      return account;
    },
    get rules() {
      return rules;
    },
    sign: signer(keyBytes),
    md5: hash,
    newRequestId: () => `${hexDigits(8)}-${hexDigits(4)}-${hexDigits(4)}-${hexDigits(4)}-${hexDigits(4)}15000000`,
  };
  const handle = async (request: Request, context: HandleContext = {}): Promise<Response> => {
    requestCount++;
    return respond(service, request, context);
  };
  return {
    account: name,
    key,
    endpoint,
    connectionString: `DefaultEndpointsProtocol=${new URL(endpoint).protocol.slice(0, -1)};AccountName=${name};AccountKey=${key};FileEndpoint=${endpoint};`,
    get requestCount() {
      return requestCount;
    },
    get cors() {
      return rules;
    },
    handle,
    fetch: async (input, init) => {
      // Wrapping a request again would copy its body.
      const request = input instanceof Request && init === undefined ? input : new Request(input, init);
      request.signal.throwIfAborted();
      const response = await handle(request);
      request.signal.throwIfAborted();
      return response;
    },
    setCors: (next) => {
      rules = next;
    },
    reset: () => {
      account = new Account(name, ticks);
    },
  };
}
