/** One request inside the pipeline, and what an operation answers. */
import type { Identity } from "./access.js";
import type { RequestBody } from "./body.js";
import type { Pair } from "./failures.js";
import type { Sign } from "./hmac.js";
import type { Account } from "./state.js";
import type { Target } from "./target.js";

/** An authorised, validated request, as operations see it. */
export interface Exchange {
  readonly account: Account;
  readonly target: Target;
  readonly method: string;
  readonly headers: Headers;
  readonly body: RequestBody;
  readonly identity: Identity;
  /** The service version that shapes the answer. */
  readonly version: string;
  /** Aborts what is still being streamed. */
  readonly signal: AbortSignal;
  /** MD5 of some bytes. */
  readonly md5: (bytes: Uint8Array) => Uint8Array;
  /** Makes a random id, for leases and copies. */
  readonly guid: () => string;
  /** Answers another request to this emulator: how the source of a copy is read, with the authorisation that its URL carries. */
  readonly dispatch: (request: Request) => Promise<Response>;
  /** Signs a text with the account's key. */
  readonly signForOwner: Sign;
}

/** An answer before the common headers. Without `Content-Length` among its headers the length is left to the carrier. */
export interface Reply {
  readonly status: number;
  readonly headers: readonly Pair[];
  readonly body?: Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array<ArrayBuffer>>;
}

/** An answer without a body. */
export function emptyReply(status: number, headers: readonly Pair[] = []): Reply {
  return { status, headers: [...headers, ["Content-Length", "0"]] };
}

/** An answer with XML. The service sends these in chunks, so no length is named. */
export function xmlReply(body: Uint8Array<ArrayBuffer>, headers: readonly Pair[] = []): Reply {
  return { status: 200, headers: [["Content-Type", "application/xml"], ...headers], body };
}
