/**
 * The client against a recording: each recorded request is made through the client's own operation, which gets the recorded answer.
 */
import { isDeepStrictEqual, inspect } from "node:util";
import { connect } from "../../src/connect.js";
import { isServiceError, type ServiceError } from "../../src/errors.js";
import { answers, refusal } from "./client-answers.js";
import { calls } from "./client-calls.js";
import { compareRequest, type SentRequest } from "./client-request.js";
import { type Exchange, responseBody } from "./recording.js";
import type { OperationName } from "../../src/types/requests.js";
import { answerReasons, reasonOf, requestReasons } from "./reasons.js";
import type { Verdict } from "./tally.js";

/** The recorded answer as `fetch` gives it. */
function recordedResponse(exchange: Exchange): Response {
  const { bytes } = responseBody(exchange);
  const body = exchange.method === "HEAD" || bytes.length === 0 ? null : bytes;
  return new Response(body, { status: exchange.status, headers: exchange.responseHeaders });
}

function differences(expected: unknown, actual: unknown): string[] {
  if (isDeepStrictEqual(expected, actual)) return [];
  const options = { depth: 6, breakLength: 140, sorted: true, maxArrayLength: 20 };
  if (typeof expected !== "object" || typeof actual !== "object" || expected === null || actual === null)
    return [`${inspect(actual, options)}, expected ${inspect(expected, options)}`];
  const [left, right] = [expected as Record<string, unknown>, actual as Record<string, unknown>];
  return [...new Set([...Object.keys(left), ...Object.keys(right)])]
    .filter((name) => !isDeepStrictEqual(left[name], right[name]))
    .map((name) => `${name} is ${inspect(right[name], options)}, expected ${inspect(left[name], options)}`);
}

/** What a thrown error says, in the form of `refusal`; its message as far as it is the service's. */
function thrown(error: unknown, exchange: Exchange, message: unknown): unknown {
  if (!isServiceError(error)) return error;
  const { name, operation, status, code, requestId, details, message: whole } = error as ServiceError;
  const said = typeof message === "string" && whole.includes(message) ? message : whole;
  return {
    name,
    operation,
    status,
    code,
    requestId,
    details,
    message: message === undefined && exchange.method === "HEAD" ? undefined : said,
  };
}

/** The request that the client makes and what is wrong with it, and with what it makes of the answer. */
async function judge(exchange: Exchange): Promise<{ request: string[]; answer: string[] }> {
  const { operation } = exchange;
  if (operation === undefined) return { request: [], answer: [] };
  const sent: SentRequest[] = [];
  const connection = connect({
    endpoint: exchange.origin,
    retry: false,
    allowTrailingDot: exchange.requestHeaders["x-ms-allow-trailing-dot"] === "true",
    fetch: async (request) => {
      sent.push({ url: request.url, method: request.method, headers: request.headers, body: new Uint8Array(await request.arrayBuffer()) });
      return recordedResponse(exchange);
    },
  });
  const outcome = await (async () => calls[operation](connection, exchange))().then(
    (value) => ({ value, error: undefined }),
    (error: unknown) => ({ value: undefined, error }),
  );
  const { error } = outcome;
  // What the client refuses by itself, the service refused too.
  if ((error instanceof TypeError || error instanceof RangeError) && sent.length === 0 && exchange.status === 400)
    return { request: [], answer: [] };
  const [request] = sent;
  return {
    request: request === undefined || sent.length > 1 ? [`${sent.length} requests: ${inspect(error)}`] : compareRequest(exchange, request),
    answer: reasonOf(answerReasons, exchange) === undefined ? compareOutcome(exchange, operation, outcome) : [],
  };
}

function compareOutcome(exchange: Exchange, operation: OperationName, { value, error }: { value: unknown; error: unknown }): string[] {
  if (exchange.status < 400) return differences(answers[operation](exchange), error ?? value);
  const expected = refusal(exchange, operation);
  return differences(expected, error === undefined ? value : thrown(error, exchange, expected["message"]));
}

/** Judges the client's request and its reading of the answer, for every exchange. */
export async function judgeClient(exchanges: readonly Exchange[]): Promise<{ requests: Verdict[]; answers: Verdict[] }> {
  const requests: Verdict[] = [];
  const read: Verdict[] = [];
  for (const exchange of exchanges) {
    const [one, other] = [reasonOf(requestReasons, exchange), reasonOf(answerReasons, exchange)];
    const complaints = await judge(exchange);
    requests.push({ exchange, reason: one, complaints: one === undefined ? complaints.request : [] });
    read.push({ exchange, reason: other, complaints: other === undefined ? complaints.answer : [] });
  }
  return { requests, answers: read };
}
