/** Faults on real sockets by either transport, faults at the same time, and bodies that stop in their middle. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { serviceSas } from "../../../src/auth/mint.js";
import { sas } from "../../../src/auth/sas.js";
import { sharedKey } from "../../../src/auth/shared-key.js";
import { connect } from "../../../src/connect.js";
import { serve, type ServedHttp } from "../../../src/node/serve.js";
import * as files from "../../../src/services/files.js";
import { create } from "../../../src/services/shares.js";
import { createEmulator, faults, replay, record, type FaultKind, type Faults } from "../../../src/simulation/index.js";
import { download } from "../../../src/streaming/download.js";
import { ending } from "../wire-double.js";

const content = new Uint8Array(300_000).map((_, index) => index % 251);

describe("over HTTP", () => {
  const emulator = createEmulator();
  const credential = sharedKey(emulator);
  let server: ServedHttp;
  let endpoint: string;
  beforeAll(async () => {
    server = await serve(emulator);
    endpoint = `${server.url}/${emulator.account}`;
    const owner = connect({ endpoint, share: "share", credential });
    await create(owner);
    await files.write(owner, { path: "a", body: content });
  });
  afterAll(() => server.close());

  /** A connection through faults: with no `fetch` of its own it goes by Node's client, else by the engine's fetch. */
  const through = (faulty: Faults, transport: "Node's client" | "fetch") =>
    connect({
      endpoint,
      share: "share",
      credential,
      ...(transport === "fetch" ? { fetch: faulty.fetch() } : { middleware: [faulty.middleware] }),
      retry: { baseDelay: 1 },
      // Long enough for any answer of this machine, and no longer than a test may wait for a body that does not come.
      timeouts: { idle: 500 },
    });

  describe.each(["Node's client", "fetch"] as const)("by %s", (transport) => {
    it.each<FaultKind>(["loss", "reset", "truncate", "break", "stall", "error"])("%s: a download gets over it", async (kind) => {
      const faulty = faults({ script: [kind] });
      expect(await (await download(through(faulty, transport), { path: "a" })).bytes()).toEqual(content);
      expect(faulty.happened).toMatchObject([{ kind, method: "GET" }]);
    });

    it("throttle and expire: HEAD has no body, and the client is told what it has to know", async () => {
      const faulty = faults({ script: ["throttle", "expire"], retryAfter: 0 });
      await expect(files.getProperties(through(faulty, transport), { path: "a" })).rejects.toMatchObject({ code: "AuthenticationFailed" });
      expect(faulty.happened.map(({ kind }) => kind)).toEqual(["throttle", "expire"]);
    });
  });
});

it("an expired token is renewed where the credential can, and the call goes through", async () => {
  const emulator = createEmulator();
  const { endpoint, account, key } = emulator;
  const owner = connect({ endpoint, share: "share", credential: sharedKey(emulator), fetch: emulator.fetch });
  await create(owner);
  await files.write(owner, { path: "a", body: "x" });
  let issued = 0;
  const credential = sas(async () => {
    const expiresOn = new Date(Date.now() + 3_600_000 + 1000 * issued++);
    return serviceSas({ account, key, share: "share", permissions: "r", expiresOn, protocol: "https,http" });
  });
  const faulty = faults({ script: ["expire"] });
  const connection = connect({ endpoint, share: "share", credential, fetch: faulty.fetch(emulator.fetch) });
  expect(await (await files.read(connection, { path: "a" })).text()).toBe("x");
  expect([issued, faulty.happened.length]).toEqual([2, 1]);
});

