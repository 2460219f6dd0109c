/** No secret leaves through an error, wherever it stood. */
import { inspect } from "node:util";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { AzureFilesError, IntegrityError, ServiceError, TransportError } from "../../src/errors.js";
import { redactCause, redactHeaders, redactText, redactUrl, shown } from "../../src/redact.js";
import { request } from "./auth/request.js";

const canary = "cAnArY";

/** A signature as tokens hold it: base64 around the canary, percent-encoded or not. */
const base64 = fc.string({ unit: fc.constantFrom(..."aZ09+/"), maxLength: 10 });
const secret = fc.tuple(base64, base64).map(([before, after]) => `${before}${canary}${after}=`);

/** The forms in which a secret gets into text. */
const FORMS: Record<string, (secret: string) => string> = {
  "a SAS": (text) => `https://a.file.core.windows.net/s/f?sv=2026-10-06&sig=${encodeURIComponent(text)}&sp=r`,
  "a SAS at its end": (text) => `?sv=1&sig=${encodeURIComponent(text)}`,
  "a SAS that begins with it": (text) => `sig=${encodeURIComponent(text)}&sv=1`,
  "a SAS that is not encoded": (text) => `x?sv=1&sig=${text}&sp=r`,
  "a SAS in another case": (text) => `x?SIG=${encodeURIComponent(text)}`,
  "a URL in a URL": (text) => `https://a/?source=${encodeURIComponent(`https://b/?sv=1&sig=${encodeURIComponent(text)}&sp=r`)}&x=1`,
  "a URL in a URL in a URL": (text) => `?a=${encodeURIComponent(`?b=${encodeURIComponent(`?c=1&sig=${encodeURIComponent(text)}&d=1`)}`)}`,
  "Shared Key": (text) => `Authorization: SharedKey account:${text}`,
  "Shared Key Lite": (text) => `SharedKeyLite account:${text}`,
  "a bearer token": (text) => `authorization: Bearer ${text}`,
  "a connection string": (text) => `AccountName=a;AccountKey=${text};EndpointSuffix=core.windows.net`,
  "a connection string with blanks": (text) => `accountkey = ${text} ;`,
  "a connection string with a SAS": (text) => `FileEndpoint=https://a;SharedAccessSignature=sv=1&sig=${encodeURIComponent(text)};`,
  "a connection string in a URL": (text) => `https://a/s/AccountKey%3D${encodeURIComponent(text)}?comp=list`,
  "a SAS after a blank in a URL": (text) => `https://a/s/%20sig=${encodeURIComponent(text)}`,
  "a token": (text) => `the token eyJhbGciOiJIUzI1NiJ9.${text} was refused`,
  "a token in a URL": (text) => `https://a/s/Bearer%20eyJhbGciOiJIUzI1NiJ9.${text}?comp=list`,
  JSON: (text) =>
    JSON.stringify({ url: `https://a/?sig=${encodeURIComponent(text)}`, nested: JSON.stringify({ header: `Bearer ${text}` }) }),
  "what the service quotes": (text) => `The MAC signature found in the HTTP request '${text}' is not the same as any computed signature.`,
};
const forms = Object.entries(FORMS);

describe("text", () => {
  it.each(forms)("loses the secret of %s, and nothing around it", (_, write) => {
    fc.assert(
      fc.property(
        secret,
        fc.constantFrom("", "before ", '"', "(", "<", "\n"),
        fc.constantFrom("", " after", '"', ")", ">", "\n"),
        (text, before, after) => {
          const redacted = redactText(before + write(text) + after);
          expect(redacted).not.toContain(canary);
          expect(redacted).toContain("REDACTED");
          expect(redacted.startsWith(before)).toBe(true);
          expect(redacted.endsWith(after)).toBe(true);
          // Once is enough.
          expect(redactText(redacted)).toBe(redacted);
        },
      ),
      { numRuns: 100, seed: 17 },
    );
  });

  it("keeps what is none", () => {
    for (const text of [
      "https://a.file.core.windows.net/share/design=1?comp=list&prefix=sign",
      "the assignment=x and signature of it",
      'Bearer authorization_uri="https://login.microsoftonline.com/t/oauth2/authorize" resource_id="https://storage.azure.com"',
      "AccountName=a;EndpointSuffix=core.windows.net",
      "",
    ]) {
      expect(redactText(text)).toBe(text);
    }
    expect(redactText("a?sv=1&sig=abc%3D&se=2")).toBe("a?sv=1&sig=REDACTED&se=2");
  });

  it.each([
    "sig=",
    "AccountKey",
    "AccountKey ",
    "SharedKey ",
    "Bearer ",
    "%26sig%3D",
    "%2526",
    "eyJ",
    "eyJ-",
    "eyJaaaaaaaaaa",
    "SharedKeya",
    " ",
  ])("made of %j is read in one pass", (unit) => {
    // A pattern that backtracks would take minutes here, and the runner's limit would end it.
    const text = unit.repeat(2_000_000 / unit.length);
    expect(redactText(text).length).toBeLessThan(2 * text.length);
  });
});

