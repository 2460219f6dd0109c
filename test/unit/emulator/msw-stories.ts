/** What must hold wherever Mock Service Worker catches the global fetch: in Node, and in a page through its service worker. */
import { connect, sas, type Connection } from "azure-files";
import { accountSas } from "azure-files/sas";
import { getProperties } from "azure-files/files";
import { mswHandlers } from "azure-files/msw";
import { create as createShare } from "azure-files/shares";
import { createEmulator, faults, type Emulator } from "azure-files/simulation";
import { download, downloadRange, upload } from "azure-files/streaming";
import type { HttpHandler } from "msw";
import { beforeEach, expect, it, vi } from "vitest";

const MEBIBYTE = 1024 * 1024;
/** Of an origin that is not the page's own, and that no name server knows. */
const endpoint = "https://myaccount.file.core.windows.net";

/** Defines the stories; `use` puts handlers in place of those of the story before, and `elsewhere` is an address that answers without them. */
export function mswStories(use: (handlers: HttpHandler[]) => void, elsewhere: () => string): void {
  let emulator: Emulator;
  let connection: Connection;

  beforeEach(async () => {
    emulator = createEmulator({ account: "myaccount", endpoint });
    use(mswHandlers(emulator));
    const { account, key } = emulator;
    const token = await accountSas({
      account,
      key,
      permissions: "rwdlc",
      resourceTypes: "sco",
      expiresOn: new Date(Date.now() + 3_600_000),
    });
    connection = connect({ endpoint, share: "inbox", credential: sas(token), retry: false });
    await createShare(connection, {});
  });

  it("carries ranges of 4 MiB up, and HEAD, ranges and the whole down", async () => {
    const bytes = new Uint8Array(9 * MEBIBYTE + 5).map((_, index) => (index * 31) >>> 7);
    await upload(connection, { path: "film.mov", body: new Blob([bytes]) });
    const ranges = emulator.requests.filter(({ operation }) => operation === "Put Range").map(({ range }) => range);
    expect(ranges.toSorted()).toEqual(["bytes=0-4194303", "bytes=4194304-8388607", "bytes=8388608-9437188"]);

    expect((await getProperties(connection, { path: "film.mov" })).size).toBe(bytes.length);
    expect(emulator.requests.at(-1)).toMatchObject({ method: "HEAD", status: 200 });
    const part = await downloadRange(connection, { path: "film.mov", offset: 4_194_300, count: 8 });
    expect(part).toEqual(bytes.slice(4_194_300, 4_194_308));
    const whole = await (await download(connection, { path: "film.mov" })).bytes();
    expect(whole.every((byte, index) => byte === bytes[index]) && whole.length === bytes.length).toBe(true);
    // What catches the request before it leaves leaves nothing for a preflight to ask.
    expect(emulator.requests.filter(({ method }) => method === "OPTIONS")).toEqual([]);
  });

  it("answers with the failure that a test asks for, and with a lost connection", async () => {
    await upload(connection, { path: "a", body: "x" });
    emulator.respond("Get File", "ServerBusy", { retryAfter: 3 });
    await expect(download(connection, { path: "a" })).rejects.toMatchObject({ code: "ServerBusy", retryAfter: 3000 });
    emulator.respond("Get File", () => Response.error());
    await expect(download(connection, { path: "a" })).rejects.toMatchObject({ name: "TransportError", reason: "network" });
    expect(await (await download(connection, { path: "a" })).text()).toBe("x");
  });

  it("lets a test stand between the caller and the emulator: latency, counts, answers of its own", async () => {
    const seen: string[] = [];
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    use(
      mswHandlers(emulator, {
        async respond(request, answer) {
          const { pathname } = new URL(request.url);
          seen.push(`${request.method} ${pathname}`);
          if (pathname.endsWith("/gone")) return new Response(null, { status: 410 });
          await held;
          return answer();
        },
      }),
    );
    await expect(getProperties(connection, { path: "gone" })).rejects.toMatchObject({ status: 410 });
    let done = false;
    const uploading = Promise.resolve(upload(connection, { path: "slow", body: "x" })).finally(() => (done = true));
    await expect(getProperties(connection, { path: "gone" })).rejects.toMatchObject({ status: 410 });
    expect(done).toBe(false);
    release();
    await uploading;
    expect(seen.filter((line) => !line.includes("gone"))).toEqual(["PUT /inbox/slow"]);
  });

  it("takes an emulator with seeded faults around it", async () => {
    await upload(connection, { path: "a", body: "x" });
    const broken = faults({ script: ["throttle", "reset"] });
    use(mswHandlers({ endpoint, fetch: broken.fetch(emulator.fetch) }));
    await expect(download(connection, { path: "a" })).rejects.toMatchObject({ code: "ServerBusy" });
    await expect(download(connection, { path: "a" })).rejects.toMatchObject({ name: "TransportError", reason: "network" });
    expect(await (await download(connection, { path: "a" })).text()).toBe("x");
  });

  it("takes anything with an address and a fetch", async () => {
    const lost = { endpoint, fetch: () => Promise.reject(new TypeError("no network")) };
    use(mswHandlers(lost));
    await expect(getProperties(connection, { path: "a" })).rejects.toMatchObject({ name: "TransportError", reason: "network" });
  });

  it("stands beside other accounts, by their hosts or by their paths, and lets what is none of them through", async () => {
    const others = [
      createEmulator({ account: "second", endpoint: "https://second.file.core.windows.net" }),
      createEmulator({ account: "one", endpoint: "https://files.example:8443/one" }),
      createEmulator({ account: "oneone", endpoint: "https://files.example:8443/oneone" }),
    ];
    use([...mswHandlers(emulator), ...others.flatMap((other) => mswHandlers(other))]);
    for (const other of others) {
      const { account, key, endpoint: address } = other;
      const expiresOn = new Date(Date.now() + 3_600_000);
      const token = await accountSas({ account, key, permissions: "rwdlc", resourceTypes: "sco", expiresOn });
      await createShare(connect({ endpoint: address, share: account, credential: sas(token), retry: false }));
    }
    for (const { account, requests } of others)
      expect(requests.map(({ operation, path, status }) => `${operation} ${path} ${status}`)).toEqual([`Create Share ${account} 201`]);
    expect(emulator.requests).toHaveLength(1);
    const answer = await fetch(elsewhere());
    expect([answer.status, (await answer.text()).length > 0]).toEqual([200, true]);
    expect(emulator.requests).toHaveLength(1);
  });

  it("ends with its caller's signal, while an answer is held back", async () => {
    const told = vi.spyOn(console, "error").mockReturnValue(undefined);
    let asked = (): void => undefined;
    const isAsked = new Promise<void>((resolve) => (asked = resolve));
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    emulator.respond("Get File", async (_request, answer) => {
      asked();
      await held;
      return answer();
    });
    await upload(connection, { path: "a", body: "x" });
    const controller = new AbortController();
    const reading = download(connection, { path: "a", signal: controller.signal }).catch((error: unknown) => error);
    await isAsked;
    const reason = new Error("enough");
    controller.abort(reason);
    expect(await reading).toBe(reason);
    release();
    expect(await (await download(connection, { path: "a" })).text()).toBe("x");
    // MSW would tell of what its handlers throw, with the address and the signature in it.
    expect(told).not.toHaveBeenCalled();
    told.mockRestore();
  });
}
