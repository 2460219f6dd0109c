/** What a page holds while it uploads a gibibyte over HTTP. */
import { connect, sas } from "azure-files";
import { accountSas } from "azure-files/sas";
import { create, delete as remove } from "azure-files/shares";
import { upload } from "azure-files/streaming";
import { expect, inject, it } from "vitest";

const MEBIBYTE = 1024 * 1024;
const RANGE = 4 * MEBIBYTE;

/** Chromium's count of the JavaScript heap, array buffers included, in bytes. */
const heap = (): number => (performance as unknown as { memory: { usedJSHeapSize: number } }).memory.usedJSHeapSize;

it("hands out no more slices of a 1 GiB file than ranges are under way, and its memory stays flat", async () => {
  const { endpoint, account, key } = inject("emulator");
  const credential = sas(
    await accountSas({
      account,
      key,
      permissions: "rwdc",
      resourceTypes: "co",
      expiresOn: new Date(Date.now() + 3_600_000),
      protocol: "https,http",
    }),
  );
  // One part many times over: the file is large, and the page does not hold it.
  const part = new Blob([crypto.getRandomValues(new Uint8Array(65_536))]);
  const file = new File(
    Array.from({ length: 16_384 }, () => part),
    "large.bin",
  );
  let handedOut = 0;
  let mostHandedOut = 0;
  const slice = file.slice.bind(file);
  file.slice = (...range) => {
    const piece = slice(...range);
    // A sample of the content is no range: it is read at once and let go.
    if (piece.size > 4096) handedOut += piece.size;
    mostHandedOut = Math.max(mostHandedOut, handedOut);
    return piece;
  };
  const connection = connect({
    endpoint,
    share: "page-memory",
    credential,
    middleware: [
      (next) => async (request) => {
        const response = await next(request);
        if (request.operation === "Put Range") handedOut -= RANGE;
        return response;
      },
    ],
  });
  await create(connection);
  const before = heap();
  let mostHeap = before;
  const written = await upload(connection, { path: file.name, body: file, onProgress: () => (mostHeap = Math.max(mostHeap, heap())) });
  await remove(connection);

  expect(written.size).toBe(1024 * MEBIBYTE);
  expect(mostHandedOut).toBeGreaterThan(RANGE);
  expect(mostHandedOut).toBeLessThanOrEqual(4 * RANGE);
  expect(mostHeap - before).toBeLessThan(32 * MEBIBYTE);
  console.log(
    `slices handed out and unanswered: at most ${mostHandedOut / MEBIBYTE} MiB; heap grew by at most ${((mostHeap - before) / MEBIBYTE).toFixed(1)} MiB`,
  );
}, 180_000);
