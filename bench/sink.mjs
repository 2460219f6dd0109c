// A file service that costs next to nothing: it drops what is uploaded and answers from memory, so that the client is what is measured.
// `node bench/sink.mjs [--latency MS] [--rate MIB_PER_SECOND] [--entries N] [--cert FILE --cert-key FILE] [--pages FOLDER]`; prints its origin, and ends with standard input.
import { readFileSync } from "node:fs";
import { createServer } from "node:net";
import { basename, join } from "node:path";
import { createServer as createTlsServer } from "node:tls";
import { parseArgs } from "node:util";

const { values } = parseArgs({
  options: {
    latency: { type: "string", default: "0" },
    rate: { type: "string", default: "0" },
    entries: { type: "string", default: "50000" },
    size: { type: "string", default: String(1024 ** 3) },
    cert: { type: "string" },
    "cert-key": { type: "string" },
    pages: { type: "string" },
  },
});
const [latency, rate, entries, size] = [
  Number(values.latency),
  Number(values.rate) * 1024 ** 2,
  Number(values.entries),
  Number(values.size),
];

const content = Buffer.alloc(4 * 1024 ** 2, "content ");
const time = "2026-01-02T03:04:05.1234567Z";
const common =
  "Server: Windows-Azure-File/1.0 Microsoft-HTTPAPI/2.0\r\nx-ms-request-id: 6d0b2f6a-001a-0046-1c3c-4f7e15000000\r\nx-ms-version: 2026-10-06\r\n" +
  'Date: Fri, 02 Jan 2026 03:04:05 GMT\r\nETag: "0x8DE49A3B0D7C5B0"\r\nLast-Modified: Fri, 02 Jan 2026 03:04:05 GMT\r\n';
const properties =
  "Content-Type: application/octet-stream\r\nx-ms-type: File\r\nx-ms-server-encrypted: true\r\nx-ms-lease-status: unlocked\r\nx-ms-lease-state: available\r\n" +
  `x-ms-file-change-time: ${time}\r\nx-ms-file-last-write-time: ${time}\r\nx-ms-file-creation-time: ${time}\r\nx-ms-file-permission-key: 584053819618422708*11581588750433322810\r\n` +
  "x-ms-file-attributes: Archive\r\nx-ms-file-id: 13835128424026341376\r\nx-ms-file-parent-id: 0\r\nAccept-Ranges: bytes\r\n";
const written = Buffer.from(`HTTP/1.1 201 Created\r\n${common}x-ms-request-server-encrypted: true\r\nContent-Length: 0\r\n\r\n`);
const changed = Buffer.from(`HTTP/1.1 200 OK\r\n${common}x-ms-request-server-encrypted: true\r\nContent-Length: 0\r\n\r\n`);
const found = Buffer.from(`HTTP/1.1 200 OK\r\n${common}${properties}Content-Length: ${size}\r\n\r\n`);

const noRangesBody = '\uFEFF<?xml version="1.0" encoding="utf-8"?><Ranges></Ranges>';
const noRanges = Buffer.from(
  `HTTP/1.1 200 OK\r\n${common}Content-Type: application/xml\r\nContent-Length: ${Buffer.byteLength(noRangesBody)}\r\n\r\n${noRangesBody}`,
);

const entry = (index) =>
  `<File><Name>file-${String(index).padStart(8, "0")}.bin</Name><FileId>${13835128424026341376n + BigInt(index)}</FileId><Properties><Content-Length>${index}</Content-Length>` +
  `<CreationTime>${time}</CreationTime><LastAccessTime>${time}</LastAccessTime><LastWriteTime>${time}</LastWriteTime><ChangeTime>${time}</ChangeTime>` +
  '<Last-Modified>Fri, 02 Jan 2026 03:04:05 GMT</Last-Modified><Etag>"0x8DE49A3B0D7C5B0"</Etag></Properties>' +
  "<Attributes>Archive</Attributes><PermissionKey>584053819618422708*11581588750433322810</PermissionKey></File>";
const pages = new Map();
function page(start) {
  if (!pages.has(start)) {
    const end = Math.min(entries, start + 5000);
    const list = Array.from({ length: end - start }, (_, index) => entry(start + index)).join("");
    const next = end < entries ? `<NextMarker>${end}</NextMarker>` : "<NextMarker />";
    const body = Buffer.from(
      `\uFEFF<?xml version="1.0" encoding="utf-8"?><EnumerationResults ServiceEndpoint="http://127.0.0.1/" ShareName="share" DirectoryPath=""><DirectoryId>0</DirectoryId><Entries>${list}</Entries>${next}</EnumerationResults>`,
    );
    const head = Buffer.from(`HTTP/1.1 200 OK\r\n${common}Content-Type: application/xml\r\nContent-Length: ${body.length}\r\n\r\n`);
    pages.set(start, Buffer.concat([head, body]));
  }
  return pages.get(start);
}

