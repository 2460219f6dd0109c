import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createCaller, createFile, createShareCaller, errorCode, putRange, type Caller } from "./account.js";

async function take(caller: Caller): Promise<string> {
  const response = await caller.call("PUT", "/docs?restype=share&comp=snapshot");
  return response.headers.get("x-ms-snapshot") ?? "";
}

async function clear(caller: Caller, path: string, start: number, end: number): Promise<void> {
  const headers = { "x-ms-write": "clear", "x-ms-range": `bytes=${start}-${end}` };
  expect((await caller.call("PUT", `${path}?comp=range`, { headers })).status).toBe(201);
}

/** The changes as text: `+0-511 -512-1023`, then `…` where there is more, and the answer itself. */
async function diff(caller: Caller, path: string, previous: string, words = "", headers: Record<string, string> = {}): Promise<string> {
  const response = await caller.call("GET", `${path}?comp=rangelist&prevsharesnapshot=${previous}${words}`, { headers });
  const xml = await response.text();
  if (response.status !== 200) return `${response.status} ${response.headers.get("x-ms-error-code")}`;
  return [...xml.matchAll(/<(Clear)?Range><Start>(\d+)<\/Start><End>(\d+)/g)]
    .map(([, cleared, start, end]) => `${cleared ? "-" : "+"}${start}-${end}`)
    .join(" ");
}

