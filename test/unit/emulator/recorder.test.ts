import { describe, expect, it } from "vitest";
import { recordHar } from "../../../src/simulation/index.js";
import { createFile, createShareCaller, serviceSas } from "./account.js";

describe("HAR recorder", () => {
  it("writes what went over the handler, without secrets and without bodies", async () => {
    const caller = await createShareCaller();
    await createFile(caller, "/docs/a", 11);
    const recorder = recordHar(caller.emulator.handle);
    const sas = serviceSas(caller, "docs", { sp: "rw" });
    await recorder.fetch(
      caller.signed("PUT", "/docs/a?comp=range", { sas, headers: { "x-ms-write": "update", "x-ms-range": "bytes=0-4" }, body: "hello" }),
    );
    await recorder.handle(caller.signed("GET", "/docs/a"), { clientAddress: "10.0.0.1" });
    await recorder.fetch(caller.signed("HEAD", "/docs/none"));
    const { log } = recorder.har();
    expect([recorder.count, log.version, log.entries.length]).toEqual([3, "1.2", 3]);
    expect(log.entries.map(({ request, response }) => [request.method, response.status, response.content.size])).toEqual([
      ["PUT", 201, 0],
      ["GET", 200, 11],
      ["HEAD", 404, 0],
    ]);
    const [put] = log.entries;
    expect(put?.request.url).toContain("/docs/a?comp=range&");
    expect(put?.request.queryString).toContainEqual({ name: "comp", value: "range" });
    expect(put?.request.headers).toContainEqual({ name: "x-ms-range", value: "bytes=0-4" });
    expect(put?.response.headers.map(({ name }) => name)).toContain("x-ms-request-id");
    expect(put?.time).toBeGreaterThanOrEqual(0);
    const text = JSON.stringify(recorder.har());
    const signature = new URLSearchParams(sas).get("sig") ?? "";
    expect(signature.length).toBeGreaterThan(40);
    expect(text).not.toContain(signature);
    expect(text).not.toContain(encodeURIComponent(signature));
    expect(text).not.toMatch(/SharedKey \w+:[A-Za-z0-9+/]{10}/);
    expect(text).not.toContain("hello");
  });

  it("keeps as many exchanges as it was told and counts them all", async () => {
    const caller = await createShareCaller();
    const recorder = recordHar(caller.emulator.handle, { limit: 2 });
    for (let index = 0; index < 5; index++) await recorder.fetch(caller.signed("GET", "/?comp=list"));
    expect([recorder.count, recorder.har().log.entries.length]).toEqual([5, 2]);
  });

  it("passes bodies through untouched and aborts on", async () => {
    const caller = await createShareCaller();
    await createFile(caller, "/docs/a", 9000000);
    const recorder = recordHar(caller.emulator.handle);
    const response = await recorder.fetch(caller.signed("GET", "/docs/a"));
    expect((await response.arrayBuffer()).byteLength).toBe(9000000);
    const reason = new Error("stop");
    await expect(recorder.fetch(caller.signed("GET", "/docs/a"), { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });
});
