/**
 * What the emulator refuses with: a table of codes, and the exception that carries one to the end of the pipeline.
 *
 * Texts and statuses are those seen in recorded traffic; codes nobody recorded have the text of Microsoft's error pages' sense.
 *
 * @see https://learn.microsoft.com/rest/api/storageservices/file-service-error-codes
 */
import type { ErrorCode } from "../../types/error-codes.js";

/** Codes that need what the emulator does not have: the other half of the table, kept complete by the compiler. */
type NotProduced =
  | "AccountAlreadyExists"
  | "AccountBeingCreated"
  | "AccountIsDisabled"
  | "CannotDeleteFileOrDirectory"
  | "ClientCacheFlushDelay"
  | "ConditionHeadersNotSupported"
  | "ConditionNotMet"
  | "ContainerQuotaDowngradeNotAllowed"
  | "FileLockConflict"
  | "FileShareProvisionedBandwidthDowngradeNotAllowed"
  | "FileShareProvisionedIopsDowngradeNotAllowed"
  | "InsufficientAccountPermissions"
  | "InvalidHttpVerb"
  | "MultipleConditionHeadersNotSupported"
  | "OperationTimedOut"
  | "RequestUrlFailedToParse"
  | "ServerBusy"
  | "ShareDisabled"
  | "ShareSnapshotInProgress"
  | "ShareSnapshotOperationNotSupported"
  | "TotalSharesCountExceedsAccountLimit"
  | "TotalSharesProvisionedBandwidthExceedsAccountLimit"
  | "TotalSharesProvisionedCapacityExceedsAccountLimit"
  | "TotalSharesProvisionedIopsExceedsAccountLimit"
  | "CannotVerifyFileSnapshotSource"
  | "FileGenerationMismatch"
  | "FileOpenBySmbClient"
  | "FileShareAccessTierTransitionNotAllowed"
  | "FileSnapshotCountExceeded"
  | "FileSnapshotSourceSignedAccessNotSupported"
  | "HandleLimitExceeded"
  | "InvalidContinuationToken";

/** A code the emulator answers with. */
export type FailureCode = Exclude<ErrorCode, NotProduced>;