/** A page, or its script. */
function pageAnswer(target) {
  const script = target.endsWith(".js");
  const text = script
    ? readFileSync(join(values.pages, basename(target)))
    : `<!doctype html><script type="module" src="${target}.js"></script>`;
  const body = Buffer.from(text);
  const head = `HTTP/1.1 200 OK\r\nContent-Type: text/${script ? "javascript" : "html"}\r\nContent-Length: ${body.length}\r\n\r\n`;
  return [Buffer.from(head), body];
}

/** What one request is answered with, as buffers. */
function answer(head) {
  const [line] = head.split("\r\n", 1);
  const [method, target] = line.split(" ");
  if (method === "PUT") return [/[?&]comp=(metadata|properties|rename)/.test(target) ? changed : written];
  if (method === "HEAD") return [found];
  if (values.pages !== undefined && target.startsWith("/pages/")) return pageAnswer(target);
  if (target.includes("comp=rangelist")) return [noRanges];
  if (target.includes("comp=list")) return [page(Number(/[?&]marker=(\d+)/.exec(target)?.[1] ?? 0))];
  const range = /\r\n(?:x-ms-range|range): bytes=(\d+)-(\d+)?/i.exec(head);
  const start = Number(range?.[1] ?? 0);
  const end = Math.min(size - 1, range?.[2] === undefined ? size - 1 : Number(range[2]));
  const status = range ? `206 Partial Content\r\nContent-Range: bytes ${start}-${end}/${size}` : "200 OK";
  const parts = [Buffer.from(`HTTP/1.1 ${status}\r\n${common}${properties}Content-Length: ${end - start + 1}\r\n\r\n`)];
  for (let left = end - start + 1; left > 0; left -= content.length)
    parts.push(left < content.length ? content.subarray(0, left) : content);
  return parts;
}

/** Until there is room, or nobody reads any more. */
function drained(socket) {
  return new Promise((go) => {
    const done = () => {
      socket.off("drain", done).off("close", done);
      go();
    };
    socket.on("drain", done).on("close", done);
  });
}

/** Writes parts one after the other, waiting for the socket, and on the whole no faster than the rate. */
async function write(socket, parts) {
  const began = performance.now();
  let sent = 0;
  for (const part of parts) {
    const step = rate > 0 ? 256 * 1024 : part.length;
    for (let at = 0; at < part.length && !socket.destroyed; at += step) {
      const piece = part.subarray(at, at + step);
      if (!socket.write(piece)) await drained(socket);
      sent += piece.length;
      const wait = rate > 0 ? began + (sent / rate) * 1000 - performance.now() : 0;
      if (wait >= 2) await new Promise((go) => setTimeout(go, wait));
    }
  }
}

function serve(socket) {
  socket.setNoDelay(true);
  socket.on("error", () => socket.destroy());
  let head = "";
  let body = 0;
  let queue = Promise.resolve();
  socket.on("data", (chunk) => {
    let at = 0;
    while (at < chunk.length) {
      if (body > 0) {
        const taken = Math.min(body, chunk.length - at);
        body -= taken;
        at += taken;
        if (body === 0) reply();
        continue;
      }
      const end = chunk.indexOf("\r\n\r\n", at);
      if (end < 0) {
        head += chunk.latin1Slice(at);
        break;
      }
      head += chunk.latin1Slice(at, end);
      at = end + 4;
      body = Number(/\r\ncontent-length: (\d+)/i.exec(head)?.[1] ?? 0);
      if (/\r\nexpect: 100/i.test(head)) socket.write("HTTP/1.1 100 Continue\r\n\r\n");
      if (body === 0) reply();
    }
  });
  function reply() {
    const parts = answer(head);
    head = "";
    queue = queue.then(async () => {
      if (latency > 0) await new Promise((go) => setTimeout(go, latency));
      await write(socket, parts);
    });
  }
}

const tls = values.cert !== undefined && values["cert-key"] !== undefined;
const server = tls
  ? createTlsServer({ cert: readFileSync(values.cert), key: readFileSync(values["cert-key"]) }, serve)
  : createServer(serve);
server.listen(0, "127.0.0.1", () => console.log(`${tls ? "https" : "http"}://127.0.0.1:${server.address().port}`));
process.stdin.on("end", () => process.exit(0)).resume();
