/**
 * What travels from a call to the network. Types only: this file compiles to nothing.
 *
 * A wire request is a plain object and not a WHATWG `Request`, because each `Request` that is built copies its body.
 */

/** The name of a FileREST operation, as Microsoft's REST reference titles it. */
export type OperationName =
  | "List Shares"
  | "Create Share"
  | "Get Share Properties"
  | "Delete Share"
  | "Create Directory"
  | "Get Directory Properties"
  | "Delete Directory"
  | "List Directories and Files"
  | "Create File"
  | "Get File"
  | "Get File Properties"
  | "Delete File"
  | "Set File Properties"
  | "Set File Metadata"
  | "Put Range"
  | "Clear Range"
  | "List Ranges";

/** HTTP methods that FileREST uses. */
export type Method = "GET" | "HEAD" | "PUT" | "DELETE" | "POST";

/** Query words that the client sends; those of a SAS come with its token. */
export type QueryName =
  | "comp"
  | "restype"
  | "prefix"
  | "marker"
  | "maxresults"
  | "include"
  | "sharesnapshot"
  | "prevsharesnapshot"
  | "timeout";

/** Request headers of FileREST, in lower case. */
export type RequestHeaderName =
  | "authorization"
  | "content-length"
  | "content-md5"
  | "content-type"
  | "x-ms-access-tier"
  | "x-ms-allow-trailing-dot"
  | "x-ms-cache-control"
  | "x-ms-client-request-id"
  | "x-ms-content-disposition"
  | "x-ms-content-encoding"
  | "x-ms-content-language"
  | "x-ms-content-length"
  | "x-ms-content-md5"
  | "x-ms-content-type"
  | "x-ms-date"
  | "x-ms-delete-snapshots"
  | "x-ms-enabled-protocols"
  | "x-ms-file-attributes"
  | "x-ms-file-change-time"
  | "x-ms-file-creation-time"
  | "x-ms-file-extended-info"
  | "x-ms-file-last-write-time"
  | "x-ms-file-permission"
  | "x-ms-file-permission-format"
  | "x-ms-file-permission-key"
  | "x-ms-file-request-intent"
  | "x-ms-file-support-rename"
  | "x-ms-group"
  | "x-ms-lease-id"
  | "x-ms-mode"
  | "x-ms-owner"
  | "x-ms-range"
  | "x-ms-range-get-content-md5"
  | "x-ms-root-squash"
  | "x-ms-share-quota"
  | "x-ms-type"
  | "x-ms-version"
  | "x-ms-write"
  | `x-ms-meta-${string}`;

/** A body that can be sent again: bytes, or a `Blob` whose bytes the engine reads when it sends them. Never more than one range. */
export type WireBody = Uint8Array<ArrayBuffer> | Blob;

/** One try of one operation, on its way to the transport. Middleware returns changed copies and never alters one in place. */
export interface WireRequest {
  /** The operation this try belongs to. */
  readonly operation: OperationName;
  /** Which try of the operation this is, from 1. */
  readonly attempt: number;
  readonly method: Method;
  /** The whole URL with its query. After the credential has had its turn it may carry a SAS. */
  readonly url: string;
  /** Header values by lower-case name. `content-length` is set only where the runtime lets us. */
  readonly headers: Readonly<Record<string, string>>;
  /** Not to be kept beyond the answer: a transfer fills the same memory with its next range. */
  readonly body?: WireBody | undefined;
  /** Aborts this try; its reason is passed on untouched. */
  readonly signal: AbortSignal;
}
