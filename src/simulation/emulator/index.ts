/**
 * An Azure Files account in memory, behind a fetch handler: `createEmulator().fetch` answers as the service does.
 *
 * Written from Microsoft's REST reference and from recorded traffic of the real service; it shares spelling (types) with the client and
 * no logic, so neither can hide the other's mistakes. Plain web platform code: it runs in a page, a worker, Node, Deno, Bun and workerd.
 * Service versions from 2014-02-14 on are accepted; answers have the shape of 2026-10-06 where an older one did not differ in a way
 * that recordings show.
 *
 * ## Gaps
 * - Copies come from files of this emulator alone: any other host is answered with 404 `CannotVerifyCopySource`.
 * - A permission is not inherited: what is created without one has that of a share's root, whatever its directory has, and
 *   `x-ms-file-property-semantics: New` adds no entries. Conditional entries of security descriptors are taken in the binary form only.
 * - Symbolic links are listed as files: the entries and NFS properties of listings since 2026-12-06 are not there.
 * - Duplicate metadata headers: fetch joins them before anyone can count them.
 * - Codes that no request is answered with: `AccountAlreadyExists`, `AccountBeingCreated`, `AccountIsDisabled`,
 *   `CannotDeleteFileOrDirectory`, `ClientCacheFlushDelay`, `ConditionHeadersNotSupported`, `ConditionNotMet`,
 *   `ContainerQuotaDowngradeNotAllowed`, `FileLockConflict`, `FileShareProvisionedBandwidthDowngradeNotAllowed`,
 *   `FileShareProvisionedIopsDowngradeNotAllowed`, `InsufficientAccountPermissions`, `InvalidHttpVerb`,
 *   `MultipleConditionHeadersNotSupported`, `OperationTimedOut`, `RequestUrlFailedToParse`, `ServerBusy`, `ShareDisabled`,
 *   `ShareSnapshotInProgress`, `ShareSnapshotOperationNotSupported`, `TotalSharesCountExceedsAccountLimit`,
 *   `TotalSharesProvisionedBandwidthExceedsAccountLimit`, `TotalSharesProvisionedCapacityExceedsAccountLimit`,
 *   `TotalSharesProvisionedIopsExceedsAccountLimit`, `CannotVerifyFileSnapshotSource`, `FileGenerationMismatch`, `FileOpenBySmbClient`,
 *   `FileShareAccessTierTransitionNotAllowed`, `FileSnapshotCountExceeded`, `FileSnapshotSourceSignedAccessNotSupported`,
 *   `HandleLimitExceeded`, `InvalidContinuationToken`. A test can have `ServerBusy` and `OperationTimedOut` by asking (`respond`).
 *
 * ## By design
 * - A deleted share's name is free at once, changes are visible at once, nothing is throttled, and `timeout` is not simulated.
 * - `sip` of a SAS is checked where the mount says who calls (`handle(request, { clientAddress })`).
 * - A bearer token may do everything, and so may what a user delegation key signs: there are no roles.
 * - Create Permission needs a SAS with `w` and `d`, as Microsoft's reference has it: not recorded.
 * - Bearer tokens of versions before 2022-11-02 are refused with 400 `FeatureVersionMismatch`, and a token that is not good before the
 *   intent is asked for: neither is recorded.
 * - Metrics that say what does not apply (`IncludeAPIs` of disabled ones, `Days` of no retention) and cross-origin rules beyond 2 KiB are
 *   400 `InvalidXmlDocument`: not recorded.
 * - Conditional headers are ignored: Files defines none.
 * - Device names such as `CON` are allowed.
 * - Properties of the other protocol are refused with 400 `UnsupportedHeader` on SMB and on NFS shares, links on SMB shares with 400
 *   `FeatureNotSupportedOnStorageAccount`, and modes are four octal digits: none of it is recorded.
 * - Symbolic links are never followed; reading one or writing to it is 409 `ResourceTypeMismatch`.
 * - A rename needs a SAS that writes the target and one that deletes the source, a directory is not moved below itself (400
 *   `InvalidHeaderValue`), and a structured body with a bad frame is 400 `InvalidHeaderValue`: none of it is recorded.
 * - A download that is being streamed sees writes that happen meanwhile, but keeps the old bytes when the file is created anew.
 *
 * ## Quirks kept
 * - Set File Properties without HTTP properties clears all six, unless it changes the size.
 * - A bad `comp` is reported as a bad `restype`, by a front end that names no version.
 * - `%2F` in a path separates; dot segments are resolved by `Request` before anyone sees them.
 * - What had all its metadata taken away says `x-ms-server-encrypted: false` from then on, and so does a share's root.
 * - Trailing dots are cut off unless `x-ms-allow-trailing-dot` says otherwise.
 * - A hard link is made with any lease id, as long as its target is not leased.
 * - A Shared Key may be signed with headers in the service's culture order or in that of character codes.
 *
 * @module
 */