const table: Readonly<Record<FailureCode, readonly [status: number, message: string]>> = {
  AuthenticationFailed: [
    403,
    "Server failed to authenticate the request. Make sure the value of Authorization header is formed correctly including the signature.",
  ],
  AuthorizationFailure: [403, "This request is not authorized to perform this operation."],
  AuthorizationPermissionMismatch: [403, "This request is not authorized to perform this operation using this permission."],
  AuthorizationProtocolMismatch: [403, "This request is not authorized to perform this operation using this protocol."],
  AuthorizationResourceTypeMismatch: [403, "This request is not authorized to perform this operation using this resource type."],
  AuthorizationServiceMismatch: [403, "This request is not authorized to perform this operation using this service."],
  AuthorizationSourceIPMismatch: [403, "This request is not authorized to perform this operation using this source IP."],
  CannotConvertToSddlDueToCustomAce: [400, "The specified file permission has an entry that cannot be written as SDDL."],
  CannotVerifyCopySource: [404, "The copy source could not be verified."],
  CopyIdMismatch: [409, "The specified copy ID did not match the copy ID for the pending copy operation."],
  CorsPreflightFailure: [403, "CORS not enabled or no matching rule found for this request."],
  Crc64ConditionNotMet: [412, "The Crc64 condition specified was not met."],
  Crc64Mismatch: [400, "The CRC64 value specified in the request did not match with the CRC64 value calculated by the server."],
  DeletePending: [409, "The specified resource is marked for deletion by an SMB client."],
  DeleteShareWhenSnapshotLeased: [
    409,
    "Unable to delete share because one or more share snapshots have active leases. Release the share snapshot leases or delete the share with the include-leased parameter for x-ms-delete-snapshots.",
  ],
  DirectoryNotEmpty: [409, "The specified directory is not empty."],
  EmptyMetadataKey: [400, "The key for one of the metadata key-value pairs is empty."],
  FeatureNotSupportedOnStorageAccount: [400, "The feature is not supported on this kind of storage account."],
  FeatureVersionMismatch: [400, "The operation for this feature is not available in the requested version."],
  FileInvalidPermission: [400, "The specified file permission is not valid."],
  FileInvalidPermissionKey: [400, "The specified file permission key is not valid."],
  FileOAuthManagementApiRestrictedToSrp: [
    409,
    "This API does not support bearer tokens. For OAuth, use the Storage Resource Provider APIs instead. Learn more: https://aka.ms/azurefiles/restapi.",
  ],
  FileShareProvisionedBandwidthInvalid: [400, "The provisioned bandwidth of the share is outside the permissible range."],
  FileShareProvisionedIopsInvalid: [400, "The provisioned IOPS of the share are outside the permissible range."],
  FileShareProvisionedStorageInvalid: [400, "The provisioned storage of the share is outside the permissible range."],
  InternalError: [500, "The server encountered an internal error. Please retry the request."],
  InvalidAuthenticationInfo: [
    400,
    "Authentication information is not given in the correct format. Check the value of Authorization header.",
  ],
  InvalidFileOrDirectoryPathName: [400, "The specified file or directory path is too long or too deep."],
  InvalidHeaderValue: [400, "The value for one of the HTTP headers is not in the correct format."],
  InvalidInput: [400, "One of the request inputs is not valid."],
  InvalidMd5: [400, "The MD5 value specified in the request is invalid. MD5 value must be 128 bits and base64-encoded."],
  InvalidMetadata: [400, "The metadata specified is invalid. It has characters that are not permitted."],
  InvalidQueryParameterValue: [400, "Value for one of the query parameters specified in the request URI is invalid."],
  InvalidRange: [416, "The range specified is invalid for the current size of the resource."],
  // The missing "i" is the service's own.
  InvalidResourceName: [400, "The specifed resource name contains invalid characters."],
  InvalidUri: [400, "The requested URI does not represent any resource on the server."],
  InvalidXmlDocument: [400, "XML specified is not syntactically valid."],
  InvalidXmlNodeValue: [400, "The value for one of the XML nodes is not in the correct format."],
  LeaseAlreadyPresent: [409, "There is already a lease present."],
  LeaseIdMismatchWithContainerOperation: [412, "The lease ID specified did not match the lease ID for the file share."],
  LeaseIdMismatchWithFileOperation: [412, "The lease ID specified did not match the lease ID for the file."],
  LeaseIdMismatchWithLeaseOperation: [409, "The lease ID specified did not match the lease ID for the file."],
  LeaseIdMissing: [412, "There is currently a lease on the file and no lease ID was specified in the request."],
  LeaseIsBreakingAndCannotBeAcquired: [
    409,
    "The lease ID matched, but the lease is currently in breaking state and cannot be acquired until it is broken.",
  ],
  LeaseIsBreakingAndCannotBeChanged: [409, "The lease ID matched, but the lease is currently in breaking state and cannot be changed."],
  LeaseIsBrokenAndCannotBeRenewed: [409, "The lease ID matched, but the lease has been broken explicitly and cannot be renewed."],
  LeaseLost: [412, "A lease ID was specified, but the lease for the file share has expired."],
  LeaseNotPresentWithContainerOperation: [412, "There is currently no lease on the file share."],
  LeaseNotPresentWithFileOperation: [412, "There is currently no lease on the file."],
  LeaseNotPresentWithLeaseOperation: [409, "There is currently no lease on the file."],
  Md5Mismatch: [400, "The MD5 value specified in the request did not match with the MD5 value calculated by the server."],
  MetadataTooLarge: [400, "The size of the specified metadata exceeds the maximum size permitted."],
  MissingContentLengthHeader: [411, "The Content-Length header was not specified."],
  MissingRequiredHeader: [400, "An HTTP header that's mandatory for this request is not specified."],
  MissingRequiredQueryParameter: [400, "A query parameter that's mandatory for this request is not specified."],
  MissingRequiredXmlNode: [400, "A required XML node was not specified in the request body."],
  NoAuthenticationInformation: [
    401,
    "Server failed to authenticate the request. Please refer to the information in the www-authenticate header.",
  ],
  NoPendingCopyOperation: [409, "There is currently no pending copy operation."],
  OutOfRangeInput: [400, "The file size exceeds the maximum permissible limit."],
  OutOfRangeQueryParameterValue: [400, "One of the query parameters specified in the request URI is outside the permissible range."],
  ParentNotFound: [404, "The specified parent path does not exist."],
  PendingCopyOperation: [409, "There is currently a pending copy operation."],
  PreviousSnapshotNotFound: [409, "The previous snapshot was not found."],
  ReadOnlyAttribute: [409, "The specified resource is read-only and cannot be modified at this time."],
  RequestBodyTooLarge: [413, "The request body is too large and exceeds the maximum permissible limit."],
  ResourceAlreadyExists: [409, "The specified resource already exists."],
  ResourceNotFound: [404, "The specified resource does not exist."],
  ResourceTypeMismatch: [409, "The specified resource type does not match the type of the existing resource."],
  ShareAlreadyExists: [409, "The specified share already exists."],
  ShareBeingDeleted: [409, "The specified share is being deleted. Try operation later."],
  ShareHasSnapshots: [409, "The share has snapshots and the operation requires no snapshots."],
  ShareNotFound: [404, "The specified share does not exist."],
  ShareSizeLimitReached: [409, "The share size limit is reached."],
  ShareSnapshotCountExceeded: [409, "The limit for the number of snapshots of a share has been reached."],
  ShareSnapshotNotFound: [404, "The specified share snapshot was not found."],
  SharingViolation: [409, "The specified resource may be in use by an SMB client."],
  UnsupportedHeader: [400, "One of the HTTP headers specified in the request is not supported."],
  UnsupportedHttpVerb: [405, "The resource doesn't support specified Http Verb."],
  UnsupportedQueryParameter: [400, "One of the query parameters specified in the request URI is not supported."],
  UnsupportedXmlNode: [400, "One of the XML nodes specified in the request body is not supported."],
};

