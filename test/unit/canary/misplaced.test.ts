/**
 * Secrets that a caller puts where they do not belong: a URL with a SAS as path, a key as share, a token as lease id. What is wrong is said,
 * the secret is not.
 */
import { inspect } from "node:util";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bearer } from "../../../src/auth/bearer.js";
import { accountSas, serviceSas } from "../../../src/auth/mint.js";
import { sas } from "../../../src/auth/sas.js";
import { sharedKey } from "../../../src/auth/shared-key.js";
import { userDelegationSas } from "../../../src/auth/user-delegation-sas.js";
import { connect, fromConnectionString, fromUrl } from "../../../src/connect.js";
import { logger } from "../../../src/observability/log.js";
import { observe } from "../../../src/observability/observe.js";
import { createEmulator, faults, replay } from "../../../src/simulation/index.js";
import { mswHandlers } from "../../../src/simulation/msw.js";
import type { Connection } from "../../../src/types/connection.js";
import { answers } from "./answers.js";
import { type Call, calls, outcomeOf, request } from "./calls.js";
import { request as wireRequest } from "../auth/request.js";
import { found, key, sasToken, signature, token } from "./secrets.js";

const wire = wireRequest();
const endpoint = "https://canary.file.core.windows.net";

/** What might be pasted into the wrong field. */
const secrets: Readonly<Record<string, string>> = {
  "a URL with a SAS": `${endpoint}/share/a?${sasToken(signature)}`,
  "a URL with a SAS that is not encoded": `${endpoint}/share/a?sv=2026-10-06&sp=r&sig=${signature}&se=2099-01-01T00:00:00Z`,
  "a SAS": sasToken(signature),
  "a SAS with a question mark": `?${sasToken(signature)}`,
  "a SAS that begins with its signature": `sig=${signature}&se=2099-01-01T00:00:00Z`,
  "a connection string": `DefaultEndpointsProtocol=https;AccountName=canary;AccountKey=${key};EndpointSuffix=core.windows.net`,
  "a connection string with a SAS": `FileEndpoint=${endpoint}/;SharedAccessSignature=${sasToken(signature)}`,
  "a key": key,
  "a key with a line break": `${key}\n`,
  "a key with quotes": `"${key}"`,
  "a signature": signature,
  "a token": token,
  "a token with a line break": `${token}\n`,
  "a header": `Bearer ${token}`,
};

const lines: string[] = [];
const events: string[] = [];

/** Everything is refused by the service, and nobody tries again. */
const connection = connect({
  endpoint,
  share: "share",
  credential: sas(sasToken("another/signature+that/is/no/secret/at/all0=")),
  fetch: answers["404"],
  retry: false,
  circuitBreaker: false,
  telemetry: observe(logger({ level: "debug", write: (line) => void lines.push(line) }), ({ type, ...event }) => {
    // Errors are looked at where they are thrown.
    events.push(`${type} ${JSON.stringify({ ...event, error: undefined })}`);
  }),
});

/** Whether an argument was refused, here or by the engine, before anything was sent. */
const isRefusal = (outcome: unknown): outcome is Error =>
  outcome instanceof Error && !/^(AzureFiles|Service|Transport|Integrity|Lock|Replay)Error$/.test(outcome.name);

/** What can be read of an error without looking into it. */
const said = (error: Error): string =>
  [error.name, error.message, error.stack, JSON.stringify(error), inspect(error.cause), String((error as { input?: unknown }).input)].join(
    "\n",
  );

/** Whether it says itself what it is, so that it is known wherever it stands. */
const isNamed = (secret: string): boolean => /sig=|Key=|Bearer |eyJ/.test(secret);

/**
 * What of a secret an outcome gives away. A refusal must say nothing of it. What was sent as it was told to be, as a path or an id, is what it
 * is, but a signature, key or token that has its name before it never is.
 */
function leaks(outcome: unknown, secret: string): string[] {
  if (!(outcome instanceof Error) || !(isRefusal(outcome) || isNamed(secret))) return [];
  const traces = found(said(outcome));
  return traces.length > 0 ? [`${outcome.message}: ${traces[0]}`] : [];
}

/** What calls take, besides what is in the request that all have in common. */
const FIELDS: readonly string[] = [
  Object.keys(request),
  ["snapshot", "previousSnapshot", "marker", "prefix", "include", "pageSize", "recursive", "duration", "breakPeriod", "smb", "nfs"],
  ["lock", "quotaGiB", "tier", "resume", "atomic", "overwrite", "concurrency", "rangeSize", "checksum", "protocols", "accessTier"],
  ["format", "timeout", "poll", "owner", "staleAfter", "ranges", "signal", "contentMd5", "structuredBody", "lastWriteTime", "onFailure"],
  ["hourMetrics", "minuteMetrics", "smbMultichannel", "target", "fileType", "propertySemantics", "fileRequestIntent", "type"],
].flat();

