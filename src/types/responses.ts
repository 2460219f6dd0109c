/**
 * What comes back from the network. Types only: this file compiles to nothing.
 */

/** The headers of a response; a WHATWG `Headers` is one. */
export interface WireHeaders {
  /** The value of a header by its name in any case, or null where there is none (or a page may not see it). */
  get(name: string): string | null;
  /** Calls back with value and lower-case name of each header that can be seen. */
  forEach(callback: (value: string, name: string) => void): void;
}

/** One answer; a WHATWG `Response` is one as it stands. */
export interface WireResponse {
  readonly status: number;
  readonly headers: WireHeaders;
  /** The body as it arrives, or null where there is none. */
  readonly body: ReadableStream<Uint8Array<ArrayBuffer>> | null;
}

/** Response headers of FileREST that the client reads, in lower case. */
export type ResponseHeaderName =
  | "accept-ranges"
  | "cache-control"
  | "content-disposition"
  | "content-encoding"
  | "content-language"
  | "content-length"
  | "content-md5"
  | "content-range"
  | "content-type"
  | "date"
  | "etag"
  | "last-modified"
  | "retry-after"
  | "x-ms-access-tier"
  | "x-ms-access-tier-change-time"
  | "x-ms-access-tier-transition-state"
  | "x-ms-client-request-id"
  | "x-ms-content-crc64"
  | "x-ms-content-length"
  | "x-ms-content-md5"
  | "x-ms-copy-completion-time"
  | "x-ms-copy-id"
  | "x-ms-copy-progress"
  | "x-ms-copy-source"
  | "x-ms-copy-source-error-code"
  | "x-ms-copy-source-status-code"
  | "x-ms-copy-status"
  | "x-ms-copy-status-description"
  | "x-ms-enable-smb-directory-lease"
  | "x-ms-enable-snapshot-virtual-directory-access"
  | "x-ms-enabled-protocols"
  | "x-ms-error-code"
  | "x-ms-file-attributes"
  | "x-ms-file-change-time"
  | "x-ms-file-creation-time"
  | "x-ms-file-file-type"
  | "x-ms-file-id"
  | "x-ms-file-last-write-time"
  | "x-ms-file-parent-id"
  | "x-ms-file-permission-key"
  | "x-ms-file-share-snapshot-usage-bytes"
  | "x-ms-file-share-usage-bytes"
  | "x-ms-group"
  | "x-ms-has-immutability-policy"
  | "x-ms-has-legal-hold"
  | "x-ms-lease-duration"
  | "x-ms-lease-id"
  | "x-ms-lease-state"
  | "x-ms-lease-status"
  | "x-ms-lease-time"
  | "x-ms-link-count"
  | "x-ms-link-text"
  | "x-ms-marker"
  | "x-ms-mode"
  | "x-ms-number-of-handles-closed"
  | "x-ms-number-of-handles-failed"
  | "x-ms-owner"
  | "x-ms-request-id"
  | "x-ms-request-server-encrypted"
  | "x-ms-root-squash"
  | "x-ms-server-encrypted"
  | "x-ms-share-included-burst-iops"
  | "x-ms-share-max-burst-credits-for-iops"
  | "x-ms-share-next-allowed-provisioned-bandwidth-downgrade-time"
  | "x-ms-share-next-allowed-provisioned-iops-downgrade-time"
  | "x-ms-share-next-allowed-quota-downgrade-time"
  | "x-ms-share-paid-bursting-enabled"
  | "x-ms-share-paid-bursting-max-bandwidth-mibps"
  | "x-ms-share-paid-bursting-max-iops"
  | "x-ms-share-provisioned-bandwidth-mibps"
  | "x-ms-share-provisioned-egress-mbps"
  | "x-ms-share-provisioned-ingress-mbps"
  | "x-ms-share-provisioned-iops"
  | "x-ms-share-quota"
  | "x-ms-snapshot"
  | "x-ms-structured-body"
  | "x-ms-structured-content-length"
  | "x-ms-type"
  | "x-ms-version"
  | `x-ms-meta-${string}`;
