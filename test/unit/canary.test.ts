/**
 * A key, a signature and a token that nothing else looks like go through every operation and every kind of refusal; afterwards no trace of
 * them is in errors, events, logs, spans, metrics or recordings.
 */
import { createHash, createHmac } from "node:crypto";
import { inspect } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bearer } from "../../src/auth/bearer.js";
import { explain } from "../../src/auth/explain.js";
import { sas } from "../../src/auth/sas.js";
import { sharedKey } from "../../src/auth/shared-key.js";
import { connect } from "../../src/connect.js";
import { lockHolder, withLock } from "../../src/locking/index.js";
import { kinds } from "../../src/observability/kinds.js";
import { logger } from "../../src/observability/log.js";
import { observe } from "../../src/observability/observe.js";
import { openTelemetry } from "../../src/observability/otel.js";
import * as account from "../../src/services/account.js";
import * as directories from "../../src/services/directories.js";
import * as files from "../../src/services/files.js";
import * as leases from "../../src/services/leases.js";
import * as shares from "../../src/services/shares.js";
import { createEmulator, record } from "../../src/simulation/index.js";
import { download, downloadTo, upload } from "../../src/streaming/index.js";
import type { Clock, Connection, Credential } from "../../src/types/connection.js";
import type { OperationName } from "../../src/types/requests.js";
import { type Collector, collector } from "./observability/collector.js";

/** Bytes that look like no others. */
const canary = (name: string): Buffer => createHash("sha512").update(`canary ${name} 7`).digest();

const key = canary("key").toString("base64");
const signature = canary("signature").subarray(0, 32).toString("base64");
const sourceSignature = canary("source").subarray(0, 32).toString("base64");
const token = `eyJ0eXAiOiJKV1QifQ.${canary("token").toString("base64url")}.${canary("proof").toString("base64url")}`;
const sasToken = (sig: string): string =>
  `sv=2026-10-06&ss=f&srt=sco&sp=rcwdl&se=2099-01-01T00:00:00Z&spr=https,http&sig=${encodeURIComponent(sig)}`;

/** A secret in each of the forms in which it could get out; of a long one, a part is bad enough. */
function forms(secret: string): string[] {
  const bytes = Buffer.from(secret);
  const plain = [
    secret,
    bytes.toString("base64"),
    bytes.toString("base64url"),
    bytes.toString("hex"),
    Buffer.from(secret, "base64").toString("hex"),
  ];
  const encoded = plain.flatMap((text) => [text, encodeURIComponent(text), encodeURIComponent(encodeURIComponent(text))]);
  const lower = encoded.map((text) => text.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase()));
  const spaced = plain.map((text) => text.replaceAll("+", " "));
  return [...new Set([...encoded, ...lower, ...spaced])].flatMap((text) => [text, text.slice(0, 24), text.slice(-24)]);
}

const secrets: Readonly<Record<string, readonly string[]>> = {
  key: forms(key),
  signature: forms(signature),
  "signature of a source": forms(sourceSignature),
  token: [...forms(token), ...token.split(".").slice(1)],
};

/** Which secrets a text holds, with the place; and a signature made with the key, of whatever request. */
function found(text: string): string[] {
  const traces = Object.entries(secrets).flatMap(([name, list]) =>
    list.filter((form) => text.includes(form)).map((form) => ({ name, at: text.indexOf(form) })),
  );
  const signed = /SharedKey \w+:(?!REDACTED)/.exec(text);
  return [
    ...traces.map(({ name, at }) => `${name}: …${text.slice(Math.max(0, at - 80), at + 40)}…`),
    ...(signed ? [`a signed header: ${text.slice(signed.index, signed.index + 60)}`] : []),
  ];
}

/** Everything that a value shows, in each way in which it could be written down. */
function shown(value: unknown): string {
  const text = [inspect(value, { depth: 12, showHidden: true, maxStringLength: null, maxArrayLength: null })];
  for (let error = value; error instanceof Error; error = error.cause) {
    const { name, message, stack } = error;
    text.push(
      name,
      message,
      String(stack),
      String(error),
      JSON.stringify(error),
      JSON.stringify(error, Object.getOwnPropertyNames(error)),
      explain(error) ?? "",
    );
  }
  try {
    text.push(JSON.stringify(value) ?? "");
  } catch {
    // What goes round in circles was inspected.
  }
  return text.join("\n");
}

