/**
 * What travels from a call to the network. Types only: this file compiles to nothing.
 *
 * A wire request is a plain object and not a WHATWG `Request`, because each `Request` that is built copies its body.
 */

/** Operations on the service itself. */
export type ServiceOperation = "List Shares" | "Get File Service Properties" | "Set File Service Properties" | "Get User Delegation Key";

/** Operations on shares. */
export type ShareOperation =
  | "Create Share"
  | "Get Share Properties"
  | "Set Share Properties"
  | "Get Share Metadata"
  | "Set Share Metadata"
  | "Delete Share"
  | "Restore Share"
  | "Snapshot Share"
  | "Get Share ACL"
  | "Set Share ACL"
  | "Get Share Stats"
  | "Create Permission"
  | "Get Permission"
  | "Acquire Share Lease"
  | "Renew Share Lease"
  | "Change Share Lease"
  | "Release Share Lease"
  | "Break Share Lease";

/** Operations on directories, and the two on handles, which are the same for files. */
export type DirectoryOperation =
  | "Create Directory"
  | "Get Directory Properties"
  | "Set Directory Properties"
  | "Get Directory Metadata"
  | "Set Directory Metadata"
  | "Delete Directory"
  | "Rename Directory"
  | "List Directories and Files"
  | "List Handles"
  | "Force Close Handles";

/** Operations on files. */
export type FileOperation =
  | "Create File"
  | "Get File"
  | "Get File Properties"
  | "Set File Properties"
  | "Get File Metadata"
  | "Set File Metadata"
  | "Delete File"
  | "Rename File"
  | "Copy File"
  | "Abort Copy File"
  | "Put Range"
  | "Clear Range"
  | "Put Range from URL"
  | "List Ranges"
  | "Acquire File Lease"
  | "Change File Lease"
  | "Release File Lease"
  | "Break File Lease"
  | "Create Symbolic Link"
  | "Get Symbolic Link"
  | "Create Hard Link";

/**
 * The name of a FileREST operation, as Microsoft's REST reference titles it. Its pages "Lease Share" and "Lease File" each describe
 * several operations, which have names of their own here, and so have the two halves of "Put Range".
 */
export type OperationName = ServiceOperation | ShareOperation | DirectoryOperation | FileOperation;

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
  | "copyid"
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
  | "x-ms-copy-action"
  | "x-ms-copy-source"
  | "x-ms-copy-source-authorization"
  | "x-ms-date"
  | "x-ms-delete-snapshots"
  | "x-ms-deleted-share-name"
  | "x-ms-deleted-share-version"
  | "x-ms-destination-lease-id"
  | "x-ms-enable-smb-directory-lease"
  | "x-ms-enable-snapshot-virtual-directory-access"
  | "x-ms-enabled-protocols"
  | "x-ms-file-attributes"
  | "x-ms-file-change-time"
  | "x-ms-file-copy-ignore-readonly"
  | "x-ms-file-copy-set-archive"
  | "x-ms-file-creation-time"
  | "x-ms-file-extended-info"
  | "x-ms-file-file-type"
  | "x-ms-file-last-write-time"
  | "x-ms-file-mode-copy-mode"
  | "x-ms-file-owner-copy-mode"
  | "x-ms-file-permission"
  | "x-ms-file-permission-copy-mode"
  | "x-ms-file-permission-format"
  | "x-ms-file-permission-key"
  | "x-ms-file-property-semantics"
  | "x-ms-file-rename-ignore-readonly"
  | "x-ms-file-rename-replace-if-exists"
  | "x-ms-file-rename-source"
  | "x-ms-file-request-intent"
  | "x-ms-file-support-rename"
  | "x-ms-file-target-file"
  | "x-ms-group"
  | "x-ms-handle-id"
  | "x-ms-lease-action"
  | "x-ms-lease-break-period"
  | "x-ms-lease-duration"
  | "x-ms-lease-id"
  | "x-ms-link-text"
  | "x-ms-mode"
  | "x-ms-owner"
  | "x-ms-proposed-lease-id"
  | "x-ms-range"
  | "x-ms-range-get-content-md5"
  | "x-ms-recursive"
  | "x-ms-root-squash"
  | "x-ms-share-paid-bursting-enabled"
  | "x-ms-share-paid-bursting-max-bandwidth-mibps"
  | "x-ms-share-paid-bursting-max-iops"
  | "x-ms-share-provisioned-bandwidth-mibps"
  | "x-ms-share-provisioned-iops"
  | "x-ms-share-quota"
  | "x-ms-source-allow-trailing-dot"
  | "x-ms-source-content-crc64"
  | "x-ms-source-if-match-crc64"
  | "x-ms-source-if-none-match-crc64"
  | "x-ms-source-lease-id"
  | "x-ms-source-range"
  | "x-ms-structured-body"
  | "x-ms-structured-content-length"
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
