/**
 * A key, a signature and a token that nothing else looks like go through every operation and every kind of failure; afterwards no trace of
 * them is in errors, events, logs, spans, metrics or recordings.
 */
import { createHmac } from "node:crypto";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { bearer } from "../../../src/auth/bearer.js";
import { sas } from "../../../src/auth/sas.js";
import { sharedKey } from "../../../src/auth/shared-key.js";
import { connect } from "../../../src/connect.js";
import { saveHar } from "../../../src/node/har-files.js";
import { kinds } from "../../../src/observability/kinds.js";
import { logger } from "../../../src/observability/log.js";
import { observe } from "../../../src/observability/observe.js";
import { openTelemetry } from "../../../src/observability/otel.js";
import * as shares from "../../../src/services/shares.js";
import { createEmulator, record } from "../../../src/simulation/index.js";
import type { Credential } from "../../../src/types/connection.js";
import type { OperationName } from "../../../src/types/requests.js";
import { collector } from "../observability/collector.js";
import { answers, echo } from "./answers.js";
import { calls, outcomeOf, request, source } from "./calls.js";
import { type Counted, hurried } from "./hurried-clock.js";
import { found, key, sasToken, shown, signature, token } from "./secrets.js";

const credentials: Readonly<Record<string, Credential>> = {
  sharedKey: sharedKey({ account: "canary", key }),
  sas: sas(sasToken(signature)),
  bearer: bearer(async () => token, { intent: "backup" }),
};

/** A credential whose work is waited for. */
const signing = (credential: Credential | undefined, counted: Counted): Credential => ({
  ...(credential as Credential),
  authorize: counted(async (...given: Parameters<Credential["authorize"]>) => (credential as Credential).authorize(...given)),
});

/** Answers that some calls take for good ones, having no body to look at; and how many calls at least must fail. */
const FEW: ReadonlyMap<string, number> = new Map([
  ["a page of a proxy that says all is well", 5],
  ["a body that breaks off", 30],
  ["a body that ends too early", 5],
  ["a body that stops", 5],
  ["a body that is no XML", 5],
  ["XML that quotes", 5],
  ["headers that are wrong", 5],
]);

const folder = mkdtempSync(join(tmpdir(), "canary-"));
afterEach(() => {
  for (const name of readdirSync(folder)) rmSync(join(folder, name));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** All that is in the folder, with the names. */
const contents = async (): Promise<string> =>
  (await Promise.all((await readdir(folder)).map(async (name) => `${name}\n${await readFile(join(folder, name), "latin1")}`))).join("\n");

interface Watched {
  readonly telemetry: ReturnType<typeof observe>;
  readonly lines: string[];
  readonly events: string[];
  /** Operations that were called. */
  readonly sent: Set<OperationName>;
  /** Spans and metrics, for a search through them. */
  collected(): Promise<string>;
}

/** Everything that listens, listening. */
function watched(): Watched {
  const collected = collector();
  const [lines, events]: string[][] = [[], []] as const;
  const sent = new Set<OperationName>();
  return {
    lines,
    events,
    sent,
    telemetry: observe(logger({ level: "debug", write: (line) => void lines.push(line) }), openTelemetry(collected), (event) => {
      if (event.type === "call-started") sent.add(event.call.operation);
      events.push(inspect(event, { depth: 8 }));
    }),
    async collected() {
      const all = inspect(await collected.everything(), { depth: 12, maxStringLength: null, maxArrayLength: null });
      await collected.close();
      return all;
    },
  };
}

describe("secrets are nowhere to be found", () => {
  const cases = Object.keys(credentials).flatMap((credential) => Object.keys(answers).map((answer) => [credential, answer] as const));

  it.each(cases)("when calls with %s meet %s", async (credential, answer) => {
    const { telemetry, lines, events, sent, collected } = watched();
    // As middleware with nearly all bodies in files of their own, and around the fetch with none.
    const [recorder, wire] = [record({ inline: 64 }), record({ inline: 1e6 })];
    let seen = "";
    const options = {
      endpoint: "https://canary.file.core.windows.net",
      share: "share",
      middleware: [recorder.middleware],
      fetch: wire.fetch((asked) => {
        seen += echo(asked);
        return (answers[answer] as (typeof answers)["400"])(asked);
      }),
      retry: { attempts: 2 },
      // Opens at once, and says why.
      circuitBreaker: { failures: 1, openFor: 10_000 },
      telemetry,
    };
    const outcomes: unknown[] = [];
    for (const call of Object.values(calls)) {
      outcomes.push(
        await hurried((clock, counted) => {
          const connection = connect({ ...options, clock, credential: signing(credentials[credential], counted) });
          return outcomeOf(call, connection, request);
        }),
      );
    }
    expect(Object.keys(kinds).filter((operation) => !sent.has(operation as OperationName))).toEqual([]);
    // They were on their way: the test would see them.
    expect(found(seen)).not.toEqual([]);
    expect(outcomes.filter((outcome) => outcome instanceof Error).length).toBeGreaterThan(FEW.get(answer) ?? 50);
    expect(lines.length).toBeGreaterThan(200);
    await saveHar(join(folder, "run.har"), recorder);
    await saveHar(join(folder, "wire.har"), wire);
    for (const [where, text] of Object.entries({
      errors: outcomes.map(shown).join("\n"),
      events: events.join("\n"),
      logs: lines.join("\n"),
      telemetry: await collected(),
      recordings: await contents(),
    })) {
      expect(found(text), where).toEqual([]);
    }
  });

  it("when all goes well", async () => {
    const recorder = record({ inline: 16 });
    const { telemetry, lines, events, collected } = watched();
    const listed = await hurried(async (clock, counted) => {
      const emulator = createEmulator({ account: "canary", key, clock });
      const connection = connect({
        endpoint: emulator.endpoint,
        share: "share",
        credential: signing(credentials["sharedKey"], counted),
        fetch: counted(emulator.fetch),
        middleware: [recorder.middleware],
        clock,
        telemetry,
      });
      await shares.create(connection);
      for (const call of Object.values(calls)) await outcomeOf(call, connection, request);
      return emulator.requests;
    });
    expect(recorder.count).toBeGreaterThan(50);
    await saveHar(join(folder, "well.har"), recorder);
    expect(readdirSync(folder).length).toBeGreaterThan(10);
    expect(found([...events, ...lines, await collected(), await contents()].join("\n"))).toEqual([]);
    expect(listed.length).toBeGreaterThan(50);
    expect(found(shown(listed)), "what the emulator lists").toEqual([]);
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