const id = "aaaaaaaa-1111-4222-8333-aaaaaaaaaaaa";
const source = `https://source.file.core.windows.net/share/a?${sasToken(sourceSignature)}`;

/** A request that has something for everybody. */
const request = {
  share: "share",
  path: "a",
  to: "b",
  size: 1,
  body: "x",
  offset: 0,
  count: 1,
  from: source,
  sourceToken: token,
  copyId: id,
  handleId: "*",
  text: "a",
  existing: "a",
  metadata: {},
  leaseId: id,
  proposedLeaseId: id,
  expiresOn: new Date("2099-01-01T00:00:00Z"),
  permission: "O:SYG:SYD:",
  permissionKey: "1*2",
  deletedName: "share",
  deletedVersion: "01D99A38EA08C319",
  policies: [],
  cors: [],
  content: { type: "", encoding: "", language: "", disposition: "", cacheControl: "", md5: "" },
};

type Call = (connection: Connection, given: object) => unknown;

const nothing = async (): Promise<void> => undefined;
const sink = { open: async () => ({ written: 0, write: nothing, finish: nothing, discard: nothing, close: nothing }) };

const services: Record<string, Call> = {};
for (const [service, module] of Object.entries({ account, shares, directories, files, leases })) {
  for (const [name, call] of Object.entries(module)) {
    services[`${service}.${name}`] = call as Call;
    if (service !== "leases") continue;
    services[`${service}.${name} of a share`] = (connection, given) => (call as Call)(connection, { ...given, path: "", duration: 15 });
  }
}

/** Every call that there is, by name. */
const calls: Readonly<Record<string, Call>> = {
  ...services,
  upload: (connection, given) => upload(connection, given as typeof request),
  "upload in ranges": (connection, given) =>
    upload(connection, {
      ...(given as typeof request),
      size: undefined,
      body: new Uint8Array(1500).fill(7),
      rangeSize: 512,
      resume: true,
      atomic: true,
    }),
  "download into memory": async (connection, given) =>
    (await download(connection, { ...given, offset: undefined, count: undefined })).bytes(),
  "download as text": async (connection, given) => (await download(connection, { ...given, offset: undefined, count: undefined })).text(),
  downloadTo: (connection, given) => downloadTo(connection, { ...given, to: sink }),
  "withLock of a share": (connection) => withLock(connection, { path: "" }, nothing, { timeout: 0 }),
  withLock: (connection) => withLock(connection, { path: "lock" }, nothing, { timeout: 0 }),
  lockHolder: (connection) => lockHolder(connection, { path: "lock" }),
};

/** Those that are no transfers, which would wait for a circuit to close. */
const plain = Object.fromEntries(Object.entries(calls).filter(([name]) => /\w\.\w/.test(name)));

/** Runs a call to its end and resolves to what it threw, or gave. */
async function outcomeOf(call: Call, connection: Connection, given: object): Promise<unknown> {
  try {
    const result = call(connection, given) as { pages?: () => AsyncIterable<unknown>; then?: unknown } | undefined;
    if (result?.pages) {
      for await (const _ of result.pages()) break;
      return undefined;
    }
    const value = await (result as Promise<{ bytes?: () => Promise<unknown> } | undefined>);
    if (typeof value?.bytes === "function") await value.bytes();
    return undefined;
  } catch (error) {
    return error;
  }
}

const credentials: Readonly<Record<string, Credential>> = {
  sharedKey: sharedKey({ account: "canary", key }),
  sas: sas(sasToken(signature)),
  bearer: bearer(async () => token, { intent: "backup" }),
};

/** All that a request says, as a proxy or a debugging page would echo it. */
const echo = (asked: Request): string =>
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

/** What the service refuses with, each as an answer. */
const faults: Readonly<Record<string, (asked: Request) => Promise<Response>>> = {
  "400": quoting(400, "InvalidHeaderValue"),
  "401": quoting(401, "InvalidAuthenticationInfo"),
  "403": quoting(403, "AuthenticationFailed"),
  "404": quoting(404, "ResourceNotFound"),
  "409": quoting(409, "LeaseAlreadyPresent"),
  "412": quoting(412, "LeaseIdMissing"),
  "416": quoting(416, "InvalidRange"),
  "429": quoting(429, "TooManyRequests"),
};

