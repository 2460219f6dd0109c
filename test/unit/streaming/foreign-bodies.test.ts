/** Bodies that are not of this realm or not the engine's own are taken by what they can do, never by what they are instances of. */
import { Readable } from "node:stream";
import { ReadableStream as NodeStream } from "node:stream/web";
import { runInNewContext } from "node:vm";
import { afterEach, describe, expect, it, vi } from "vitest";
import { ReadableStream as Ponyfill } from "web-streams-polyfill";
import { connect, sharedKey } from "../../../src/index.js";
import { serviceSas } from "../../../src/auth/mint.js";
import { createIfMissing } from "../../../src/services/shares.js";
import { createEmulator } from "../../../src/simulation/index.js";
import { download, upload, type UploadBody } from "../../../src/streaming/index.js";
import type { Connection } from "../../../src/types/connection.js";

const key = "a2V5a2V5";
const text = "one two three";

/** A `Blob` of a library's, which no engine knows. */
class StrangeBlob {
  readonly #bytes: Uint8Array<ArrayBuffer>;
  readonly type: string;
  constructor(bytes: Uint8Array<ArrayBuffer>, type = "") {
    this.#bytes = bytes;
    this.type = type;
  }
  get size(): number {
    return this.#bytes.byteLength;
  }
  get [Symbol.toStringTag](): string {
    return "Blob";
  }
  slice(start?: number, end?: number, type?: string): StrangeBlob {
    return new StrangeBlob(this.#bytes.slice(start, end), type);
  }
  async arrayBuffer(): Promise<ArrayBuffer> {
    return this.#bytes.slice().buffer;
  }
}

/** Evaluates an expression where nothing is of this realm. */
const elsewhere = (expression: string): unknown => runInNewContext(expression, { codes: [...new TextEncoder().encode(text)] });

const ponyfilled = (): unknown =>
  new Ponyfill({
    start(controller) {
      for (const word of text.split(/(?<= )/)) controller.enqueue(new TextEncoder().encode(word));
      controller.close();
    },
  });

const bodies: Record<string, () => unknown> = {
  "bytes of another realm": () => elsewhere("new Uint8Array(codes)"),
  "a buffer of another realm": () => elsewhere("new Uint8Array(codes).buffer"),
  "a view of another realm": () => elsewhere("new DataView(new Uint8Array([0, ...codes]).buffer, 1)"),
  "shared memory of another realm": () =>
    elsewhere("{ const bytes = new Uint8Array(new SharedArrayBuffer(codes.length)); bytes.set(codes); bytes }"),
  "an iterable of another realm": () =>
    elsewhere("(async function* () { for (let at = 0; at < codes.length; at += 4) yield new Uint8Array(codes.slice(at, at + 4)) })()"),
  "a stream of another realm's bytes": () =>
    new ReadableStream({ start: (to) => (to.enqueue(elsewhere("new Uint8Array(codes)")), to.close()) }),
  "a ponyfill's stream": ponyfilled,
  "a stream of Node's": () => Readable.from([Buffer.from(text)]),
  "a stream of Node's, made a WHATWG one": () => Readable.toWeb(Readable.from([Buffer.from(text)])),
  "a stream of node:stream/web": () => NodeStream.from([new TextEncoder().encode(text)]),
  "a strange Blob": () => new StrangeBlob(new TextEncoder().encode(text)),
  "a strange Blob with a type": () => new StrangeBlob(new TextEncoder().encode(text), "text/plain"),
  "a stream of strange Blobs": () => Readable.from([new StrangeBlob(new TextEncoder().encode(text), "text/plain")]),
};

async function account(): Promise<Connection> {
  const emulator = createEmulator({ account: "account", key });
  const connection = connect({
    endpoint: emulator.endpoint,
    share: "docs",
    credential: sharedKey({ account: "account", key }),
    fetch: emulator.fetch,
    retry: { attempts: 1 },
  });
  await createIfMissing(connection);
  return connection;
}

afterEach(() => vi.unstubAllGlobals());

describe.each([
  ["an engine that sends bytes as they are", "Cloudflare-Workers"],
  ["an engine that sends bytes as a stream", "Node.js/24"],
])("in %s", (_, userAgent) => {
  it.each(Object.entries(bodies))("%s arrives", async (_name, make) => {
    vi.stubGlobal("navigator", { userAgent });
    const connection = await account();
    // In one request where it is known to be short, and in ranges.
    await upload(connection, { path: "a.txt", body: make() as UploadBody });
    await upload(connection, { path: "b.txt", body: make() as UploadBody, rangeSize: 512, atomic: true });
    for (const path of ["a.txt", "b.txt"]) expect(await (await download(connection, { path })).text()).toBe(text);
  });
});

it("a time of another realm is one", async () => {
  const expiresOn = elsewhere("new Date(Date.UTC(2030, 0, 1))") as Date;
  expect(await serviceSas({ account: "account", key, share: "docs", permissions: "r", expiresOn })).toContain("2030-01-01T00%3A00%3A00Z");
});
