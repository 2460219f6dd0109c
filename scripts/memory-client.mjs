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

/** A stream of this many bytes, each piece made anew, as from a file or a socket. */
function source(length) {
  let left = length;
  return new ReadableStream(
    {
      pull(controller) {
        const piece = new Uint8Array(Math.min(left, 64 * 1024)).fill(left % 251);
        left -= piece.length;
        if (piece.length > 0) controller.enqueue(piece);
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