describe("a wrong argument", () => {
  it.each([
    ["abc", '"abc"'],
    ['a"b', '"a\\"b"'],
    ["", '""'],
    ["a".repeat(100), `"${"a".repeat(80)}"`],
    [5, "5"],
    [undefined, "undefined"],
    [null, "null"],
    [true, "true"],
    [Symbol("a"), "Symbol(a)"],
    [{ sig: canary }, "object"],
    [[canary], "object"],
    [() => canary, "function"],
    [Object.create(null), "object"],
  ])("that is %o is shown as %s", (value, text) => expect(shown(value)).toBe(text));

  it.each(forms)("with a secret in the form of %s is not shown at all", (_, write) => {
    fc.assert(
      fc.property(secret, fc.string(), (text, before) => {
        expect(shown(`${before} ${write(text)}`)).toBe("REDACTED");
      }),
      { numRuns: 50, seed: 19 },
    );
  });

  it("is not shown where it is a part of a secret, or a key, a signature or a token alone", () => {
    expect(shown("b/c", "a?sig=b/c")).toBe("REDACTED");
    expect(shown(Buffer.alloc(64, 7).toString("base64"))).toBe("REDACTED");
    expect(shown(` ${Buffer.alloc(32, 7).toString("base64")}\n`)).toBe("REDACTED");
    expect(shown(`${Buffer.from('{"alg":"RS256"}').toString("base64url")}.a.b`)).toBe("REDACTED");
  });
});

describe("URLs and headers", () => {
  it("lose user names and passwords, also where they do not parse", () => {
    expect(redactUrl(`https://user:${canary}@host/a@b?x=1`)).toBe("https://host/a@b?x=1");
    expect(redactUrl(`http://${canary}@[`)).toBe("http://[");
    expect(redactUrl(`https://a/?sig=${canary}`)).toBe("https://a/?sig=REDACTED");
    expect(redactUrl("not a url")).toBe("not a url");
  });

  it("lose whole values of headers that are secrets", () => {
    const headers = {
      Authorization: canary,
      "x-ms-copy-source-authorization": canary,
      cookie: canary,
      "Set-Cookie": canary,
      "x-ms-copy-source": `https://a/?sig=${canary}`,
      etag: '"1"',
    };
    const redacted = redactHeaders(headers);
    expect(JSON.stringify(redacted)).not.toContain(canary);
    expect(redacted).toMatchObject({ etag: '"1"', "x-ms-copy-source": "https://a/?sig=REDACTED" });
    expect(headers.cookie).toBe(canary);
  });
});

describe("causes", () => {
  it("keep name, code, message and stack, and drop everything else, such as the request", () => {
    const cause = Object.assign(new TypeError(`failed to fetch https://a/?sig=${canary}`), {
      code: "ECONNRESET",
      request: { url: `https://a/?sig=${canary}`, headers: { authorization: canary } },
      config: canary,
    });
    const safe = redactCause(cause) as Error & { code?: unknown };
    expect(safe).toBeInstanceOf(Error);
    expect([safe.name, safe.code, safe.message]).toEqual(["TypeError", "ECONNRESET", "failed to fetch https://a/?sig=REDACTED"]);
    expect(safe.stack).toContain("redact.test");
    expect(Object.keys(safe)).toEqual(expect.arrayContaining(["name", "code"]));
    expect(inspect(safe, { depth: 9, showHidden: true })).not.toContain(canary);
    expect(cause.config).toBe(canary);
  });

  it("are followed five deep, and no endless chain further", () => {
    const loop: Error & { cause?: unknown } = new Error(`sig=${canary}`);
    loop.cause = loop;
    const safe = redactCause(loop);
    expect(inspect(safe, { depth: 20 })).not.toContain(canary);
    let depth = 0;
    for (let each = safe as Error | undefined; each !== undefined; each = each.cause as Error | undefined) depth++;
    expect(depth).toBe(5);
  });

  it.each([
    ["text", `Bearer ${canary}`, "Bearer REDACTED"],
    ["nothing", null, undefined],
    ["a number", 5, undefined],
    ["an object without a message", { url: canary }, undefined],
    ["a function", () => canary, undefined],
  ])("that are %s", (_, cause, safe) => expect(redactCause(cause)).toBe(safe));

  it("may be odd and still no secret gets out, nor does anything throw", () => {
    for (const odd of [
      { message: 5 },
      { message: null, name: null, code: null },
      { message: "m", code: Symbol("code") },
      { message: "m", cause: { message: `sig=${canary}`, extra: canary } },
      new AggregateError([new Error(canary)], "all"),
    ]) {
      expect(inspect(redactCause(odd), { depth: 9, showHidden: true })).not.toContain(canary);
    }
  });
});

describe("an error of ours", () => {
  const facts = (write: (text: string) => string, text: string) => ({
    request: request({
      url: `https://a.file.core.windows.net/s/f?sv=1&sig=${encodeURIComponent(text)}`,
      headers: {
        authorization: `SharedKey a:${text}`,
        "x-ms-copy-source": `https://b/?sig=${encodeURIComponent(text)}`,
        "x-note": write(text),
      },
    }),
    cause: Object.assign(new Error(write(text)), {
      cause: Object.assign(new Error(write(text)), { request: { url: text } }),
      code: write(text),
    }),
  });

  it.each(forms)("says nothing of a secret given as %s: message, stack, request, cause, JSON, inspection", (_, write) => {
    fc.assert(
      fc.property(secret, (text) => {
        const errors = [
          new AzureFilesError(write(text), facts(write, text)),
          new TransportError("network", write(text), facts(write, text)),
          new IntegrityError("length", write(text), facts(write, text)),
          new ServiceError(
            write(text),
            {
              status: 403,
              code: "AuthenticationFailed",
              requestId: undefined,
              retryAfter: undefined,
              details: { AuthenticationErrorDetail: write(text), Other: write(text) },
            },
            facts(write, text),
          ),
        ];
        for (const error of errors) {
          const shown = [
            String(error),
            error.message,
            error.stack,
            JSON.stringify(error),
            JSON.stringify(error.request),
            inspect(error, { depth: 20, showHidden: true }),
            inspect(error.cause),
          ];
          expect(shown.join("\n")).not.toContain(canary);
        }
      }),
      { numRuns: 20, seed: 18 },
    );
  });
});
