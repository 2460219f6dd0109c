/** Processes that are killed in the middle of a transfer, and others that go on with it. */
import { spawn } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { serve, type ServedHttp } from "azure-files/node";
import { serviceSas } from "azure-files/sas";
import { createEmulator } from "azure-files/simulation";
import { connect, sharedKey } from "azure-files";
import { read, write } from "azure-files/files";
import { create } from "azure-files/shares";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const RANGE = 65_536;
const SIZE = 24 * RANGE + 777;
/** How often each transfer is killed and gone on with. */
const KILLS = Number(process.env["KILLS"] ?? 50);

const emulator = createEmulator({ md5: (bytes) => createHash("md5").update(bytes).digest() });
/** Bytes of ranges that came and went, in requests that were answered. */
const moved = { up: 0, down: 0 };
let server: ServedHttp;
let folder: string;

beforeAll(async () => {
  server = await serve({
    async handle(request, context) {
      const response = await emulator.handle(request, context);
      // Slow enough to be met in the middle.
      await new Promise((go) => setTimeout(go, 4));
      if (request.method === "PUT" && /\/up-.*comp=range/.test(request.url) && response.ok) {
        const [, start = "0", end = "0"] = /bytes=(\d+)-(\d+)/.exec(request.headers.get("x-ms-range") ?? "") ?? [];
        moved.up += Number(end) - Number(start) + 1;
      }
      if (request.method === "GET" && response.status === 206) moved.down += Number(response.headers.get("content-length"));
      return response;
    },
  });
  folder = await mkdtemp(join(tmpdir(), "azure-files-killed-"));
  await create(owner());
});
afterAll(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});

const owner = () =>
  connect({
    endpoint: `${server.url}/${emulator.account}`,
    share: "killed",
    credential: sharedKey({ account: emulator.account, key: emulator.key }),
  });

async function urlOf(path: string): Promise<string> {
  const { account, key } = emulator;
  const token = await serviceSas({
    account,
    key,
    share: "killed",
    path,
    permissions: "rcwd",
    expiresOn: new Date("2099-01-01"),
    protocol: "https,http",
  });
  return `${server.url}/${account}/killed/${path}?${token}`;
}

/** Runs a transfer; kills it once it has told of `until` bytes. Resolves to whether it ended by itself, and well. */
async function run(direction: "up" | "down", url: string, path: string, until = Infinity): Promise<boolean> {
  const child = spawn(process.execPath, [new URL("transfer.mjs", import.meta.url).pathname, direction, url, path], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let told = "";
  child.stdout.on("data", (text: Buffer) => {
    told += text.toString();
    if (Number(told.trimEnd().split("\n").at(-1)) >= until) child.kill("SIGKILL");
  });
  const [code] = (await once(child, "close")) as [number | null];
  return code === 0;
}

/** Moments between the first range and the last, the same in every run. */
const moments = Array.from({ length: KILLS }, (_, index) => Math.floor(((index + 0.5) / KILLS) * SIZE));

describe.concurrent("a process that is killed", () => {
  it(
    "uploads what is missing when it comes again, and no more",
    async () => {
      for (const [index, moment] of moments.entries()) {
        const content = randomBytes(SIZE);
        const local = join(folder, `source-${index}`);
        await writeFile(local, content);
        const url = await urlOf(`up-${index}`);
        moved.up = 0;
        await run("up", url, local, moment);
        expect(await run("up", url, local)).toBe(true);
        const stored = await (await read(owner(), { path: `up-${index}` })).bytes();
        expect(Buffer.compare(stored, content)).toBe(0);
        // On a busy machine the kill may come when all is done, or on its way: the end of the first run before the beginning of the second.
        const asked = emulator.requests.filter(({ path }) => path === `killed/up-${index}`).map(({ operation }) => operation);
        const end = asked.indexOf("Set File Metadata");
        const ended = end >= 0 && end < asked.lastIndexOf("Get File Properties");
        // What was under way when it was killed may have come twice.
        expect(moved.up).toBeLessThanOrEqual(ended ? 2 * SIZE : SIZE + 4 * RANGE);
      }
    },
    KILLS * 10_000,
  );

  it(
    "downloads what is missing when it comes again, and leaves nothing beside the file",
    async () => {
      const content = randomBytes(SIZE);
      await write(owner(), { path: "down", body: content });
      const url = await urlOf("down");
      for (const [index, moment] of moments.entries()) {
        const local = join(folder, `target-${index}`);
        moved.down = 0;
        await run("down", url, local, moment);
        const ended = existsSync(local);
        expect(await run("down", url, local)).toBe(true);
        expect(Buffer.compare(await readFile(local), content)).toBe(0);
        // What was under way, or fetched ahead and not written yet: as many ranges as are asked for at once.
        expect(moved.down).toBeLessThanOrEqual(ended ? 2 * SIZE : SIZE + 4 * RANGE);
        expect((await readdir(folder)).filter((name) => name.endsWith(".partial"))).toEqual([]);
      }
    },
    KILLS * 10_000,
  );
});