describe("changes of a file since a snapshot", () => {
  it("are as recorded: ranges written and cleared, in the order of their offsets", async () => {
    const caller = await createShareCaller();
    await createFile(caller, "/docs/f", 2049);
    await putRange(caller, "/docs/f", 0, "Hello");
    const first = await take(caller);
    await clear(caller, "/docs/f", 0, 1023);
    await putRange(caller, "/docs/f", 1023, "World");
    expect(await diff(caller, "/docs/f", first)).toBe("-0-511 +512-1535");
    const second = await take(caller);
    await putRange(caller, "/docs/f", 0, "Hello");
    expect(await diff(caller, "/docs/f", first, `&sharesnapshot=${second}`)).toBe("-0-511 +512-1535");
    expect(await diff(caller, "/docs/f", second)).toBe("+0-511");
    expect(await diff(caller, "/docs/f", first)).toBe("+0-1535");
    expect(await diff(caller, "/docs/f", second, `&sharesnapshot=${second}`)).toBe("");
    const response = await caller.call("GET", `/docs/f?comp=rangelist&prevsharesnapshot=${first}&sharesnapshot=${second}`);
    expect(response.headers.get("x-ms-content-length")).toBe("2049");
    expect(await response.text()).toContain(
      "<Ranges><ClearRange><Start>0</Start><End>511</End></ClearRange><Range><Start>512</Start><End>1535</End></Range></Ranges>",
    );
  });

  it("keep the pages that a clear covers in part, as documented", async () => {
    const caller = await createShareCaller();
    await createFile(caller, "/docs/f", 10240);
    await putRange(caller, "/docs/f", 0, "x".repeat(10240));
    const time = await take(caller);
    await clear(caller, "/docs/f", 500, 2547);
    expect(await diff(caller, "/docs/f", time)).toBe("+0-511 -512-2047 +2048-2559");
  });

  it("are cut to the range that is asked for", async () => {
    const caller = await createShareCaller();
    await createFile(caller, "/docs/f", 128);
    await putRange(caller, "/docs/f", 0, "x".repeat(128));
    const time = await take(caller);
    await clear(caller, "/docs/f", 64, 127);
    expect(await diff(caller, "/docs/f", time, "", { "x-ms-range": "bytes=64-127" })).toBe("+64-127");
    expect(await diff(caller, "/docs/f", time, "", { "x-ms-range": "bytes=10-20" })).toBe("+10-20");
    expect(await diff(caller, "/docs/f", time)).toBe("+0-127");
    expect(await diff(caller, "/docs/f", time, "", { "x-ms-range": "bytes=128-200" })).toBe("416 InvalidRange");
  });

  it("name whole pages, also where the file ended within one before it grew", async () => {
    const caller = await createShareCaller();
    await createFile(caller, "/docs/f", 700);
    await putRange(caller, "/docs/f", 0, "x".repeat(700));
    const time = await take(caller);
    await caller.call("PUT", "/docs/f?comp=properties", { headers: { "x-ms-content-length": "4096" } });
    await clear(caller, "/docs/f", 0, 2047);
    expect(await diff(caller, "/docs/f", time)).toBe("-0-1023");
  });

  it("hold what was cut off and what replaced the file", async () => {
    const caller = await createShareCaller();
    await createFile(caller, "/docs/f", 4096);
    await putRange(caller, "/docs/f", 0, "x".repeat(4096));
    const time = await take(caller);
    await caller.call("PUT", "/docs/f?comp=properties", { headers: { "x-ms-content-length": "1024" } });
    await caller.call("PUT", "/docs/f?comp=properties", { headers: { "x-ms-content-length": "4096" } });
    expect(await diff(caller, "/docs/f", time)).toBe("-1024-4095");
    await createFile(caller, "/docs/f", 2048);
    await putRange(caller, "/docs/f", 512, "y");
    expect(await diff(caller, "/docs/f", time)).toBe("-0-511 +512-1023 -1024-2047");
  });

  it("are all of a file that was not there", async () => {
    const caller = await createShareCaller();
    const time = await take(caller);
    await createFile(caller, "/docs/f", 3000);
    await putRange(caller, "/docs/f", 600, "x");
    await take(caller);
    expect(await diff(caller, "/docs/f", time)).toBe("+512-1023");
  });

  it("outlive the snapshots in between", async () => {
    const caller = await createShareCaller();
    await createFile(caller, "/docs/f", 4096);
    await putRange(caller, "/docs/f", 0, "x".repeat(4096));
    const first = await take(caller);
    await putRange(caller, "/docs/f", 0, "y");
    const second = await take(caller);
    await clear(caller, "/docs/f", 1024, 2047);
    const third = await take(caller);
    await putRange(caller, "/docs/f", 3000, "y");
    for (const time of [second, third]) {
      expect((await caller.call("DELETE", `/docs?restype=share&sharesnapshot=${time}`)).status).toBe(202);
      expect(await diff(caller, "/docs/f", first)).toBe("+0-511 -1024-2047 +2560-3071");
    }
    const fourth = await take(caller);
    expect(await diff(caller, "/docs/f", first, `&sharesnapshot=${fourth}`)).toBe("+0-511 -1024-2047 +2560-3071");
    expect(await diff(caller, "/docs/f", fourth)).toBe("");
  });

  it("follow a file to another name only when the request says so", async () => {
    const caller = await createShareCaller();
    await caller.call("PUT", "/docs/d?restype=directory");
    await createFile(caller, "/docs/d/f", 1024);
    await putRange(caller, "/docs/d/f", 0, "x".repeat(1024));
    const time = await take(caller);
    await clear(caller, "/docs/d/f", 0, 511);
    const rename = (to: string, from: string, kind: string): Promise<Response> =>
      caller.call("PUT", `/docs/${to}?comp=rename${kind}`, {
        headers: { "x-ms-file-rename-source": `${caller.emulator.endpoint}/docs/${from}` },
      });
    const follow = { "x-ms-file-support-rename": "true" };
    expect((await rename("g", "d/f", "")).status).toBe(200);
    expect(await diff(caller, "/docs/g", time)).toBe("409 PreviousSnapshotNotFound");
    expect(await diff(caller, "/docs/g", time, "", { "x-ms-file-support-rename": "false" })).toBe("409 PreviousSnapshotNotFound");
    expect(await diff(caller, "/docs/g", time, "", { "x-ms-file-support-rename": "perhaps" })).toBe("400 InvalidHeaderValue");
    expect(await diff(caller, "/docs/g", time, "", follow)).toBe("-0-511");
    expect((await rename("d/f", "g", "")).status).toBe(200);
    expect(await diff(caller, "/docs/d/f", time)).toBe("-0-511");
    expect((await rename("e", "d", "&restype=directory")).status).toBe(200);
    expect(await diff(caller, "/docs/e/f", time)).toBe("409 PreviousSnapshotNotFound");
    expect(await diff(caller, "/docs/e/f", time, "", follow)).toBe("-0-511");
    // Another file under the old name is a new one.
    await caller.call("PUT", "/docs/d?restype=directory");
    await createFile(caller, "/docs/d/f", 600);
    await putRange(caller, "/docs/d/f", 0, "x");
    expect(await diff(caller, "/docs/d/f", time)).toBe("+0-511");
  });

  it("refuse snapshots that are not there or not earlier", async () => {
    const caller = await createShareCaller();
    await createFile(caller, "/docs/f", 10);
    const [first, second] = [await take(caller), await take(caller)];
    expect(await diff(caller, "/docs/f", "2025-01-01T00:00:00.0000000Z")).toBe("409 PreviousSnapshotNotFound");
    expect(await diff(caller, "/docs/f", second, `&sharesnapshot=${first}`)).toBe("400 InvalidQueryParameterValue");
    expect(await diff(caller, "/docs/f", first, "&sharesnapshot=2025-01-01T00:00:00.0000000Z")).toBe("404 ShareSnapshotNotFound");
    expect(await diff(caller, "/docs/f", "before")).toBe("400 InvalidQueryParameterValue");
    expect(await diff(caller, "/docs/none", first)).toBe("404 ResourceNotFound");
    expect(await errorCode(caller.call("GET", `/docs/f?prevsharesnapshot=${first}`))).toEqual([400, "UnsupportedQueryParameter"]);
  });

  it("come in pages", async () => {
    const caller = await createShareCaller();
    await createFile(caller, "/docs/f", 4096);
    await putRange(caller, "/docs/f", 0, "x".repeat(1024));
    const time = await take(caller);
    await clear(caller, "/docs/f", 0, 511);
    for (const at of [1024, 2048, 3072]) await putRange(caller, "/docs/f", at, "y");
    const seen: string[] = [];
    let marker = "";
    for (let page = 0; page < 4; page++) {
      const words = `&maxresults=2${marker === "" ? "" : `&marker=${encodeURIComponent(marker)}`}`;
      seen.push(await diff(caller, "/docs/f", time, words));
      const xml = await (await caller.call("GET", `/docs/f?comp=rangelist&prevsharesnapshot=${time}${words}`)).text();
      marker = /<NextMarker>([^<]+)<\/NextMarker><\/Ranges>/.exec(xml)?.[1] ?? "";
      if (marker === "") break;
    }
    expect(seen).toEqual(["-0-511 +1024-1535", "+2048-2559 +3072-3583"]);
    expect(await diff(caller, "/docs/f", time, "&maxresults=x")).toBe("400 InvalidQueryParameterValue");
  });

  it("of a restored share are found under its new name", async () => {
    const caller = createCaller({ softDeleteDays: 7 });
    await caller.call("PUT", "/docs?restype=share");
    await createFile(caller, "/docs/f", 1024);
    const time = await take(caller);
    await putRange(caller, "/docs/f", 0, "x");
    const last = await take(caller);
    await caller.call("DELETE", "/docs?restype=share", { headers: { "x-ms-delete-snapshots": "include" } });
    const version = /<Version>([^<]*)/.exec(await (await caller.call("GET", "/?comp=list&include=deleted")).text())?.[1] ?? "";
    const headers = { "x-ms-deleted-share-name": "docs", "x-ms-deleted-share-version": version };
    expect((await caller.call("PUT", "/back?restype=share&comp=undelete", { headers })).status).toBe(201);
    expect(await diff(caller, "/back/f", time)).toBe("+0-511");
    expect(await diff(caller, "/back/f", time, `&sharesnapshot=${last}`)).toBe("+0-511");
  });
});

