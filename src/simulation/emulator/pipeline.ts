/** The stages of an answer, in order: preflight, address, operation, caller, permission, words, run, common headers. */
import { authenticate, authorize } from "./access.js";
import { answer, failureReply, type AnswerContext } from "./answer.js";
import type { Tokens } from "./bearer.js";
import { RequestBody } from "./body.js";
import { preflight, type CorsRule } from "./cors.js";
import { emptyReply, type Reply } from "./exchange.js";
import { Failure } from "./failures.js";
import type { Sign } from "./hmac.js";
import { checkBearerVersion, checkQuery, findOperation, readVersion } from "./route.js";
import type { Account } from "./state.js";
import { parseTarget } from "./target.js";
import { millisecondsOf } from "./time.js";

/** What the pipeline needs of the emulator. */
export interface Service {
  readonly account: Account;
  readonly sign: Sign;
  readonly rules: readonly CorsRule[];
  readonly tokens: Tokens;
  /** Whether a bearer token may come over plain HTTP. */
  readonly insecureBearer: boolean;
  readonly md5: (bytes: Uint8Array) => Uint8Array;
  newRequestId(): string;
  /** A random id, for leases and copies. */
  newGuid(): string;
}

/** Facts about a request that are not in it. */
export interface HandleContext {
  /** The caller's IP address, for the `sip` of a SAS. Unknown, `sip` is not checked. */
  readonly clientAddress?: string | undefined;
  /**
   * Answers as the emulator itself would, whatever `respond` says, and leaves the request out of `requests`: for what a test does behind the
   * scenes.
   *
   * @default false
   */
  readonly direct?: boolean | undefined;
}

/** Answers one request. Rejects only when the request itself is aborted. */
export async function respond(service: Service, request: Request, hints: HandleContext): Promise<Response> {
  const context = {
    request,
    requestId: service.newRequestId(),
    version: undefined as string | undefined,
    now: service.account.clock.now(),
    rules: service.rules,
  };
  try {
    if (request.method === "OPTIONS") return answerPreflight(context);
    const reply = await run(service, request, hints, (version) => (context.version = version));
    return answer(reply, { ...context, now: service.account.clock.now() });
  } catch (error) {
    if (request.signal.aborted) throw request.signal.reason;
    const failure = error instanceof Failure ? error : new Failure("InternalError", { details: [["ExceptionMessage", String(error)]] });
    return answer(failureReply(failure, context), context, failure.frontEnd);
  }
}

function answerPreflight(context: AnswerContext): Response {
  const granted = preflight(context.rules, context.request.headers);
  // No rule is applied a second time: these are the cross-origin headers.
  return answer(emptyReply(200, granted), { ...context, rules: [] });
}

async function run(service: Service, request: Request, hints: HandleContext, setVersion: (version: string) => void): Promise<Reply> {
  const { account, sign, md5 } = service;
  const { method, headers, signal } = request;
  const target = parseTarget(request.url);
  const operation = findOperation(method, headers, target);
  const body = new RequestBody(request);
  const identity = await authenticate({
    request,
    target,
    account,
    sign,
    tokens: service.tokens,
    insecureBearer: service.insecureBearer,
    wantsIntent: operation.comp !== "userdelegationkey",
    now: millisecondsOf(account.clock.now()),
    clientAddress: hints.clientAddress,
    contentLength: () => body.length(),
  });
  const version = readVersion(headers, target);
  setVersion(version);
  if (identity.kind === "bearer") checkBearerVersion(operation, version);
  authorize(identity, operation.grant);
  checkQuery(operation, target);
  return operation.run({
    account,
    target,
    method,
    headers,
    body,
    identity,
    version,
    signal,
    md5,
    guid: () => service.newGuid(),
    dispatch: (inner) => respond(service, inner, hints),
    signForOwner: sign,
  });
}
