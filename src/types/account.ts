/**
 * The models of the file service itself as the client takes and gives them. Types only: this file compiles to nothing.
 */

/** One rule for pages of other origins. The first rule that fits origin and method decides. */
export interface CorsRule {
  /** Origins such as `https://example.com`, compared exactly, or `*` for all. */
  allowedOrigins: readonly string[];
  /** Methods in upper case: DELETE, GET, HEAD, MERGE, OPTIONS, PATCH, POST, PUT. */
  allowedMethods: readonly string[];
  /** Request headers that a page may send: names, prefixes such as `x-ms-meta-*`, or `*`. */
  allowedHeaders: readonly string[];
  /** Response headers that a page may see: names, prefixes, or `*`. */
  exposedHeaders: readonly string[];
  /** Seconds for which a browser may keep the answer to a preflight. */
  maxAgeInSeconds: number;
}

/** Statistics of requests that the service gathers. */
export interface Metrics {
  /** Version of Storage Analytics. @default "1.0" */
  version?: string | undefined;
  /** Whether they are gathered. */
  enabled: boolean;
  /** Whether for each operation, too. @default false; absent while they are not gathered */
  includeApis?: boolean | undefined;
  /** Days for which they are kept, from 1 to 365. @default for ever */
  retentionDays?: number | undefined;
}

/** A key that signs SAS tokens in the name of a user, as `getUserDelegationKey` of `azure-files/account` gives it. */
export interface UserDelegationKey {
  /** Object id of the user in Microsoft Entra. */
  readonly signedOid: string;
  /** The user's tenant. */
  readonly signedTid: string;
  /** When the key begins to be good, as the service wrote it. */
  readonly signedStart: string;
  /** When it ends. */
  readonly signedExpiry: string;
  /** Letter of the service that takes it: "f". */
  readonly signedService: string;
  /** Service version that made it. */
  readonly signedVersion: string;
  /** Tenant of the only user who may use tokens of this key, where it was asked for so. */
  readonly signedDelegatedUserTid?: string | undefined;
  /** The key itself, in base64: a secret. */
  readonly value: string;
}
