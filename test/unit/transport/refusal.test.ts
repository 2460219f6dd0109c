import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ServiceError } from "../../../src/errors.js";
import { isFiltered, refusalOf } from "../../../src/transport/refusal.js";
import type { WireResponse } from "../../../src/types/responses.js";
import { request } from "../auth/request.js";
import { virtualClock } from "../virtual-clock.js";
import { bodyOfPieces, coded, refusal } from "../wire-double.js";

const clock = virtualClock();
const made = (response: WireResponse, changes = {}): Promise<ServiceError> => refusalOf(request(changes), response, clock);
const answer = (status: number, body: BodyInit | null = null, headers: Record<string, string> = {}): Response =>
  new Response(body, { status, headers });
const bytes = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);

/** An answer as a page sees it through a CORS rule. */
const filtered = (response: Response): WireResponse => Object.defineProperty(response, "type", { value: "cors" });

describe("a refusal in XML", () => {
  it("is told with code, message, request id and what else it says", async () => {
    const xml =
      '\uFEFF<?xml version="1.0" encoding="utf-8"?>\r\n<Error><Code>InvalidHeaderValue</Code><Message>The value for one of the HTTP headers is not in the correct format.\nRequestId:abc-123\nTime:2026-01-01T00:00:00.0000000Z</Message><HeaderName>x-ms-range</HeaderName><HeaderValue>bytes=&lt;&amp;&quot;&apos;&gt;</HeaderValue></Error>';
    const error = await made(answer(400, xml, coded("InvalidHeaderValue", { "retry-after": "7" })));
    expect(error).toMatchObject({
      name: "ServiceError",
      status: 400,
      code: "InvalidHeaderValue",
      requestId: "0000-f00d",
      retryAfter: 7000,
      details: { HeaderName: "x-ms-range", HeaderValue: `bytes=<&"'>` },
      message:
        "Get File failed: 400 InvalidHeaderValue - The value for one of the HTTP headers is not in the correct format. (request 0000-f00d) (attempt 1)",
    });
    expect(Object.keys(error.details)).toEqual(["HeaderName", "HeaderValue"]);
  });

  it("says code and request id also without headers", async () => {
    expect(await made(answer(404, refusal("ResourceNotFound", "Gone.")))).toMatchObject({
      code: "ResourceNotFound",
      requestId: "0000-f00d",
      message: expect.stringContaining("404 ResourceNotFound - Gone. (request 0000-f00d)"),
    });
  });

  it("keeps what looks like an entity of an entity, and entities that it does not know", async () => {
    const error = await made(answer(400, "<Error><Message>&amp;lt; &#65; &nbsp;</Message></Error>"));
    expect(error.message).toContain("- &lt; A &nbsp;");
  });

  it("may name elements like the parts of every object", async () => {
    const { details } = await made(
      answer(400, "<Error><constructor>a</constructor><__proto__>b</__proto__><toString>c</toString></Error>"),
    );
    expect(Object.entries(details)).toEqual([
      ["constructor", "a"],
      ["__proto__", "b"],
      ["toString", "c"],
    ]);
  });

  it("may come in pieces that cut a character", async () => {
    const whole = bytes(refusal("ResourceNotFound", "Kein Gerät 🗂."));
    const pieces = [...whole].map((_, index) => whole.slice(index, index + 1));
    expect((await made(answer(404, bodyOfPieces(pieces)))).message).toContain("Kein Gerät 🗂.");
  });

  it("that breaks off says what came of it", async () => {
    const error = await made(
      answer(500, bodyOfPieces([bytes("<Error><Code>InternalError</Code><Mess")], new Error("reset")), { "x-ms-request-id": "r" }),
    );
    expect(error).toMatchObject({ status: 500, code: "InternalError", requestId: "r" });
  });
});