import type { OperationName } from "../../types/requests.js";
import { hmac } from "@noble/hashes/hmac.js";
import { md5 } from "@noble/hashes/legacy.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { Tokens, type TokenRequest } from "./bearer.js";
import { completeCopies } from "./copy.js";
import { defaultCorsRules, type CorsRule } from "./cors.js";
import { DelegationKeys } from "./delegation-keys.js";
import { Handles, openHandle, type HandleRequest, type OpenHandle } from "./handles.js";
import { signer } from "./hmac.js";
import { Permissions } from "./permission-store.js";
import { respond, type HandleContext, type Service } from "./pipeline.js";
import { defaultProperties, type ServiceProperties } from "./service-properties.js";
import { Script, type AnsweredRequest, type ScriptedAnswer, type ScriptOptions } from "./script.js";
import { Account } from "./state.js";
import { bytesOfBase64, utf8 } from "./text.js";
import { TickClock } from "./time.js";

export type { TokenRequest } from "./bearer.js";
export type { CorsRule } from "./cors.js";
export type { HandleAccess, HandleRequest, OpenHandle } from "./handles.js";
export type { HandleContext } from "./pipeline.js";
export type { AnsweredRequest, ScriptedAnswer, ScriptedCode, ScriptOptions } from "./script.js";

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
  /**
   * What kind of account it is: `standard`, `premium` (SSD, with NFS shares), `provisioned` (version 2: storage, IOPS and bandwidth as
   * bought); `any` has every feature, and a share becomes what its creation asks for. @default "any"
   */
  readonly kind?: "any" | "standard" | "premium" | "provisioned" | undefined;
  /** Takes bearer tokens over plain HTTP, too, where anybody on the way can read them. @default false */
  readonly insecureBearer?: boolean | undefined;
  /** Days for which a deleted share is listed and can be restored. @default 0: not at all */
  readonly softDeleteDays?: number | undefined;
  /** Seconds for which the name of a deleted share gets `ShareBeingDeleted`; the service takes 30 or more. @default 0 */
  readonly deletionSeconds?: number | undefined;
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
  /**
   * What was asked and answered, the oldest first, preflights included: at most the last 10,000. Of each it has the operation, the path and
   * the status, and no secret.
   */
  readonly requests: readonly AnsweredRequest[];
  /** Cross-origin rules in force. */
  readonly cors: readonly CorsRule[];
  /** Answers a request, like `fetch`; give it to `connect({ fetch })`. Rejects with the reason of an aborted signal. */
  readonly fetch: (input: Request | string | URL, init?: RequestInit) => Promise<Response>;
  /** Answers a request for a server, which knows who calls. */
  readonly handle: (request: Request, context?: HandleContext) => Promise<Response>;
  /**
   * Makes a bearer token for tests, as Microsoft Entra would issue one. Emulators of the same account key take it, the program `azure-files`
   * included, and no others; they take no tokens of anybody else.
   */
  token(request?: TokenRequest): string;
  /**
   * Answers the next requests of an operation, or of any with `*`, in a test's own way: with an error code of the service, or with a
   * function that may delay, hold back or change what the emulator says. Preflights are never touched. Of several that fit, the one
   * that was asked for first goes first.
   *
   * @returns what takes it back
   * @throws TypeError for an operation that there is not; RangeError for `times` or `retryAfter` that are no such numbers.
   * @example
   * emulator.respond("Put Range", "ServerBusy", { times: 2, retryAfter: 1 });
   * emulator.respond("Get File", () => Response.error()); // the connection is lost
   * emulator.respond("*", async (_request, answer) => (await later(200), answer()), { times: Infinity }); // a slow network
   */
  respond(operation: OperationName | "*", how: ScriptedAnswer, options?: ScriptOptions): () => void;
  /** Replaces the cross-origin rules. */
  setCors(rules: readonly CorsRule[]): void;
  /**
   * Opens a handle as an SMB client does, so that what requests meet then can be tested: List and Force Close Handles, `SharingViolation`,
   * `DeletePending`.
   *
   * @throws TypeError for a share or a path that is not there.
   */
  openHandle(request: HandleRequest): OpenHandle;
  /** Whether a copy is done at once, as between files of one account, or pending until `completeCopies()`. Set it when you like. */
  copies: "immediate" | "pending";
  /** Completes all copies that are pending; returns how many there were. */
  completeCopies(): number;
  /** Forgets all shares, the requests and the answers that a test asked for; account, key, service properties and count stay. */
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
  const { kind = "any", softDeleteDays = 0, deletionSeconds = 0 } = options;
  const keyBytes = bytesOfBase64(key);
  if (!keyBytes || keyBytes.length === 0) throw new TypeError("The account key is not base64.");
  const address = options.endpoint ?? `http://127.0.0.1:10004/${name}`;
  // Not echoed, as the engine would: it may hold a SAS.
  if (!URL.canParse(address)) throw new TypeError("endpoint is not a URL");
  const endpoint = new URL(address).href.replace(/\/+$/, "");
  const ticks = new TickClock(() => (clock ?? Date).now());
  const hexDigits = (count: number): string => Array.from({ length: count }, () => Math.floor(random() * 16).toString(16)).join("");
  // What tokens and delegation keys are made with follows from the account's key, and does not give it away.
  const secretOf = (purpose: string): Uint8Array => hmac(sha256, keyBytes, utf8(`azure-files emulator: ${purpose}`));
  const tokens = new Tokens(secretOf("bearer tokens"), ["https://storage.azure.com", `https://${name}.file.core.windows.net`, endpoint]);
  const newAccount = (properties: ServiceProperties): Account =>
    new Account(name, ticks, {
      permissions: new Permissions(),
      handles: new Handles(),
      delegationKeys: new DelegationKeys(secretOf("delegation keys")),
      properties,
      policy: { kind, softDeleteDays, deletionSeconds, copies: "immediate" },
    });
  let account = newAccount(defaultProperties(options.cors ?? defaultCorsRules));
  let requestCount = 0;
  const script = new Script();
  const service: Service = {
    get account() {
      return account;
    },
    get rules() {
      return account.properties.cors;
    },
    tokens,
    insecureBearer: options.insecureBearer ?? false,
    sign: signer(keyBytes),
    md5: hash,
    newRequestId: () => `${hexDigits(8)}-${hexDigits(4)}-${hexDigits(4)}-${hexDigits(4)}-${hexDigits(4)}15000000`,
    newGuid: () => `${hexDigits(8)}-${hexDigits(4)}-4${hexDigits(3)}-8${hexDigits(3)}-${hexDigits(12)}`,
  };
  const handle = async (request: Request, context: HandleContext = {}): Promise<Response> => {
    const own = (): Promise<Response> => respond(service, request, context);
    const response = (context.direct ? undefined : await script.respond(service, request, own)) ?? (await own());
    // Whoever aborts a request is not answered.
    requestCount++;
    if (!context.direct) script.note(request, response);
    return response;
  };
  return {
    account: name,
    key,
    endpoint,
    connectionString: `DefaultEndpointsProtocol=${new URL(endpoint).protocol.slice(0, -1)};AccountName=${name};AccountKey=${key};FileEndpoint=${endpoint};`,
    get requestCount() {
      return requestCount;
    },
    get requests() {
      return script.requests;
    },
    respond: (operation, how, scriptOptions = {}) => script.add(operation, how, scriptOptions),
    get cors() {
      return account.properties.cors;
    },
    token: (request = {}) => tokens.issue((clock ?? Date).now(), request),
    handle,
    fetch: async (input, init) => {
      // Wrapping a request again would copy its body.
      const request = input instanceof Request && init === undefined ? input : new Request(input, init);
      request.signal.throwIfAborted();
      const response = await handle(request);
      request.signal.throwIfAborted();
      if (response.type === "error") throw new TypeError("The connection was lost, as a test asked for.");
      return response;
    },
    setCors: (next) => {
      account.properties.cors = next;
    },
    get copies() {
      return account.policy.copies;
    },
    set copies(when) {
      account.policy.copies = when;
    },
    completeCopies: () => completeCopies(account),
    openHandle: (request) => openHandle(account, request),
    reset: () => {
      account = newAccount(account.properties);
      script.clear();
    },
  };
}