/** Time in which what is far away comes at once, so that nobody waits for it. */
const hasty: Clock = {
  now: () => Date.now(),
  setTimeout: (callback, delay) => setTimeout(callback, Math.min(delay, 3)),
  clearTimeout: (handle) => clearTimeout(handle as number),
};

let collected: Collector;
const lines: string[] = [];
const events: string[] = [];
const sent = new Set<OperationName>();

const telemetry = (): ReturnType<typeof observe> =>
  observe(logger({ level: "debug", write: (line) => void lines.push(line) }), openTelemetry(collected), (event) => {
    if (event.type === "call-started") sent.add(event.call.operation);
    events.push(inspect(event, { depth: 12 }));
  });

beforeAll(() => {
  collected = collector();
});

afterAll(() => collected.close());

describe("secrets are nowhere to be found", () => {
  const cases = Object.keys(credentials).flatMap((credential) => Object.keys(faults).map((fault) => [credential, fault] as const));

  it.each(cases)("when a call with %s meets %s", async (credential, fault) => {
    sent.clear();
    events.length = lines.length = 0;
    const recorder = record();
    let seen = "";
    const connection = connect({
      endpoint: "https://canary.file.core.windows.net",
      share: "share",
      credential: credentials[credential],
      middleware: [recorder.middleware],
      fetch: (asked) => {
        seen += echo(asked);
        return (faults[fault] as (typeof faults)["400"])(asked);
      },
      clock: hasty,
      retry: { attempts: 2 },
      circuitBreaker: false,
      telemetry: telemetry(),
    });
    const outcomes: unknown[] = [];
    for (const call of Object.values(calls)) outcomes.push(await outcomeOf(call, connection, request));
    // One that opens at once, and says why.
    const broken = connect({ ...connection, retry: { attempts: 1 }, circuitBreaker: { failures: 1, openFor: 3_600_000 } });
    for (const call of Object.values(plain)) outcomes.push(await outcomeOf(call, broken, request));
    expect(Object.keys(kinds).filter((operation) => !sent.has(operation as OperationName))).toEqual([]);
    // They were on their way: the test would see them.
    expect(found(seen)).not.toEqual([]);
    expect(outcomes.filter((outcome) => outcome instanceof Error).length).toBeGreaterThan(50);
    expect(lines.length).toBeGreaterThan(300);
    for (const [where, text] of Object.entries({
      errors: outcomes.map(shown).join("\n"),
      events: events.join("\n"),
      logs: lines.join("\n"),
      telemetry: inspect(await collected.everything(), { depth: 12, maxStringLength: null, maxArrayLength: null }),
      recordings: JSON.stringify(recorder.har()),
    })) {
      expect(found(text), where).toEqual([]);
    }
    expect(shown(connection)).not.toContain(key);
    expect(found(shown(connection)), "the connection itself").toEqual([]);
  });

  it("when all goes well", async () => {
    const emulator = createEmulator({ account: "canary", key, insecureBearer: true });
    const recorder = record();
    const connection = connect({
      endpoint: emulator.endpoint,
      share: "share",
      credential: credentials["sharedKey"],
      fetch: emulator.fetch,
      middleware: [recorder.middleware],
      clock: hasty,
      telemetry: telemetry(),
    });
    events.length = lines.length = 0;
    await shares.create(connection);
    for (const call of Object.values(calls)) await outcomeOf(call, connection, request);
    expect(recorder.count).toBeGreaterThan(50);
    expect(found([...events, ...lines, JSON.stringify(recorder.har())].join("\n"))).toEqual([]);
  });
});

it("finds a secret in each of its forms", () => {
  const made = createHmac("sha256", key).update("a").digest("base64");
  expect(found(`https://a.example/?${sasToken(signature)}`)).not.toEqual([]);
  expect(found(encodeURIComponent(source))).not.toEqual([]);
  expect(found(Buffer.from(token).toString("base64"))).not.toEqual([]);
  expect(found(`authorization: SharedKey canary:${made}`)).not.toEqual([]);
  expect(found(`sig=${signature.slice(0, 30)}`)).not.toEqual([]);
  expect(found(shown(new Error("a", { cause: new Error(key) })))).not.toEqual([]);
  expect(found("sig=REDACTED, SharedKey canary:REDACTED, Bearer REDACTED")).toEqual([]);
});
