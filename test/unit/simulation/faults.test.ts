/** Faults on purpose: the same for the same seed, around a fetch or a connection, and what a client makes of them. */
import { describe, expect, it } from "vitest";
import { sharedKey } from "../../../src/auth/shared-key.js";
import { connect } from "../../../src/connect.js";
import * as files from "../../../src/services/files.js";
import { create } from "../../../src/services/shares.js";
import { createEmulator, faults, type FaultKind, type FaultOptions } from "../../../src/simulation/index.js";
import { download } from "../../../src/streaming/download.js";
import { ending } from "../wire-double.js";
import { turn, virtualClock } from "../virtual-clock.js";

const content = new Uint8Array(3000).map((_, index) => index % 251);

/** A file in an emulator, and what reads it with faults in between. */
async function staged(options: FaultOptions, place: "fetch" | "middleware") {
  const clock = virtualClock();
  const { account, key, endpoint, ...emulator } = createEmulator({ clock });
  let busy = 0;
  /** Counts what takes real time, and must not see virtual time pass: signatures are computed in threads. */
  const counted =
    <Given extends unknown[], T>(work: (...given: Given) => Promise<T>) =>
    async (...given: Given): Promise<T> => {
      busy++;
      return work(...given).finally(() => busy--);
    };
  const fetch = counted(emulator.fetch);
  const signing = sharedKey({ account, key });
  const credential = {
    ...signing,
    authorize: counted(async (...given: Parameters<typeof signing.authorize>) => signing.authorize(...given)),
  };
  const base = { endpoint, share: "share", credential, clock };
  const sound = connect({ ...base, fetch });
  await create(sound);
  await files.write(sound, { path: "a", body: content });
  const faulty = faults(options);
  const around = place === "fetch" ? { fetch: faulty.fetch(fetch) } : { fetch, middleware: [faulty.middleware] };
  const connection = connect({ ...base, ...around, random: () => 0 });
  /** Runs work while virtual time passes as it is waited for. */
  const inTime = async <T>(work: Promise<T>): Promise<unknown> => {
    let over = false;
    const end = ending(work).finally(() => (over = true));
    for (let step = 0; step < 200 && !over; step++) {
      for (let still = 0; still < 10; still = busy > 0 ? 0 : still + 1) await turn();
      await clock.advance(1000);
    }
    return end;
  };
  return { connection, faulty, clock, inTime };
}

describe.each(["fetch", "middleware"] as const)("faults around a %s", (place) => {
  it.each<FaultKind>(["loss", "reset", "truncate", "break", "stall", "throttle", "error"])("%s: a download gets over it", async (kind) => {
    const { connection, faulty, inTime } = await staged({ script: [kind] }, place);
    expect(await inTime(download(connection, { path: "a" }).then((file) => file.bytes()))).toEqual(content);
    expect(faulty.happened).toMatchObject([{ kind, method: "GET" }]);
  });

  it("expire: an end that a single token does not get over", async () => {
    const { connection } = await staged({ script: ["none", "expire"] }, place);
    expect((await files.getProperties(connection, { path: "a" })).size).toBe(3000);
    expect(await ending(files.getProperties(connection, { path: "a" }))).toMatchObject({ code: "AuthenticationFailed", status: 403 });
  });

  it("throttled requests are told how long to wait, and wait", async () => {
    const { connection, clock, inTime } = await staged({ script: ["throttle"], retryAfter: 7 }, place);
    const before = clock.now();
    expect(await inTime(files.getProperties(connection, { path: "a" }))).toMatchObject({ size: 3000 });
    expect(clock.now() - before).toBeGreaterThanOrEqual(7000);
  });
});

describe("what happens", () => {
  const send = async (options: FaultOptions, requests = 300): Promise<string[]> => {
    const faulty = faults(options);
    const fetch = faulty.fetch(async () => new Response("1234"));
    for (let index = 0; index < requests; index++)
      await fetch(`http://127.0.0.1/${index}?sig=c2VjcmV0`).then(
        (response) => response.status,
        () => 0,
      );
    expect(JSON.stringify(faulty.happened)).not.toContain("c2VjcmV0");
    return faulty.happened.map(({ kind, url }) => `${kind} ${new URL(url).pathname}`);
  };
  const rates = { loss: 0.1, throttle: 0.2, break: 0.05 };

  it("is the same for the same seed, another for another, and about as often as asked for", async () => {
    const once = await send({ seed: 7, rates });
    expect(await send({ seed: 7, rates })).toEqual(once);
    expect(await send({ seed: 8, rates })).not.toEqual(once);
    expect(once.filter((line) => line.startsWith("throttle")).length).toBeGreaterThan(30);
    expect(once.filter((line) => line.startsWith("throttle")).length).toBeLessThan(90);
    expect(once.some((line) => line.startsWith("error"))).toBe(false);
  });

  it("is for the requests that it is for", async () => {
    expect(await send({ rates: { loss: 1 }, only: ({ url }) => url.includes("/5?") }, 20)).toEqual(["loss /5"]);
  });

  it("takes its time, which an abort ends", async () => {
    const clock = virtualClock();
    const fetch = faults({ latency: [100, 100], clock }).fetch(async () => new Response("x"));
    const controller = new AbortController();
    const aborted = ending(fetch("http://127.0.0.1/", { signal: controller.signal }));
    await clock.advance(99);
    controller.abort("enough");
    expect(await aborted).toBe("enough");
    const end = fetch("http://127.0.0.1/");
    await clock.advance(100);
    expect(await (await end).text()).toBe("x");
    expect(clock.pending).toEqual([]);
  });

  it.each<[FaultOptions, RegExp]>([
    [{ rates: { loss: -1 } }, /^loss is -1/],
    [{ rates: { loss: 0.6, reset: 0.6 } }, /^the rates are 1.2 together/],
    [{ latency: [5, 1] }, /^latency is from 5 to 1/],
    [{ rates: { loss: "0.5" as never } }, /^loss is "0.5", but must be a number from 0/],
    [{ latency: [1] as never }, /^latency is from 1 to undefined/],
    [{ latency: Infinity }, /^latency is from Infinity to Infinity, but must not fall, and end/],
    [{ seed: NaN }, /^seed is NaN/],
    [{ retryAfter: -1 }, /^retryAfter is -1/],
    [{ script: ["fire" as never] }, /^there is no fault "fire"/],
    [{ rates: { fire: 1 } as never }, /^there is no fault "fire"/],
  ])("cannot be %j", (options, message) => {
    expect(() => faults(options)).toThrow(message);
  });
});