describe("at the same time", () => {
  const rates = { loss: 0.2, throttle: 0.2, break: 0.2 };

  /** Sends a hundred requests that differ by name, range or not at all, in an order of its own, from another place each time. */
  async function met(seed: number, order: (one: number, other: number) => number, host: string): Promise<string[]> {
    const faulty = faults({ seed, rates });
    const fetch = faulty.fetch(async () => new Response("1234"));
    const send = faulty.middleware(async () => new Response("1234"));
    const { signal } = new AbortController();
    const numbers = Array.from({ length: 100 }, (_, index) => index).toSorted(order);
    const met = await Promise.all(
      numbers.map(async (index): Promise<[number, string]> => {
        const url = `http://${host}/s/${index % 4 === 0 ? "same" : index % 50}?b=1&a=2&sig=${host}`;
        const headers = { "x-ms-range": `bytes=0-${index % 4 === 0 ? 0 : index}` };
        const sent = index % 2 ? fetch(url, { headers }) : send({ operation: "Get File", attempt: 1, method: "GET", url, headers, signal });
        const outcome = await Promise.resolve(sent).then(
          async (answer) => `${answer.status} ${(await ending(new Response(answer.body).text())) === "1234"}`,
          () => "lost",
        );
        // Those that ask for the same share what happens to them.
        return [index % 4 === 0 ? 0 : index, outcome];
      }),
    );
    return met.map(([index, outcome]) => `${index} ${outcome}`).toSorted();
  }

  it("requests meet what they met before, whatever their order is and wherever the account", async () => {
    const once = await met(7, (one, other) => one - other, "127.0.0.1:1");
    expect(await met(7, (one, other) => other - one, "127.0.0.1:65000")).toEqual(once);
    expect(await met(7, (one, other) => (one % 7) - (other % 7), "files.example")).toEqual(once);
    expect(await met(8, (one, other) => one - other, "127.0.0.1:1")).not.toEqual(once);
    for (const outcome of ["200 true", "200 false", "503 false", "lost"]) expect(once.some((line) => line.endsWith(outcome))).toBe(true);
  });

  it("around a replay and around a recorder they are part of what is recorded", async () => {
    const recording = record();
    const faulty = faults({ script: ["none", "throttle", "reset"] });
    const fetch = recording.fetch(faulty.fetch(async () => new Response("1234")));
    for (const name of ["a", "b", "c"]) await ending(fetch(`http://127.0.0.1:1/${name}`).then((answer) => answer.text()));
    const har = recording.har();
    expect(har.log.entries.map(({ response }) => response.status)).toEqual([200, 503, 0]);
    const again = faults({ script: ["none", "loss"] }).fetch(replay(har).fetch());
    expect(await (await again("http://127.0.0.1:1/b")).text()).toContain("ServerBusy");
    await expect(again("http://127.0.0.1:1/a")).rejects.toThrow(TypeError);
    expect(await (await again("http://127.0.0.1:1/a")).text()).toBe("1234");
  });
});

it.each<FaultKind>(["loss", "reset", "truncate", "break", "throttle"])(
  "a download that got over a %s when it was recorded gets over it in a strict replay, with the same bytes",
  async (kind) => {
    const emulator = createEmulator();
    const { endpoint } = emulator;
    const settings = { endpoint, share: "share", credential: sharedKey(emulator), retry: { baseDelay: 1 } };
    const owner = connect({ ...settings, fetch: emulator.fetch });
    await create(owner);
    await files.write(owner, { path: "a", body: content });
    const recording = record();
    const broken = faults({ script: [kind], retryAfter: 0 });
    const recorded = connect({ ...settings, fetch: recording.fetch(broken.fetch(emulator.fetch)) });
    expect(await (await download(recorded, { path: "a" })).bytes()).toEqual(content);
    expect(broken.happened).toHaveLength(1);

    const tape = replay(recording.har(), { order: "strict", files: (name) => recording.files().get(name) });
    expect(await (await download(connect({ ...settings, fetch: tape.fetch() }), { path: "a" })).bytes()).toEqual(content);
    expect(tape.left).toBe(0);
  },
);

describe("half of a body", () => {
  const inPieces = (headers: Record<string, string> = {}): Response => {
    let given = 0;
    const body = new ReadableStream<Uint8Array>({
      pull: (controller) => (given === 10 ? controller.close() : controller.enqueue(new Uint8Array(100).fill(given++))),
    });
    return new Response(body, { headers });
  };

  /** What comes of a body, and how it ends. */
  async function read(kind: FaultKind, headers?: Record<string, string>): Promise<[number, string]> {
    const controller = new AbortController();
    const fetch = faults({ script: [kind] }).fetch(async () => inPieces(headers));
    const reader = (await fetch("http://127.0.0.1:1/", { signal: controller.signal })).body?.getReader();
    let size = 0;
    const over = (async () => {
      for (let next = await reader?.read(); next && !next.done; next = await reader?.read()) size += next.value.length;
    })().then(
      () => "end",
      (error: unknown) => String(error),
    );
    // All that comes by itself has come.
    for (let turns = 0; turns < 50; turns++) await new Promise((resolve) => setImmediate(resolve));
    controller.abort("enough");
    return [size, await over];
  }

  it("is half of what the answer says of its length, in however many pieces it comes", async () => {
    expect(await read("truncate", { "content-length": "1000" })).toEqual([500, "end"]);
    expect(await read("break", { "content-length": "999" })).toEqual([499, "TypeError: fetch failed"]);
    expect(await read("truncate")).toEqual([50, "end"]);
    expect(await read("truncate", { "content-length": "0" })).toEqual([0, "end"]);
  });

  it("that stalls ends with the request's signal, as a body over the network does", async () => {
    expect(await read("stall", { "content-length": "1000" })).toEqual([500, "enough"]);
  });

  it("does not begin where the signal was aborted before", async () => {
    let asked = 0;
    const signal = AbortSignal.abort("enough");
    const send = faults({ latency: 5 }).middleware(async () => {
      asked++;
      return new Response();
    });
    const request = { operation: "Get File", attempt: 1, method: "GET", url: "http://127.0.0.1:1/", headers: {}, signal } as const;
    expect(await ending(send(request))).toBe("enough");
    expect(asked).toBe(0);
  });
});
