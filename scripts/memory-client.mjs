// One transfer, alone in its process, which tells its peak memory at the end. For scripts/memory.mjs.
import { connect, sas } from "azure-files";
import { serviceSas } from "azure-files/sas";
import { download, upload } from "azure-files/streaming";

const [endpoint, job, size] = [process.argv[2], process.argv[3], Number(process.argv[4])];
// A token in the right form; this service checks none.
const token = await serviceSas({
  account: "devstoreaccount1",
  key: btoa("no secret"),
  share: "memory",
  permissions: "rcw",
  expiresOn: new Date(Date.now() + 3_600_000),
  protocol: "https,http",
});
const connection = connect({ endpoint, share: "memory", credential: sas(token) });

/** One piece, given again and again: what is measured is the client's memory, not what a source leaves for the collector. */
const piece = new Uint8Array(64 * 1024).fill(7);

/** A stream of this many bytes. */
function source(length) {
  let left = length;
  return new ReadableStream(
    {
      pull(controller) {
        const size = Math.min(left, piece.length);
        left -= size;
        if (size > 0) controller.enqueue(piece.subarray(0, size));
        if (left === 0) controller.close();
      },
    },
    { highWaterMark: 0 },
  );
}

const started = performance.now();
let bytes = 0;
if (job === "down") {
  const { body } = await download(connection, { path: job });
  for await (const chunk of body) bytes += chunk.length;
} else {
  const written = await upload(connection, { path: job, body: source(size), ...(job === "up-known" ? { size } : {}) });
  bytes = written.size;
}
process.send({ bytes, seconds: (performance.now() - started) / 1000, peak: process.resourceUsage().maxRSS * 1024 }, () =>
  process.disconnect(),
);
