/** The transport on fetch, and the little things below it: bodies, limits, waits. */
import { afterEach, describe, expect, it, vi } from "vitest";
import { connect } from "../../../src/connect.js";
import { TransportError } from "../../../src/errors.js";
import { getProperties, putRange } from "../../../src/services/files.js";
import { bodyOf, isBlob, sizeOfBody, sliceOf } from "../../../src/transport/bytes.js";
import { fetchTransport } from "../../../src/transport/fetch.js";
import { limit } from "../../../src/transport/limit.js";
import { within } from "../../../src/transport/within.js";
import type { ConnectionOptions } from "../../../src/config.js";
import { request } from "../auth/request.js";
import { turn, virtualClock } from "../virtual-clock.js";
import { countedSignal, ending } from "../wire-double.js";

afterEach(() => vi.unstubAllGlobals());

const path = "file.txt";
type Fetch = NonNullable<ConnectionOptions["fetch"]>;
const connected = (fetch: Fetch | undefined, clock = virtualClock()) =>
  connect({ endpoint: "https://account.file.core.windows.net", share: "share", fetch, clock, retry: false });

describe("a request through fetch", () => {
  it("has method, URL, headers, its options and no body where there is none", async () => {
    const seen: Request[] = [];
    await getProperties(
      connected((given) => {
        seen.push(given);
        return Promise.resolve(new Response(null, { status: 200 }));
      }),
      { path },
    );
    const [first] = seen;
    expect(first).toMatchObject({
      method: "HEAD",
      url: "https://account.file.core.windows.net/share/file.txt",
      redirect: "manual",
      cache: "no-store",
      body: null,
    });
    expect(first?.headers.get("x-ms-version")).toBe("2026-10-06");
  });

  it.each(["Node.js/24", "Mozilla/5.0 Chrome/140"])("carries the bytes of every kind of body whole (%s)", async (userAgent) => {
    vi.stubGlobal("navigator", { userAgent });
    const text = "grüße";
    const expected = new TextEncoder().encode(text);
    const padded = new Uint8Array([1, ...expected, 2]);
    for (const body of [
      text,
      expected,
      expected.buffer,
      padded.subarray(1, -1),
      new DataView(padded.buffer, 1, expected.length),
      new Blob([text], { type: "text/plain" }),
    ]) {
      const seen: { bytes: Uint8Array; length: string | null; type: string | null }[] = [];
      await putRange(
        connected(async (given) => {
          seen.push({
            bytes: new Uint8Array(await given.arrayBuffer()),
            length: given.headers.get("content-length"),
            type: given.headers.get("content-type"),
          });
          return new Response(null, { status: 201 });
        }),
        { path, offset: 0, body },
      );
      expect(seen[0]?.bytes).toEqual(expected);
      // An engine that adds a type of its own changes what was signed.
      expect(seen[0]?.type).toBeNull();
      expect(seen[0]?.length ?? String(expected.length)).toBe(String(expected.length));
    }
  });

  it("looks the global fetch up at each request", async () => {
    const connection = connected(undefined);
    for (const status of [200, 404]) {
      vi.stubGlobal("fetch", () => Promise.resolve(new Response(null, { status })));
      expect(await ending(getProperties(connection, { path }))).toMatchObject(status === 200 ? { size: undefined } : { status: 404 });
    }
  });

  it("asks once: ky's own retry, timeout and errors are off", async () => {
    const fetch = vi.fn<Fetch>(() => Promise.resolve(new Response(null, { status: 503, headers: { "retry-after": "0" } })));
    const response = await fetchTransport(fetch)(request());
    expect(response.status).toBe(503);
    expect(fetch).toHaveBeenCalledTimes(1);
  });

  it("that fails says network, with the engine's own cause", async () => {
    const cause = Object.assign(new Error("connect ECONNREFUSED 127.0.0.1:1"), { code: "ECONNREFUSED" });
    const error = await ending(
      getProperties(
        connected(() => Promise.reject(Object.assign(new TypeError("fetch failed"), { cause }))),
        { path },
      ),
    );
    expect(error).toMatchObject({
      name: "TransportError",
      reason: "network",
      cause: { message: "connect ECONNREFUSED 127.0.0.1:1", code: "ECONNREFUSED" },
    });
    expect(
      await ending(
        getProperties(
          connected(() => Promise.reject(new TypeError("Failed to fetch"))),
          { path },
        ),
      ),
    ).toMatchObject({
      reason: "network",
      cause: { name: "TypeError", message: "Failed to fetch" },
    });
  });

  it.each([undefined, null, "no", 0])("that fails with %j is still a TransportError", async (odd) => {
    expect(
      await ending(
        getProperties(
          connected(() => Promise.reject(odd as unknown as Error)),
          { path },
        ),
      ),
    ).toBeInstanceOf(TransportError);
  });

  it.each([301, 302, 303, 307, 308, 300])("that is answered with %i goes nowhere else", async (status) => {
    const fetch = vi.fn<Fetch>(() => Promise.resolve(new Response(null, { status, headers: { location: "https://evil.example/" } })));
    const error = await ending(getProperties(connected(fetch), { path }));
    expect(error).toMatchObject({ name: "TransportError", reason: "redirect", attempts: { length: 1 } });
    expect(fetch).toHaveBeenCalledTimes(1);
  });

  it("that a page may not follow (status 0) goes nowhere else either", async () => {
    const error = await ending(
      getProperties(
        connected(() => Promise.resolve(Response.error())),
        { path },
      ),
    );
    expect(error).toMatchObject({ reason: "redirect" });
  });

  it("rejects with the reason of an abort, untouched, whatever fetch makes of it", async () => {
    const controller = new AbortController();
    const reason = { mine: true };
    const end = ending(
      getProperties(
        connected(
          (given) =>
            new Promise((_, fail) => given.signal.addEventListener("abort", () => fail(new DOMException("Aborted", "AbortError")))),
        ),
        { path, signal: controller.signal },
      ),
    );
    await turn();
    controller.abort(reason);
    expect(await end).toBe(reason);
  });
});

