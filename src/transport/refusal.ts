/**
 * Turns a refusal of the service into a `ServiceError`: status, header and body, whichever of them there are.
 *
 * A tiny scanner reads the body; the XML parser has no part in it, so that a page that only uploads does not carry one.
 *
 * @see https://learn.microsoft.com/rest/api/storageservices/status-and-error-codes2
 */
import { ServiceError } from "../errors.js";
import type { Clock } from "../types/connection.js";
import type { WireRequest } from "../types/requests.js";
import type { WireResponse } from "../types/responses.js";
import { retryAfterOf } from "./headers.js";
import { unescapeXml } from "./xml-scanner.js";

/** Reads what the service said and makes the error of it. */
export async function refusalOf(request: WireRequest, response: WireResponse, clock: Clock): Promise<ServiceError> {
  const { status, headers } = response;
  const { Code, Message, ...details } = leaves(await readStart(response));
  const code = headers.get("x-ms-error-code") ?? Code ?? "Unknown";
  // The last two lines of the service's message repeat the request id and the time.
  const [message, requestId] = (Message ?? "").split(/\s?RequestId:(\S*)/);
  return new ServiceError(
    message || silence(request, response),
    { status, code, requestId: headers.get("x-ms-request-id") ?? requestId, retryAfter: retryAfterOf(headers, clock.now()), details },
    { request },
  );
}

/** What to say where the answer says nothing: a HEAD, a proxy, or a page that may not read the headers. */
function silence({ method }: WireRequest, response: WireResponse): string {
  if (isFiltered(response)) return "the page sees no more; expose x-ms-* in the CORS rule";
  return method === "HEAD" ? "an answer to HEAD has no message" : "no message; a proxy may have answered";
}

/** Whether a page sees this answer through a CORS rule, so that headers which it does not see may be there all the same. */
export const isFiltered = (response: WireResponse): boolean => (response as Partial<Response>).type === "cors";

/** The elements without children of an XML document, by name. */
function leaves(xml: string): Record<string, string> {
  return Object.fromEntries([...xml.matchAll(/<(\w+)>([^<]*)<\/\1>/g)].map(([, name = "", value = ""]) => [name, unescapeXml(value)]));
}

/** The first 64 KiB of a body as text, or what came of them: an answer that breaks off is still an answer. The clock of the try runs on. */
export async function readStart({ body }: WireResponse): Promise<string> {
  const reader = body?.getReader();
  const decoder = new TextDecoder();
  let start = "";
  try {
    while (reader && start.length < 65_536) {
      const { done, value } = await reader.read();
      if (done) return start;
      start += decoder.decode(value, { stream: true });
    }
  } catch {
    // What came will do.
  }
  reader?.cancel().catch(() => undefined);
  return start;
}