describe("a refusal of another kind", () => {
  it("HTML of a proxy has no code, and says who may have answered", async () => {
    const html = "<!DOCTYPE html><html><head><title>Bad Gateway</title></head><body><h1>502</h1></body></html>";
    expect(await made(answer(502, html, { "content-type": "text/html" }))).toMatchObject({
      code: "Unknown",
      requestId: undefined,
      message: "Get File failed: 502 Unknown - no message; a proxy may have answered (attempt 1)",
    });
  });

  it("JSON is told by its headers", async () => {
    expect(await made(answer(400, '{"error":{"code":"InvalidInput","message":"No."}}', coded("InvalidInput")))).toMatchObject({
      code: "InvalidInput",
    });
  });

  it("HEAD has headers only", async () => {
    expect(await made(answer(404, null, coded("ResourceNotFound")), { method: "HEAD", operation: "Get File Properties" })).toMatchObject({
      code: "ResourceNotFound",
      requestId: "0000-f00d",
      message: "Get File Properties failed: 404 ResourceNotFound - an answer to HEAD has no message (request 0000-f00d) (attempt 1)",
    });
  });

  it("HEAD without a code is not more than its status", async () => {
    expect(await made(answer(404), { method: "HEAD" })).toMatchObject({ status: 404, code: "Unknown", details: {} });
  });

  it("through a CORS rule that hides the headers says which rule to set", async () => {
    const head = await made(filtered(answer(404)), { method: "HEAD" });
    expect(head).toMatchObject({ code: "Unknown", message: expect.stringContaining("expose x-ms-* in the CORS rule") });
    const get = await made(filtered(answer(404, refusal("ResourceNotFound", "Gone."))));
    expect(get).toMatchObject({ code: "ResourceNotFound", message: expect.stringContaining("Gone.") });
    expect(isFiltered(filtered(answer(200)))).toBe(true);
    expect(isFiltered(answer(200))).toBe(false);
    // A transport of Node's has no type at all.
    const { status, headers, body } = answer(200);
    expect(isFiltered({ status, headers, body })).toBe(false);
  });
});

describe("a huge refusal", () => {
  it("is read up to 64 KiB, and the rest cancelled", async () => {
    let given = 0;
    let cancelled = false;
    const body = new ReadableStream<Uint8Array<ArrayBuffer>>(
      {
        pull(controller) {
          controller.enqueue(given++ === 0 ? bytes("<Error><Code>ServerBusy</Code>") : new Uint8Array(10_000).fill(120));
        },
        cancel: () => void (cancelled = true),
      },
      { highWaterMark: 0 },
    );
    expect(await made(answer(503, body))).toMatchObject({ code: "ServerBusy" });
    expect([given, cancelled]).toEqual([8, true]);
  });

  it.each([" ", "\n", "a", "<", "<a>", "&", "<Message>", "RequestId:"])("made of %j is read in one pass", async (unit) => {
    // A scanner that backtracks takes seconds for each, and the runner's limit would end it.
    for (let round = 0; round < 20; round++) {
      const error = await made(answer(400, `<Error><Message>${unit.repeat(65_536 / unit.length)}</Message></Error>`));
      expect(error).toMatchObject({ status: 400 });
    }
  });
});

it("of any bytes is an error of ours, never a crash", async () => {
  const parts = fc.constantFrom(
    "<",
    ">",
    "</",
    "<Error>",
    "<Code>",
    "</Code>",
    "<Message>",
    "</Message>",
    "&lt;",
    "&",
    "RequestId:",
    "\uFEFF",
    "x",
    "\n",
    "\0",
  );
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(
        fc.uint8Array({ maxLength: 60 }),
        fc.array(parts, { maxLength: 30 }).map((all) => bytes(all.join(""))),
      ),
      async (body) => {
        const error = await made(answer(400, new Uint8Array(body)));
        expect(error).toBeInstanceOf(ServiceError);
        expect(error.status).toBe(400);
      },
    ),
    { numRuns: 300, seed: 5 },
  );
});
