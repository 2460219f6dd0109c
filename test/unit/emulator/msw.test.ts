/** Mock Service Worker in Node. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { getResponse } from "msw";
import { setupServer } from "msw/node";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createEmulator } from "../../../src/simulation/index.js";
import { mswHandlers } from "../../../src/simulation/msw.js";
import { createFile, createShareCaller, type Caller } from "./account.js";
import { mswStories } from "./msw-stories.js";

describe("mswHandlers", () => {
  let caller: Caller;
  const server = setupServer();
  beforeAll(async () => {
    caller = await createShareCaller();
    server.listen();
    server.use(...mswHandlers(caller.emulator));
  });
  afterAll(() => server.close());

  it("answers the global fetch with heads, ranges and bodies of 4 MiB", async () => {
    await createFile(caller, "/docs/a", 5000000);
    const head = await fetch(caller.signed("HEAD", "/docs/a"));
    expect([head.status, head.headers.get("content-length")]).toEqual([200, "5000000"]);
    const body = new Uint8Array(4194304).fill(7);
    const headers = { "x-ms-write": "update", "x-ms-range": "bytes=1000-4195303" };
    const put = await fetch(caller.signed("PUT", "/docs/a?comp=range", { headers, body }));
    expect([put.status, put.headers.get("content-md5")?.length]).toEqual([201, 24]);
    const part = await fetch(caller.signed("GET", "/docs/a", { headers: { "x-ms-range": "bytes=998-1001" } }));
    expect([part.status, part.headers.get("content-range")]).toEqual([206, "bytes 998-1001/5000000"]);
    expect([...new Uint8Array(await part.arrayBuffer())]).toEqual([0, 0, 7, 7]);
    const whole = new Uint8Array(await (await fetch(caller.signed("GET", "/docs/a"))).arrayBuffer());
    expect([whole.length, whole[999], whole[1000], whole[4195303], whole[4195304]]).toEqual([5000000, 0, 7, 7, 0]);
  });

  it("answers preflights and errors, and leaves other addresses alone", async () => {
    const preflight = await fetch(`${caller.emulator.endpoint}/docs`, {
      method: "OPTIONS",
      headers: { origin: "https://app.example", "access-control-request-method": "PUT" },
    });
    expect([preflight.status, preflight.headers.get("access-control-allow-methods")]).toEqual([200, "PUT"]);
    const missing = await fetch(caller.signed("GET", "/docs/none"));
    expect([missing.status, missing.headers.get("x-ms-error-code")]).toEqual([404, "ResourceNotFound"]);
    for (const elsewhere of ["http://127.0.0.1:10004/devstoreaccount12/docs", "http://127.0.0.1:10005/devstoreaccount1/docs"]) {
      expect(await getResponse(mswHandlers(caller.emulator), new Request(elsewhere))).toBeUndefined();
    }
  });

  it("answers at another address when told so", async () => {
    const other = createEmulator({ endpoint: "https://devstoreaccount1.file.core.windows.net" });
    server.use(...mswHandlers(other));
    const response = await fetch("https://devstoreaccount1.file.core.windows.net/docs/x");
    expect([response.status, response.headers.get("x-ms-error-code")]).toEqual([401, "NoAuthenticationInformation"]);
    server.use(...mswHandlers(other, { endpoint: "http://files.example/devstoreaccount1" }));
    expect((await fetch("http://files.example/devstoreaccount1/docs/x")).status).toBe(401);
  });
});

describe("mswHandlers in Node", () => {
  const server = setupServer();
  const other = createServer((_request, response) => response.end("not ours"));
  beforeAll(async () => {
    server.listen({ onUnhandledFrame: "bypass" });
    await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
  });
  afterAll(() => {
    server.close();
    other.close();
  });
  mswStories(
    (handlers) => server.resetHandlers(...handlers),
    () => `http://127.0.0.1:${(other.address() as AddressInfo).port}/`,
  );
});

describe("mswHandlers where nothing may leave", () => {
  const caller = createEmulator();
  const server = setupServer(...mswHandlers(caller));
  beforeAll(() => server.listen({ onUnhandledFrame: "error" }));
  afterAll(() => server.close());

  it("answers what is the emulator's, and MSW refuses the rest", async () => {
    expect((await fetch(`${caller.endpoint}/docs/x`)).status).toBe(401);
    await expect(fetch("http://127.0.0.1:9/devstoreaccount1/docs/x")).rejects.toThrow();
    expect(caller.requestCount).toBe(1);
  });
});
