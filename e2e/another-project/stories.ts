/** Tests of which one fails on purpose, and one is expected to. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { test as base, expect } from "@playwright/test";
import { azureFilesTest } from "azure-files/playwright";
import { fetchInPage } from "../page-fetch.js";

const test = azureFilesTest(base);

test("fails", async ({ page, azureFiles }) => {
  const { status } = await fetchInPage(page, `${azureFiles.endpoint}/test/missing.txt?${await azureFiles.sas()}`);
  expect(status).toBe(200);
});

test("is expected to fail", async ({ page, azureFiles }) => {
  test.fail();
  const { status } = await fetchInPage(page, `${azureFiles.endpoint}/test/missing.txt?${await azureFiles.sas()}`);
  expect(status).toBe(200);
});

test("passes, by the rule of the configuration beside the fixture's", async ({ page, azureFiles }) => {
  const server = createServer((_request, response) => response.end("<title>App</title>")).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  await page.goto(`http://app.example:${(server.address() as AddressInfo).port}/`);
  await expect(page).toHaveTitle("App");
  const answer = await fetchInPage(page, `${azureFiles.endpoint}/test/missing.txt?${await azureFiles.sas()}`);
  expect(answer.headers["x-ms-error-code"]).toBe("ResourceNotFound");
  server.close();
});

test.describe("always recorded", () => {
  test.use({ azureFilesOptions: { har: "always" } });

  test("passes, and is recorded", async ({ page, azureFiles }) => {
    expect((await fetchInPage(page, `${azureFiles.endpoint}/test/missing.txt?${await azureFiles.sas()}`)).status).toBe(404);
  });
});

test("has a fixed address in Chromium alone", ({ azureFiles }) => {
  expect(azureFiles).toBeUndefined();
});

test("has no address to go to", ({ azureFiles }) => {
  expect(azureFiles).toBeUndefined();
});

for (const name of ["one", "two", "three", "four"]) {
  test(`has the share to itself, whatever runs beside it: ${name}`, async ({ page, azureFiles }) => {
    const { endpoint, share } = azureFiles;
    const url = `${endpoint}/${share}/same.txt?${await azureFiles.sas()}`;
    const version = { "x-ms-version": "2026-10-06" };
    const create = { ...version, "x-ms-type": "file", "x-ms-content-length": "0", "x-ms-meta-name": name };
    expect((await fetchInPage(page, url, { headers: version })).status, "nothing is there yet").toBe(404);
    expect((await fetchInPage(page, url, { method: "PUT", headers: create })).status).toBe(201);
    expect((await fetchInPage(page, url, { headers: version })).headers["x-ms-meta-name"]).toBe(name);
    expect(azureFiles.requests.filter(({ method }) => method !== "OPTIONS").map(({ status }) => status)).toEqual([404, 201, 200]);
  });
}