/** Name and text of one element or header. */
export type Pair = readonly [name: string, value: string];

/** What a failure carries besides its code. */
export interface FailureExtras {
  /** Elements after `Message` in the body, in order. */
  readonly details?: readonly Pair[];
  /** Response headers that belong to the failure. */
  readonly headers?: readonly Pair[];
  /** Another status than the table's. */
  readonly status?: number;
  /** Another message than the table's. */
  readonly message?: string;
  /** Raised before the file service is reached: the answer has another `Server` and no `x-ms-version`. */
  readonly frontEnd?: boolean;
}

/** These are raised by the front end in recorded traffic, whatever the request. */
const frontEndCodes: ReadonlySet<FailureCode> = /* @__PURE__ */ new Set<FailureCode>([
  "AuthenticationFailed",
  "AuthorizationServiceMismatch",
  "FileOAuthManagementApiRestrictedToSrp",
  "InvalidAuthenticationInfo",
  "NoAuthenticationInformation",
]);

/** A refusal on its way to the answer; thrown anywhere, answered in one place. */
export class Failure extends Error {
  readonly code: FailureCode;
  readonly status: number;
  readonly details: readonly Pair[];
  readonly headers: readonly Pair[];
  readonly frontEnd: boolean;

  constructor(code: FailureCode, extras: FailureExtras = {}) {
    const [status, message] = table[code];
    super(extras.message ?? message);
    this.name = "Failure";
    this.code = code;
    this.status = extras.status ?? status;
    this.details = extras.details ?? [];
    this.headers = extras.headers ?? [];
    this.frontEnd = extras.frontEnd ?? frontEndCodes.has(code);
  }
}

/** `InvalidHeaderValue` for one header. */
export function badHeader(name: string, value: string): Failure {
  return new Failure("InvalidHeaderValue", {
    details: [
      ["HeaderName", name],
      ["HeaderValue", value],
    ],
  });
}

/** `MissingRequiredHeader` for one header. */
export function missingHeader(name: string): Failure {
  return new Failure("MissingRequiredHeader", { details: [["HeaderName", name]] });
}

/** `InvalidQueryParameterValue` for one parameter. */
export function badQuery(name: string, value: string, reason = ""): Failure {
  return new Failure("InvalidQueryParameterValue", {
    details: [
      ["QueryParameterName", name],
      ["QueryParameterValue", value],
      ["Reason", reason],
    ],
  });
}