/** A file as a plain list of pages, each with the number of the last step that touched it. */
interface Model {
  size: number;
  readonly allocated: Set<number>;
  readonly touched: Map<number, number>;
}

const copyOf = (model: Model): Model => ({ size: model.size, allocated: new Set(model.allocated), touched: new Map(model.touched) });
const pagesOf = (start: number, end: number): number[] =>
  Array.from({ length: Math.ceil(end / 512) - Math.floor(start / 512) }, (_, index) => Math.floor(start / 512) + index);

/** What the service should say, page by page. */
function expected(before: Model, cutAt: number, now: Model): string {
  const parts: { sign: string; start: number; end: number }[] = [];
  for (const page of pagesOf(0, now.size)) {
    if ((now.touched.get(page) ?? -1) < cutAt) continue;
    const sign = now.allocated.has(page) ? "+" : before.allocated.has(page) ? "-" : "";
    if (sign === "") continue;
    const [start, end] = [page * 512, Math.min(page * 512 + 512, now.size)];
    const last = parts.at(-1);
    if (last?.sign === sign && last.end === start) last.end = end;
    else parts.push({ sign, start, end });
  }
  return parts.map(({ sign, start, end }) => `${sign}${start}-${end - 1}`).join(" ");
}

const most = 6000;
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("write" as const), at: fc.nat(most), length: fc.integer({ min: 1, max: 1500 }) }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("clear" as const), at: fc.nat(most), length: fc.integer({ min: 1, max: 3000 }) }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant("resize" as const), at: fc.integer({ min: 1, max: most }), length: fc.constant(0) }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("snapshot" as const), at: fc.constant(0), length: fc.constant(0) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("forget" as const), at: fc.nat(10), length: fc.constant(0) }) },
);