describe("header values that no engine sends", () => {
  it.each(["a\nb", "a\r\nx-ms-write: clear", "\0", "é", "日本", "\u007f"])(
    "%j are a TypeError before the network, which does not echo them",
    async (value) => {
      const fetch = vi.fn<Fetch>(() => Promise.resolve(new Response(null, { status: 200 })));
      const error = await ending(getProperties(connected(fetch), { path, leaseId: `secret${value}` }));
      expect(error).toBeInstanceOf(TypeError);
      expect((error as Error).message).toBe("x-ms-lease-id must be printable ASCII; encode it first");
      expect(fetch).not.toHaveBeenCalled();
    },
  );
});

describe("bodies", () => {
  it("are bytes by reference where they can be", () => {
    const bytes = new Uint8Array([1, 2, 3]);
    expect((bodyOf(bytes) as Uint8Array).buffer).toBe(bytes.buffer);
    const blob = new Blob(["abc"]);
    expect(bodyOf(blob)).toBe(blob);
    expect((bodyOf(new Blob(["abc"], { type: "text/plain" })) as Blob).type).toBe("");
    expect(sizeOfBody(bodyOf("é"))).toBe(2);
    const shared = new Uint8Array(new SharedArrayBuffer(2));
    expect((bodyOf(shared) as Uint8Array).buffer).toBeInstanceOf(ArrayBuffer);
  });

  it("of another realm are known by what they can do", () => {
    const foreign = { slice: () => undefined, arrayBuffer: () => undefined, size: 3, type: "" };
    expect(isBlob(foreign)).toBe(true);
    for (const value of [null, undefined, 5, "text", {}, [], new Uint8Array(), new ArrayBuffer(1)]) expect(isBlob(value)).toBe(false);
  });

  it("are cut by reference", async () => {
    const bytes = new Uint8Array([1, 2, 3, 4]);
    expect(sliceOf(bytes, 1, 3)).toEqual(new Uint8Array([2, 3]));
    expect((sliceOf(bytes, 1, 3) as Uint8Array).buffer).toBe(bytes.buffer);
    expect(await (sliceOf(new Blob([bytes]), 1, 3) as Blob).bytes()).toEqual(new Uint8Array([2, 3]));
  });

  it.each([
    [null, "null"],
    [undefined, "undefined"],
    [5, "5"],
    [{}, "object"],
    [[1, 2], "object"],
    [() => "", "function"],
    [Symbol("a"), "Symbol(a)"],
  ])("cannot be %s", (value, kind) => {
    expect(() => bodyOf(value as unknown as string)).toThrow(new TypeError(`body is ${kind}, but must be a Blob, bytes or a string`));
  });
});

describe("a limit", () => {
  it("runs so many at once, in order, and goes on after failures", async () => {
    const run = limit(2);
    const open: (() => void)[] = [];
    const begun: number[] = [];
    const ends = [0, 1, 2, 3, 4].map((index) =>
      ending(
        run(async () => {
          begun.push(index);
          await new Promise<void>((done) => open.push(done));
          if (index % 2 === 0) throw new Error(String(index));
          return index;
        }),
      ),
    );
    await turn();
    expect(begun).toEqual([0, 1]);
    open[1]?.();
    await turn();
    expect(begun).toEqual([0, 1, 2]);
    open[0]?.();
    open[2]?.();
    await turn();
    expect(begun).toEqual([0, 1, 2, 3, 4]);
    for (const done of open) done();
    expect((await Promise.all(ends)).map((end) => (end instanceof Error ? `failed ${end.message}` : end))).toEqual([
      "failed 0",
      1,
      "failed 2",
      3,
      "failed 4",
    ]);
  });
});

describe("within", () => {
  it("settles with what comes first and leaves nothing behind", async () => {
    for (const first of ["work", "failure", "late", "moment", "abort"] as const) {
      const clock = virtualClock();
      const { signal, controller, listeners } = countedSignal();
      const work =
        first === "moment"
          ? undefined
          : (): Promise<string> =>
              first === "work" ? Promise.resolve("done") : first === "failure" ? Promise.reject("failed") : new Promise(() => undefined);
      const end = ending(within(clock, signal, 100, first === "moment" ? undefined : () => "too late", work));
      if (first === "abort") controller.abort("aborted");
      await clock.advance(100);
      expect(await end).toBe({ work: "done", failure: "failed", late: "too late", moment: undefined, abort: "aborted" }[first]);
      expect([clock.pending, listeners()]).toEqual([[], 0]);
    }
  });

  it("may have its moment moved", async () => {
    const clock = virtualClock();
    const end = ending(
      within(
        clock,
        undefined,
        100,
        () => "late",
        (extend) => {
          extend(1000);
          return new Promise(() => undefined);
        },
      ),
    );
    expect(clock.pending).toEqual([1000]);
    await clock.advance(1000);
    expect(await end).toBe("late");
  });
});