/** The same value in each place in which a caller may have put it. */
const placed = (value: string): unknown[] => [
  value,
  {
    [value]: value,
    path: value,
    share: value,
    type: value,
    permission: value,
    key: value,
    lastWriteTime: value,
    md5: value,
    format: value,
  },
  [value],
  [{ id: value, permissions: value, startsOn: value, expiresOn: value, allowedOrigins: [`${value},`], start: value, end: value }],
];

describe("a secret in the wrong field of a request is not said", () => {
  it.each(Object.entries(secrets))("%s", async (_, secret) => {
    const wrong: string[] = [];
    let refusals = 0;
    for (const [index, field] of FIELDS.entries()) {
      // Each field in one place for each secret; the test below tries the others.
      const value = placed(secret)[(index + secret.length) % 4];
      for (const [name, call] of Object.entries(calls)) {
        const outcome = await outcomeOf(call, connection, { ...request, [field]: value });
        if (isRefusal(outcome)) refusals++;
        wrong.push(...leaks(outcome, secret).map((leak) => `${name}, ${field}: ${leak}`));
      }
    }
    expect(refusals).toBeGreaterThan(200);
    expect(wrong).toEqual([]);
    if (isNamed(secret)) expect(found([...events, ...lines].join("\n"))).toEqual([]);
    events.length = lines.length = 0;
  });

  it("whatever stands around it", async () => {
    const around = fc.string({ unit: fc.constantFrom(..."aZ9&=?#%+/ \n\t:;.,-_é\"'{}[]<>"), maxLength: 12 });
    const wrong: string[] = [];
    let refusals = 0;
    const given = fc.tuple(fc.constantFrom(...FIELDS), around, fc.constantFrom(...Object.values(secrets)), around, fc.nat(3));
    await fc.assert(
      fc.asyncProperty(given, async ([field, before, secret, after, place]) => {
        const value = placed(before + secret + after)[place];
        for (const [name, call] of Object.entries(calls)) {
          const outcome = await outcomeOf(call, connection, { ...request, [field]: value });
          if (isRefusal(outcome)) refusals++;
          wrong.push(...leaks(outcome, isRefusal(outcome) ? secret : "").map((leak) => `${name}, ${field}: ${leak}`));
        }
        expect(wrong).toEqual([]);
      }),
      { numRuns: 300, seed: 11 },
    );
    expect(refusals).toBeGreaterThan(1000);
  });
});

/** An archive of one exchange, with one thing in it as it is given. */
function harWith(field: string, value: unknown): object {
  const given = (name: string, usual: unknown): unknown => (name === field ? value : usual);
  const headers = given("headers", [{ name: given("name", "etag"), value: given("value", "1") }]);
  const request = { url: given("url", `${endpoint}/share/a`), method: given("method", "GET"), headers };
  const text = field === "_file" ? { _file: value } : { text: given("text", "a"), encoding: "base64", size: 1 };
  return { log: { version: "1.2", entries: [{ request, response: { status: given("status", 200), headers, content: text } }] } };
}

