/** Many small calls under one signal that lives as long as the program: nothing may pile up at it, or anywhere else. */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { connect, type Connection, sharedKey } from "azure-files";
import { create, getProperties } from "azure-files/files";
import { serve } from "azure-files/node";
import { createEmulator } from "azure-files/simulation";
import { create as createShare } from "azure-files/shares";
import { expect, it } from "vitest";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

/** A signal that counts who listens to it. */
function countedSignal(): { signal: AbortSignal; now(): number; most(): number } {
  const { signal } = new AbortController();
  const held = new Set<unknown>();
  let most = 0;
  const { addEventListener, removeEventListener } = signal;
  signal.addEventListener = (type: string, listener: EventListener, options?: AddEventListenerOptions | boolean) => {
    held.add(listener);
    most = Math.max(most, held.size);
    addEventListener.call(signal, type, listener, options);
  };
  signal.removeEventListener = (type: string, listener: EventListener, options?: EventListenerOptions | boolean) => {
    held.delete(listener);
    removeEventListener.call(signal, type, listener, options);
  };
  return { signal, now: () => held.size, most: () => most };
}

/** Bytes in use, with all that nobody holds taken away, which takes as many rounds as it takes. */
async function heap(): Promise<number> {
  let least = Infinity;
  for (let idle = 0; idle < 8; idle++) {
    collect();
    await new Promise((done) => setTimeout(done, 1));
    const { heapUsed } = process.memoryUsage();
    if (heapUsed < least - 1024) [least, idle] = [heapUsed, 0];
  }
  return least;
}

/** Calls one after the other; returns the bytes that each of the second half left behind. */
async function bytesLeft(connection: Connection, calls: number, signal: AbortSignal): Promise<number> {
  const half = async (): Promise<number> => {
    for (let call = 0; call < calls / 2; call++) await getProperties(connection, { path: "f", signal });
    return heap();
  };
  // The first half makes what is made once.
  const before = await half();
  return ((await half()) - before) / (calls / 2);
}

/** An answer as the service gives one, with no service behind it. */
const answered = new Headers({ etag: '"0x1"', "content-length": "0", "last-modified": new Date(0).toUTCString() });

it("holds 100,000 calls, one after the other, with one listener at most and a heap that stays as it is", async () => {
  const { signal, now, most } = countedSignal();
  let asked = 0;
  const connection = connect({
    endpoint: "http://127.0.0.1:1/account",
    share: "long",
    async fetch() {
      // Weak references hold what they point to until the event loop turns.
      if (++asked % 100 === 0) await new Promise((done) => setImmediate(done));
      return new Response(null, { status: 200, headers: answered });
    },
  });
  // A listener, or a promise that waits for one, would be twice as much.
  expect(await bytesLeft(connection, 100_000, signal)).toBeLessThan(64);
  expect([now(), most()]).toEqual([0, 1]);
}, 120_000);

it.each([
  ["node", 5000, 100],
  // Node's fetch makes a connection for each of these.
  ["fetch", 2000, 300],
] as const)(
  "holds calls over the network (%s, %i of them) the same way",
  async (transport, calls, bytes) => {
    const { signal, now, most } = countedSignal();
    // Keeps no list of what it was asked.
    const headers = [...answered];
    const server = await serve({ handle: async () => new Response(null, { status: 200, headers }) });
    const connection = connect({ endpoint: `${server.url}/account`, share: "long", transport });
    expect(await bytesLeft(connection, calls, signal)).toBeLessThan(bytes);
    expect([now(), most()]).toEqual([0, 1]);
    await server.close();
  },
  120_000,
);

it("has a listener for each of the calls that are under way at once, and none afterwards", async () => {
  const { signal, now, most } = countedSignal();
  const emulator = createEmulator();
  const { account, key, endpoint, fetch } = emulator;
  const connection = connect({ endpoint, share: "long", credential: sharedKey({ account, key }), fetch });
  await createShare(connection);
  await create(connection, { path: "f", size: 1 });
  for (let round = 0; round < 20; round++) {
    await Promise.all(Array.from({ length: 16 }, () => getProperties(connection, { path: "f", signal })));
    expect(now()).toBe(0);
  }
  expect(most()).toBe(16);
});