describe("all changes since all snapshots", () => {
  it("agree with a plain list of pages", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 20 }), async (steps) => {
        const caller = await createShareCaller();
        await createFile(caller, "/docs/f", most);
        const model: Model = { size: most, allocated: new Set(), touched: new Map() };
        const cuts: { time: string; at: number; was: Model }[] = [];
        for (const [number, { kind, at, length }] of steps.entries()) {
          const end = Math.min(at + length, model.size);
          const touch = (start: number, to: number): void => {
            for (const page of pagesOf(start, to)) model.touched.set(page, number);
          };
          if (kind === "snapshot") cuts.push({ time: await take(caller), at: number, was: copyOf(model) });
          else if (kind === "forget") {
            const [gone] = cuts.splice(at % Math.max(1, cuts.length), 1);
            if (gone) await caller.call("DELETE", `/docs?restype=share&sharesnapshot=${gone.time}`);
          } else if (kind === "resize") {
            await caller.call("PUT", "/docs/f?comp=properties", { headers: { "x-ms-content-length": String(at) } });
            if (at < model.size) {
              touch(at, model.size);
              for (const page of model.allocated) if (page * 512 >= at) model.allocated.delete(page);
            }
            model.size = at;
          } else if (end > at && kind === "write") {
            await putRange(caller, "/docs/f", at, "x".repeat(end - at));
            touch(at, end);
            for (const page of pagesOf(at, end)) model.allocated.add(page);
          } else if (end > at) {
            await clear(caller, "/docs/f", at, end - 1);
            touch(at, end);
            for (const page of pagesOf(at, end)) {
              // A page that is covered in part is written with zeros.
              if (page * 512 >= at && page * 512 + 512 <= end) model.allocated.delete(page);
              else model.allocated.add(page);
            }
          }
        }
        for (const [index, previous] of cuts.entries()) {
          expect(await diff(caller, "/docs/f", previous.time)).toBe(expected(previous.was, previous.at, model));
          for (const target of cuts.slice(index)) {
            expect(await diff(caller, "/docs/f", previous.time, `&sharesnapshot=${target.time}`)).toBe(
              expected(previous.was, previous.at, target.was),
            );
          }
        }
      }),
      { numRuns: 60, seed: 20260101 },
    );
  });
});
