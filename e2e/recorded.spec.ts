/** What a browser records with its own tools is replayed in Node, with the account switched off. */
import { test as base, expect } from "@playwright/test";
import { connect, sas } from "azure-files";
import { list } from "azure-files/directories";
import { read, write } from "azure-files/files";
import { loadHar, saveHar } from "azure-files/node";
import { azureFilesTest } from "azure-files/playwright";
import { record, replay } from "azure-files/simulation";
import { fetchInPage } from "./page-fetch.js";

const test = azureFilesTest(base);
const bytes = Uint8Array.from({ length: 50_000 }, (_, index) => (index * 7) % 251);

for (const content of ["attach", "embed"] as const) {
  test(`a HAR that Chromium recorded through Playwright answers in Node (content: ${content})`, async ({
    browser,
    azureFiles,
  }, testInfo) => {
    const { endpoint, share, connection } = azureFiles;
    await write(connection, { path: "data.bin", body: bytes });
    await write(connection, { path: "größe.txt", body: "hello, Grüße", content: { type: "text/plain; charset=utf-8" } });
    const token = await azureFiles.sas();
    const path = testInfo.outputPath("page.har");
    const context = await browser.newContext({ recordHar: { path, content } });
    const page = await context.newPage();
    const headers = { "x-ms-version": "2026-10-06" };
    for (const asked of ["?restype=directory&comp=list&", "/data.bin?", `/${encodeURIComponent("größe.txt")}?`]) {
      expect((await fetchInPage(page, `${endpoint}/${share}${asked}${token}`, { headers })).status).toBe(200);
    }
    await context.close();

    const before = azureFiles.requests.length;
    const { har, options } = await loadHar(path);
    const off = (): Promise<Response> => Promise.reject(new Error("the account is switched off"));
    const replayed = connect({ endpoint, share, credential: sas(token), fetch: replay(har, options).fetch(off), retry: false });
    const names: string[] = [];
    for await (const { name } of list(replayed)) names.push(name);
    expect(names).toEqual(["data.bin", "größe.txt"]);
    expect(await (await read(replayed, { path: "data.bin" })).bytes()).toEqual(bytes);
    expect(await (await read(replayed, { path: "größe.txt" })).text()).toBe("hello, Grüße");
    await expect(read(replayed, { path: "other" })).rejects.toThrow(/nothing is recorded that answers GET .*other/);
    expect(azureFiles.requests).toHaveLength(before);
  });
}

test("a HAR that the recorder wrote answers a page through Playwright, with the account switched off", async ({
  page,
  azureFiles,
}, testInfo) => {
  const { endpoint, share, connection } = azureFiles;
  await write(connection, { path: "data.bin", body: bytes });
  await write(connection, { path: "größe.txt", body: "hello, Grüße", content: { type: "text/plain; charset=utf-8" } });
  const token = await azureFiles.sas();
  const recording = record();
  const recorded = connect({ endpoint, share, credential: sas(token), fetch: recording.fetch() });
  expect(await (await read(recorded, { path: "data.bin" })).bytes()).toEqual(bytes);
  expect(await (await read(recorded, { path: "größe.txt" })).text()).toBe("hello, Grüße");
  await expect(read(recorded, { path: "none" })).rejects.toMatchObject({ code: "ResourceNotFound" });
  const path = testInfo.outputPath("ours.har");
  await saveHar(path, recording);

  const before = azureFiles.requests.length;
  // Playwright compares addresses whole, and there is no signature in ours.
  await page.routeFromHAR(path);
  const ask = async (name: string) => {
    const { entries } = recording.har().log;
    const url = entries.find(({ request }) => decodeURIComponent(request.url).includes(`/${name}?`))?.request.url ?? "";
    return fetchInPage(page, url);
  };
  expect(await ask("größe.txt")).toMatchObject({ status: 200, text: "hello, Grüße" });
  const data = await ask("data.bin");
  expect([data.status, data.headers["content-length"], data.text.length]).toEqual([200, "50000", 50_000]);
  expect(await ask("none")).toMatchObject({ status: 404, text: expect.stringContaining("ResourceNotFound") });
  expect(azureFiles.requests).toHaveLength(before);
});
