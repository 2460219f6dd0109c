/** Ranges that arrive after the page which sent them is gone, while another one finds out what there is. */
import { expect, it } from "vitest";
import { connect } from "../../../src/connect.js";
import { sharedKey } from "../../../src/auth/shared-key.js";
import { create } from "../../../src/services/shares.js";
import { putRange } from "../../../src/services/files.js";
import { createEmulator } from "../../../src/simulation/emulator/index.js";
import { download } from "../../../src/streaming/download.js";
import { upload } from "../../../src/streaming/upload.js";

const RANGE = 512;
const body = Uint8Array.from({ length: 6 * RANGE }, (_, index) => index % 251);

/** An account in which two of six ranges were written, and `late` happens each time that their list is asked for. */
async function half(late: (write: (range: number) => Promise<unknown>) => Promise<unknown>) {
  const emulator = createEmulator({ account: "account", key: "a2V5a2V5" });
  let isOver = false;
  const sent: string[] = [];
  const connection = connect({
    endpoint: emulator.endpoint,
    share: "docs",
    credential: sharedKey({ account: "account", key: "a2V5a2V5" }),
    retry: false,
    fetch: async (request) => {
      const range = request.headers.get("x-ms-range");
      if (request.url.includes("comp=range&") || request.url.endsWith("comp=range")) {
        if (!isOver && sent.length === 2) throw new TypeError("the page is gone");
        sent.push(range ?? "");
      }
      if (isOver && request.url.includes("comp=rangelist")) {
        await late((index) =>
          putRange(direct, { path: "f", offset: index * RANGE, body: body.subarray(index * RANGE, (index + 1) * RANGE) }),
        );
      }
      return emulator.fetch(request);
    },
  });
  const direct = connect({ ...connection, fetch: emulator.fetch });
  await create(connection);
  const request = { path: "f", body, rangeSize: RANGE, concurrency: 1 };
  await expect(upload(connection, request)).rejects.toThrow();
  isOver = true;
  sent.length = 0;
  return { connection, request: { ...request, resume: true }, sent };
}

it("are taken for written, and not sent again", async () => {
  const waiting = [2, 3];
  const { connection, request, sent } = await half(async (write) => {
    for (const index of waiting.splice(0, 1)) await write(index);
  });
  const work = upload(connection, request);
  await work;
  expect(work.state.resumed).toBe(4 * RANGE);
  expect(sent).toEqual(["bytes=2048-2559", "bytes=2560-3071"]);
  expect(await (await download(connection, { path: "f" })).bytes()).toEqual(body);
  expect(waiting).toEqual([]);
});

it("are somebody else's where they do not end", async () => {
  const { connection, request, sent } = await half((write) => write(2));
  await expect(upload(connection, request)).rejects.toMatchObject({ name: "IntegrityError", reason: "resume" });
  expect(sent).toEqual([]);
});
