/** What can go wrong with a call, each as the answer that it meets. */
import { source } from "./calls.js";

/** All that a request says, as a proxy or a debugging page would echo it. */
export const echo = (asked: Request): string =>
  [`${asked.method} ${asked.url}`, ...[...asked.headers].map(([name, value]) => `${name}: ${value}`)].join("\n");

const xml = (text: string): string => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");

/** A refusal that quotes what it refuses, as the service does for a wrong signature, and more than that. */
const quoting =
  (status: number, code: string) =>
  async (asked: Request): Promise<Response> => {
    const proof = asked.headers.get("authorization") ?? new URL(asked.url).searchParams.get("sig") ?? "";
    const detail = `The MAC signature found in the HTTP request '${proof.replace(/^.*:/, "")}' is not the same as any computed signature. Server used following string to sign: '${asked.url}'.`;
    const text = `<?xml version="1.0"?><Error><Code>${code}</Code><Message>${xml(echo(asked))}\nRequestId:1\nTime:2</Message><AuthenticationErrorDetail>${xml(detail)}</AuthenticationErrorDetail><CopySource>${xml(source)}</CopySource></Error>`;
    return new Response(asked.method === "HEAD" ? null : text, {
      status,
      headers: { "x-ms-error-code": code, "x-ms-request-id": "1", "x-echo": encodeURIComponent(asked.url) },
    });
  };

/** A body whose pieces are told one by one, until it ends, breaks off or stops. */
const body = (pieces: readonly string[], end: "close" | "stop" | Error): ReadableStream<Uint8Array<ArrayBuffer>> => {
  const left = [...pieces];
  return new ReadableStream({
    pull(stream) {
      const piece = left.shift();
      if (piece !== undefined) return stream.enqueue(new TextEncoder().encode(piece));
      if (end === "stop") return new Promise(() => undefined);
      return end === "close" ? stream.close() : stream.error(end);
    },
  });
};

/** An answer of the kind that succeeds, with another body than it should have. */
const succeeding = (asked: Request, content: BodyInit | null, headers: Record<string, string> = {}): Response =>
  new Response(asked.method === "HEAD" ? null : content, {
    status: asked.method === "GET" ? (asked.headers.has("x-ms-range") ? 206 : 200) : 201,
    headers: { "x-ms-request-id": "1", "x-echo": encodeURIComponent(asked.url), ...headers },
  });

/** What can go wrong, each as an answer. */
export const answers: Readonly<Record<string, (asked: Request) => Promise<Response>>> = {
  "400": quoting(400, "InvalidHeaderValue"),
  "401": quoting(401, "InvalidAuthenticationInfo"),
  "403": quoting(403, "AuthenticationFailed"),
  "404": quoting(404, "ResourceNotFound"),
  "409": quoting(409, "LeaseAlreadyPresent"),
  "412": quoting(412, "LeaseIdMissing"),
  "416": quoting(416, "InvalidRange"),
  "429": quoting(429, "TooManyRequests"),
  "500": quoting(500, "InternalError"),
  "503": quoting(503, "ServerBusy"),
  "a page of a proxy": async (asked) =>
    new Response(`<html><pre>${xml(echo(asked))}</pre></html>`, { status: 502, headers: { "content-type": "text/html" } }),
  "a page of a proxy that says all is well": async (asked) =>
    succeeding(asked, `<html><pre>${xml(echo(asked))}`, { "content-type": "text/html" }),
  "a redirect": async (asked) => new Response(null, { status: 307, headers: { location: asked.url } }),
  "a broken network": async (asked) => {
    const cause = Object.assign(new Error(`connect ECONNRESET ${asked.url}`), { code: "ECONNRESET", request: asked, headers: echo(asked) });
    throw new TypeError(`fetch failed: ${echo(asked)}`, { cause });
  },
  "a body that breaks off": async (asked) => {
    const headers = { "content-type": "application/xml", "content-range": "bytes 0-0/1" };
    return succeeding(asked, body(["<"], new Error(`terminated: ${echo(asked)}`)), headers);
  },
  "a body that ends too early": async (asked) =>
    succeeding(asked, body([`<a>${xml(echo(asked))}`], "close"), {
      "content-type": "text/plain",
      "content-length": "100000",
      "content-range": "bytes 0-99999/100000",
    }),
  "a body that stops": async (asked) => succeeding(asked, body([`<a>${xml(echo(asked))}`], "stop"), { "content-type": "application/xml" }),
  "a body that is no XML": async (asked) =>
    succeeding(asked, `<a><b>${echo(asked)}`, { "content-type": "application/xml", "x-ms-meta-echo": encodeURIComponent(asked.url) }),
  "XML that quotes": async (asked) =>
    succeeding(
      asked,
      `<EnumerationResults Prefix="${xml(asked.url)}"><NextMarker Encoded="true">%zz${xml(asked.url)}</NextMarker><Entries><File><Name Encoded="true">%zz${xml(asked.url)}</Name></File></Entries></EnumerationResults>`,
      { "content-type": "application/xml" },
    ),
  "headers that are wrong": async (asked) => {
    const said = encodeURIComponent(asked.url);
    const proof = asked.headers.get("authorization") ?? "";
    const names = [
      "etag",
      "last-modified",
      "content-length",
      "x-ms-lease-id",
      "x-ms-lease-time",
      "x-ms-copy-id",
      "x-ms-file-id",
      "x-ms-meta-azurefileslock",
    ];
    const headers = Object.fromEntries(names.map((name) => [name, name.startsWith("x") ? `${said} ${proof}` : asked.url]));
    return succeeding(asked, "x", { ...headers, "content-range": `bytes ${asked.url}`, date: asked.url, "retry-after": asked.url });
  },
  "a header too large": async (asked) => {
    throw Object.assign(new TypeError("fetch failed"), {
      cause: Object.assign(new Error("Headers Overflow Error"), { code: "UND_ERR_HEADERS_OVERFLOW", data: echo(asked) }),
    });
  },
  "no answer in time": () => new Promise(() => undefined),
};
