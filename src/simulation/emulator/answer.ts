/** The last stage: turns a reply or a failure into a `Response`, with the headers that every answer has. */
import { corsHeaders, type CorsRule } from "./cors.js";
import type { Reply } from "./exchange.js";
import type { Pair } from "./failures.js";
import { httpDate, isoTime, type Ticks } from "./time.js";
import { element, printable, textElement, xmlDocument } from "./xml.js";

/** What is known of a request when it is answered, however early that is. */
export interface AnswerContext {
  readonly request: Request;
  readonly requestId: string;
  /** Undefined as long as the version is not known. */
  readonly version: string | undefined;
  readonly now: Ticks;
  readonly rules: readonly CorsRule[];
}

/** What a refusal says; a `Failure` is one. */
export interface Refusal {
  readonly code: string;
  readonly status: number;
  readonly message: string;
  /** Elements after `Message` in the body, in order. */
  readonly details: readonly Pair[];
  readonly headers: readonly Pair[];
}

const fileServer = "Windows-Azure-File/1.0 Microsoft-HTTPAPI/2.0";
const frontServer = "Microsoft-HTTPAPI/2.0";

/** A failure as a reply: XML with the code, the message with its two extra lines, then the details. HEAD has the header only. */
export function failureReply(failure: Refusal, context: AnswerContext): Reply {
  const headers: Pair[] = [["x-ms-error-code", failure.code], ...failure.headers];
  if (context.request.method === "HEAD") return { status: failure.status, headers };
  const message = `${failure.message}\nRequestId:${context.requestId}\nTime:${isoTime(context.now)}`;
  const details = failure.details.map(([name, value]) => textElement(name, printable(value.slice(0, 8192))));
  const body = xmlDocument(element("Error", textElement("Code", failure.code) + textElement("Message", message) + details.join("")));
  return {
    status: failure.status,
    headers: [["Content-Type", "application/xml"], ...headers, ["Content-Length", String(body.length)]],
    body,
  };
}

/** Adds request id, version, date, server and cross-origin headers. */
export function answer(reply: Reply, context: AnswerContext, frontEnd = false): Response {
  const { request, requestId, version } = context;
  const clientId = request.headers.get("x-ms-client-request-id");
  const pairs: Pair[] = [["x-ms-request-id", requestId]];
  if (clientId !== null && /^[\x21-\x7E]{1,1024}$/.test(clientId)) pairs.push(["x-ms-client-request-id", clientId]);
  pairs.push(["Server", frontEnd ? frontServer : fileServer]);
  if (version !== undefined && !frontEnd) pairs.push(["x-ms-version", version]);
  pairs.push(...reply.headers, ["Date", httpDate(context.now)]);
  pairs.push(...corsHeaders(context.rules, request, pairs));
  const headers = new Headers();
  for (const [name, value] of pairs) setHeader(headers, name, value);
  const body = request.method === "HEAD" ? null : (reply.body ?? null);
  return new Response(body, { status: reply.status, headers });
}

/** A stored property may hold what no header can; such a value is dropped rather than turned into a crash. */
function setHeader(headers: Headers, name: string, value: string): void {
  try {
    headers.append(name, value);
  } catch {
    headers.delete(name);
  }
}
