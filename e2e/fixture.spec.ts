/** The fixture of `azure-files/playwright`: an account for each test, under an address that changes. */
import { test as base, expect } from "@playwright/test";
import { download } from "azure-files/streaming";
import { getProperties, write } from "azure-files/files";
import { azureFilesTest } from "azure-files/playwright";
import { fetchInPage } from "./page-fetch.js";

const test = azureFilesTest(base);
const RANGE = 4 * 1024 * 1024;

test("gives the page an address and a token, and the test what the page did", async ({ page, azureFiles }) => {
  const { endpoint, share } = azureFiles;
  expect([new URL(endpoint).hostname, share]).toEqual(["127.0.0.1", "test"]);
  const token = await azureFiles.sas();
  const url = `${endpoint}/${share}/film.mov`;
  const headers = { "x-ms-version": "2026-10-06", "x-ms-type": "file", "x-ms-content-length": String(RANGE) };
  expect((await fetchInPage(page, `${url}?${token}`, { method: "PUT", headers })).status).toBe(201);
  const range = { "x-ms-version": "2026-10-06", "x-ms-write": "update", "x-ms-range": `bytes=0-${RANGE - 1}` };
  expect((await fetchInPage(page, `${url}?comp=range&${token}`, { method: "PUT", headers: range, bytes: RANGE })).status).toBe(201);

  const stored = await (await download(azureFiles.connection, { path: "film.mov" })).bytes();
  expect(stored.length).toBe(RANGE);
  expect(stored.every((byte, index) => byte === index % 251)).toBe(true);
  // The browser asked for leave first, as it does of the service; what the test read itself is not among it.
  const asked = azureFiles.requests.filter(({ method }) => method !== "OPTIONS");
  expect(asked.map(({ operation, path, status }) => `${operation} ${path} ${status}`)).toEqual([
    "Create File test/film.mov 201",
    "Put Range test/film.mov 201",
  ]);
  expect(azureFiles.requests.filter(({ method }) => method === "OPTIONS").length).toBeGreaterThan(0);
});

test("begins anew with each test", async ({ azureFiles }) => {
  expect(azureFiles.requests).toEqual([]);
  await expect(getProperties(azureFiles.connection, { path: "film.mov" })).rejects.toMatchObject({ code: "ResourceNotFound" });
});

test("fails, delays and loses what a test says, and only for the page", async ({ page, azureFiles }) => {
  azureFiles.emulator.respond("Get File", "ServerBusy", { retryAfter: 2 });
  azureFiles.emulator.respond("Get File", () => Response.error());
  await write(azureFiles.connection, { path: "a", body: "hello" });
  expect(await (await download(azureFiles.connection, { path: "a" })).text()).toBe("hello");
  const url = `${azureFiles.endpoint}/test/a?${await azureFiles.sas({ path: "a", permissions: "r" })}`;
  const busy = await fetchInPage(page, url);
  expect([busy.status, busy.headers["x-ms-error-code"]]).toEqual([503, "ServerBusy"]);
  await expect(fetchInPage(page, url)).rejects.toThrow("Failed to fetch");
  expect(await fetchInPage(page, url)).toMatchObject({ status: 200, text: "hello" });
});

test("lets the account's time pass, so that a token runs out", async ({ page, azureFiles }) => {
  await write(azureFiles.connection, { path: "a", body: "hello" });
  const url = `${azureFiles.endpoint}/test/a?${await azureFiles.sas({ lifetime: 60_000 })}`;
  azureFiles.advance(59_000);
  expect((await fetchInPage(page, url)).status).toBe(200);
  azureFiles.advance(2000);
  expect(await fetchInPage(page, url)).toMatchObject({ status: 403 });
  expect(azureFiles.requests.at(-1)).toMatchObject({ operation: "Get File", code: "AuthenticationFailed" });
  // The owner's clock went along.
  expect(await (await download(azureFiles.connection, { path: "a" })).text()).toBe("hello");
});

const extended = azureFilesTest(base.extend<{ greeting: string }>({ greeting: ["hello", { option: true }] }));

extended("keeps the fixtures of the test that it extends", async ({ greeting, azureFiles }) => {
  await write(azureFiles.connection, { path: "a", body: greeting });
  expect(await (await download(azureFiles.connection, { path: "a" })).text()).toBe("hello");
});

test.describe("with options", () => {
  test.use({ azureFilesOptions: { share: "inbox", emulator: { account: "mine", cors: [] } } });

  test("sets the emulator up as a test wants it", async ({ page, azureFiles }) => {
    expect(azureFiles.endpoint).toMatch(/\/mine$/);
    await write(azureFiles.connection, { path: "a", body: "hello" });
    const url = `${azureFiles.endpoint}/inbox/a?${await azureFiles.sas()}`;
    expect((await fetch(url)).status).toBe(200);
    await expect(fetchInPage(page, url), "no rule lets a page in").rejects.toThrow("Failed to fetch");
  });
});