/** Whatever is made of options: connections, credentials, tokens, listeners and the simulation kit. */
const makers: Readonly<Record<string, (value: never) => unknown>> = {
  ...Object.fromEntries(
    [
      "endpoint",
      "share",
      "path",
      "credential",
      "transport",
      "telemetry",
      "retry",
      "timeouts",
      "circuitBreaker",
      "fetch",
      "middleware",
      "clock",
    ].map((name) => [`connect, ${name}`, (value: never) => connect({ endpoint, [name]: value })]),
  ),
  ...Object.fromEntries(
    ["attempts", "baseDelay", "maxDelay"].map((name) => [
      `connect, retry.${name}`,
      (value: never) => connect({ endpoint, retry: { [name]: value } }),
    ]),
  ),
  "connect, endpoint with a query": (value) => connect({ endpoint: `${endpoint}/?${String(value)}` }),
  fromUrl: (value) => fromUrl(value),
  "fromUrl, query": (value) => fromUrl(`${endpoint}/share/a?${String(value)}`),
  "fromUrl, path style": (value) => fromUrl(`http://127.0.0.1/${String(value)}`),
  fromConnectionString: (value) => fromConnectionString(value),
  "fromConnectionString, cut in two": (value) =>
    fromConnectionString(`AccountName=canary;AccountKey=${String(value).replace(/(?=.{9}$)/s, ";")}`),
  "fromConnectionString, name": (value) => fromConnectionString(`AccountName=${String(value)};AccountKey=${key}`),
  "fromConnectionString, key": (value) => fromConnectionString(`AccountName=canary;AccountKey=${String(value)}`),
  "fromConnectionString, SAS": (value) => fromConnectionString(`AccountName=canary;SharedAccessSignature=${String(value)}`),
  "fromConnectionString, endpoint": (value) => fromConnectionString(`AccountName=canary;AccountKey=${key};FileEndpoint=${String(value)}`),
  "fromConnectionString, suffix": (value) => fromConnectionString(`AccountName=canary;AccountKey=${key};EndpointSuffix=${String(value)}`),
  sas: (value) => sas(value),
  "sas, function": (value) => sas(() => value).authorize(wire, connection.clock),
  "sharedKey, account": (value) => sharedKey({ account: value, key }),
  "sharedKey, key": (value) => sharedKey({ account: "canary", key: value }),
  "bearer, source": (value) => bearer(value, { intent: "backup" }),
  "bearer, intent": (value) => bearer(async () => token, { intent: value }),
  "bearer, token": (value) => bearer(async () => value, { intent: "backup" }).authorize(wire, connection.clock),
  "bearer, http": (value) =>
    bearer(async () => value, { intent: "backup" }).authorize({ ...wire, url: "http://a.example/" }, connection.clock),
  ...Object.fromEntries(
    Object.entries({
      account: "canary",
      share: "share",
      path: "a",
      key,
      permissions: "r",
      resourceTypes: "o",
      expiresOn: "2027-01-01",
      startsOn: "2026-01-01",
      protocol: "https",
      version: "2026-10-06",
      ipRange: "1.1.1.1",
      identifier: "a",
      contentType: "a/b",
      cacheControl: "a",
    }).flatMap(([name], _, all) =>
      Object.entries({ serviceSas, accountSas }).map(([mint, make]) => [
        `${mint}, ${name}`,
        (value: never) => make({ ...Object.fromEntries(all), [name]: value } as never),
      ]),
    ),
  ),
  "userDelegationSas, key": (value) =>
    userDelegationSas({
      account: "canary",
      share: "share",
      permissions: "r",
      expiresOn: "2027-01-01",
      key: { value, signedVersion: value } as never,
    }),
  "logger, level": (value) => logger({ level: value }),
  "replay, HAR": (value) => replay(value),
  "replay, order": (value) => replay({ log: { version: "1.2", entries: [] } }, { order: value }),
  "replay, mode": (value) => replay({ log: { version: "1.2", entries: [] } }, { mode: value }),
  "replay, a miss": (value) =>
    replay({ log: { version: "1.2", creator: {}, entries: [] } }).fetch()(`${endpoint}/share/a?${String(value)}`),
  ...Object.fromEntries(
    ["url", "method", "headers", "name", "value", "status", "_file", "text"].map((field) => [
      `replay, a HAR's ${field}`,
      (value: never) => replay(harWith(field, value)).fetch()(`${endpoint}/share/a`),
    ]),
  ),
  "replay, JSON that is cut off": (value) => replay(JSON.stringify(harWith("url", value)).slice(0, -40)),
  "replay, JSON that is none": (value) => replay(`{"log":${String(value)}`),
  "replay, another header": (value) =>
    replay(harWith("value", value), { headers: ["etag"] }).fetch()(`${endpoint}/share/a`, { headers: { etag: "other" } }),
  "faults, rate": (value) => faults({ rates: { reset: value } }),
  "faults, latency": (value) => faults({ latency: value }),
  "faults, script": (value) => faults({ script: [value] }),
  "createEmulator, account": (value) => createEmulator({ account: value }),
  "createEmulator, endpoint": (value) => createEmulator({ endpoint: value }),
  "createEmulator, key": (value) => createEmulator({ key: value }),
  "emulator.respond, operation": (value) => createEmulator().respond(value, "ServerBusy"),
  "emulator.respond, times": (value) => createEmulator().respond("*", "ServerBusy", { times: value }),
  "mswHandlers, endpoint": (value) => mswHandlers(createEmulator(), { endpoint: value }),
};

describe("a secret in the wrong option is not said", () => {
  it.each(Object.entries(makers))("%s", async (_, make) => {
    const wrong: string[] = [];
    for (const value of Object.values(secrets).flatMap((secret) => [secret, ` ${secret}`, `${secret}\n`, { path: secret }, [secret]])) {
      const outcome = await outcomeOf(make as unknown as Call, value as unknown as Connection, {});
      wrong.push(...leaks(outcome, String(value)));
    }
    expect(wrong).toEqual([]);
  });

  it("and nearly each of them is one", async () => {
    const refused = await Promise.all(
      Object.values(makers).map(
        async (make) =>
          (await outcomeOf(make as unknown as Call, secrets["a token with a line break"] as unknown as Connection, {})) instanceof Error,
      ),
    );
    expect(refused.filter(Boolean).length).toBeGreaterThan(50);
  });
});

it("says where something is wrong without it", async () => {
  await expect(
    outcomeOf(calls["files.create"] as Call, connection, { ...request, path: secrets["a URL with a SAS"] }),
  ).resolves.toMatchObject({
    name: "TypeError",
    message: 'path component 1, REDACTED, has ":" at index 5, which is not allowed',
  });
  await expect(outcomeOf(calls["files.create"] as Call, connection, { ...request, share: key })).resolves.toMatchObject({
    message: expect.stringMatching(/^share is REDACTED with ".*" at index \d+, but must be 3 to 63 of a-z/),
  });
  await expect(outcomeOf(calls["files.create"] as Call, connection, { ...request, size: token })).resolves.toMatchObject({
    name: "RangeError",
    message: expect.stringMatching(/^size is REDACTED, but must be a whole number/),
  });
});
