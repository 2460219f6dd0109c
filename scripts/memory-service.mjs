// A service that keeps nothing: it takes what is written, and makes up what is read. For scripts/memory.mjs, which measures the client.
import { serve } from "azure-files/node";

const DATE = "Mon, 23 Nov 2026 00:00:00 GMT";
const always = { "x-ms-version": "2026-10-06", "x-ms-request-id": "00000000-0000-0000-0000-000000000000", "last-modified": DATE };
const block = new Uint8Array(64 * 1024).map((_, index) => index % 251);
/** Sizes of the files, by path, in bytes. */
const sizes = new Map();
/** Bytes written to the files, by path. */
const written = new Map();

function properties(path) {
  return { ...always, etag: `"${path}"`, "x-ms-type": "File", "content-type": "application/octet-stream", "accept-ranges": "bytes" };
}

function generated(count) {
  let left = count;
  return new ReadableStream(
    {
      pull(controller) {
        const size = Math.min(left, block.length);
        if (size > 0) controller.enqueue(block.subarray(0, size));
        left -= size;
        if (left === 0) controller.close();
      },
    },
    { highWaterMark: 0 },
  );
}

function read(request, path) {
  const size = sizes.get(path);
  const headers = properties(path);
  if (size === undefined) return new Response(null, { status: 404, headers: { ...always, "x-ms-error-code": "ResourceNotFound" } });
  if (request.method === "HEAD") return new Response(null, { headers: { ...headers, "content-length": String(size) } });
  const range = /^bytes=(\d+)-(\d*)$/.exec(request.headers.get("x-ms-range") ?? request.headers.get("range") ?? "");
  if (range === null) return new Response(generated(size), { headers: { ...headers, "content-length": String(size) } });
  const start = Number(range[1]);
  const end = Math.min(range[2] === "" ? size - 1 : Number(range[2]), size - 1);
  const part = { "content-length": String(end - start + 1), "content-range": `bytes ${start}-${end}/${size}` };
  return new Response(generated(end - start + 1), { status: 206, headers: { ...headers, ...part } });
}

async function write(request, path, query) {
  let length = 0;
  for await (const chunk of request.body ?? []) length += chunk.length;
  const size = request.headers.get("x-ms-content-length");
  if (size !== null) sizes.set(path, Number(size));
  if (query.get("comp") === "range") written.set(path, (written.get(path) ?? 0) + length);
  const status = query.get("comp") === "properties" || query.get("comp") === "metadata" ? 200 : 201;
  return new Response(null, { status, headers: { ...properties(path), "x-ms-request-server-encrypted": "true" } });
}

const server = await serve({
  async handle(request) {
    const { pathname, searchParams } = new URL(request.url);
    if (request.method === "PUT") return write(request, pathname, searchParams);
    if (request.method === "GET" || request.method === "HEAD") return read(request, pathname);
    return new Response(null, { status: 202, headers: always });
  },
});
process.send({ url: server.url });
process.on("message", ({ path }) => process.send({ size: sizes.get(path), written: written.get(path) ?? 0 }));
process.on("disconnect", () => process.exit(0));
