/** The fixture of `azure-files/playwright` under an address that the page knows already and cannot be told: the service's own. */
import { test as base, expect } from "@playwright/test";
import { write } from "azure-files/files";
import { download } from "azure-files/streaming";
import { azureFilesTest } from "azure-files/playwright";
import { fetchInPage } from "./page-fetch.js";

const test = azureFilesTest(base);
const ENDPOINT = "https://myaccount.file.core.windows.net";
const RANGE = 4 * 1024 * 1024;

test.use({ azureFilesEndpoint: ENDPOINT });

for (const round of [1, 2]) {
  test(`answers there over HTTPS, from a fresh account each time (${round})`, async ({ page, azureFiles }) => {
    expect(azureFiles.endpoint).toBe(ENDPOINT);
    const url = `${ENDPOINT}/test/film.mov?${await azureFiles.sas()}`;
    expect((await fetchInPage(page, url, { headers: { "x-ms-version": "2026-10-06" } })).status, "nothing is there").toBe(404);
    const version = { "x-ms-version": "2026-10-06" };
    const create = { ...version, "x-ms-type": "file", "x-ms-content-length": String(RANGE) };
    expect((await fetchInPage(page, url, { method: "PUT", headers: create })).status).toBe(201);
    const range = { ...version, "x-ms-write": "update", "x-ms-range": `bytes=0-${RANGE - 1}` };
    expect((await fetchInPage(page, `${url}&comp=range`, { method: "PUT", headers: range, bytes: RANGE })).status).toBe(201);
    const stored = await (await download(azureFiles.connection, { path: "film.mov" })).bytes();
    expect(stored.length === RANGE && stored.every((byte, index) => byte === index % 251)).toBe(true);
  });
}

test("the browser goes nowhere else, and trusts no other certificate", async ({ page, azureFiles }) => {
  await write(azureFiles.connection, { path: "a", body: "hello" });
  const token = await azureFiles.sas();
  expect(await fetchInPage(page, `${ENDPOINT}/test/a?${token}`)).toMatchObject({ status: 200, text: "hello" });
  // A token for HTTPS alone was good here: the emulator saw the request come over HTTPS.
  expect(new URLSearchParams(token).get("spr")).toBe("https");
  await expect(fetchInPage(page, `https://other.file.core.windows.net/test/a?${token}`)).rejects.toThrow("Failed to fetch");
});
