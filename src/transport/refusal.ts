/**
 * Turns a refusal of the service into a `ServiceError`: status, header and body, whichever of them there are.
 *
 * A tiny scanner reads the body; the XML parser has no part in it, so that a page that only uploads does not carry one.
 *
 * @see https://learn.microsoft.com/rest/api/storageservices/status-and-error-codes2
 */
import { ServiceError } from "../errors.js";
import type { ReadContext } from "../types/connection.js";
import type { WireRequest } from "../types/requests.js";
import type { WireResponse } from "../types/responses.js";
import { retryAfterOf } from "./headers.js";

const ENTITIES: Readonly<Record<string, string>> = { lt: "<", gt: ">", quot: '"', apos: "'", amp: "&" };

/** The elements without children of an XML document, by name. */
function leaves(xml: string): Record<string, string> {
  const found: Record<string, string> = {};
  for (const [, name = "", value = ""] of xml.matchAll(/<([A-Za-z0-9]+)>([^<]*)<\/\1>/g)) {
    found[name] = value.replace(/&(lt|gt|quot|apos|amp);/g, (_, entity: string) => ENTITIES[entity] ?? "");
  }
  return found;
}

/** Reads what the service said and makes the error of it. */
export async function refusalOf(request: WireRequest, response: WireResponse, context: ReadContext): Promise<ServiceError> {
  const { status, headers } = response;
  const body = request.method === "HEAD" ? "" : await readStart(response);
  const { Code, Message, ...details } = leaves(body);
  const code = headers.get("x-ms-error-code") ?? Code ?? /"code"\s*:\s*"(\w+)"/.exec(body)?.[1] ?? "Unknown";
  return new ServiceError(
    {
      status,
      code,
      // The last two lines of the service's message repeat the request id and the time.
      message: Message?.split("\nRequestId:")[0]?.trim() ?? silence(code, request, response),
      requestId: headers.get("x-ms-request-id") ?? /RequestId:([\w-]+)/.exec(body)?.[1],
      retryAfter: retryAfterOf(headers, context.clock.now()),
      details,
    },
    { operation: request.operation, request },
  );
}

/** What to say where the answer says nothing: a HEAD, a proxy, or a page that may not read the headers. */
function silence(code: string, request: WireRequest, response: WireResponse): string {
  if (code !== "Unknown") return request.method === "HEAD" ? "the answer to a HEAD has no message" : "no message";
  return isFiltered(response)
    ? "the page may not see the error code; expose x-ms-error-code in the CORS rule"
    : "the answer names no error code; it may come from a proxy";
}

/** Whether a page sees this answer through a CORS rule, so that headers which it does not see may be there all the same. */
export const isFiltered = (response: WireResponse): boolean => (response as Partial<Response>).type === "cors";

/** The first 64 KiB of a body as text, or what came of them: an answer that breaks off is still an answer. The clock of the try runs on. */
async function readStart(response: WireResponse): Promise<string> {
  const reader = response.body?.getReader();
  const decoder = new TextDecoder();
  let body = "";
  try {
    while (reader && body.length < 65_536) {
      const { done, value } = await reader.read();
      if (done) return body;
      body += decoder.decode(value, { stream: true });
    }
  } catch {
    // What came will do.
  }
  reader?.cancel().catch(() => undefined);
  return body.slice(0, 65_536);
}
