/** Get File and Get File Properties. */
import { copyHeaders } from "./copy.js";
import type { Exchange, Reply } from "./exchange.js";
import { badHeader, type Pair } from "./failures.js";
import { itemHeaders } from "./item-properties.js";
import { findFile, findFileOrLink } from "./lookup.js";
import { maxBody, readFlag, readReadRange } from "./request-values.js";
import { changeHeaders, metadataHeaders } from "./response-headers.js";
import type { FileNode } from "./state.js";
import { isStructured, overheadOf, structuredHeaders, structuredStream } from "./structured-body.js";
import { base64Of } from "./text.js";
import { millisecondsOf } from "./time.js";

/** The HTTP properties as headers; a SAS may override five of them for its bearer. */
function contentHeaders(exchange: Exchange, file: FileNode): Pair[] {
  const { query } = exchange.target;
  const override = (word: string): string | undefined => (query.has("sig") ? query.get(word) : undefined);
  const all: [string, string | undefined][] = [
    ["Cache-Control", override("rscc") ?? file.http.cacheControl],
    ["Content-Disposition", override("rscd") ?? file.http.disposition],
    ["Content-Encoding", override("rsce") ?? file.http.encoding],
    ["Content-Language", override("rscl") ?? file.http.language],
    ["Content-Type", override("rsct") ?? file.http.type],
  ];
  return all.filter((pair): pair is [string, string] => pair[1] !== undefined && pair[1] !== "");
}

/** On NFS shares a HEAD says what kind of file it is; a GET does not. */
function fileHeaders(exchange: Exchange, file: FileNode): Pair[] {
  return [
    ...metadataHeaders(file.metadata),
    ...contentHeaders(exchange, file),
    ...changeHeaders(file.modified),
    ["x-ms-type", "File"],
    ["x-ms-server-encrypted", String(file.encrypted)],
    ...copyHeaders(file),
    ...file.lease.headers(millisecondsOf(exchange.account.clock.now())),
    ...itemHeaders(file, exchange.version, { fileType: exchange.method === "HEAD", linkCount: true }),
  ];
}

/** Get File Properties (HEAD). */
export function getFileProperties(exchange: Exchange): Reply {
  const file = findFileOrLink(exchange);
  const md5: Pair[] = file.http.md5 ? [["Content-MD5", file.http.md5]] : [];
  return { status: 200, headers: [...fileHeaders(exchange, file), ...md5, ["Content-Length", String(file.content.size)]] };
}

/** Get File: the whole, or a range with 206. */
export function getFile(exchange: Exchange): Reply {
  const file = findFile(exchange);
  exchange.account.handles.permit(file, "read");
  const { content, http } = file;
  const wantsMd5 = readFlag(exchange.headers, "x-ms-range-get-content-md5");
  const range = readReadRange(exchange.headers, content.size);
  const { start, end } = range ?? { start: 0, end: content.size };
  const length = end - start;
  if (wantsMd5 && (!range || length > maxBody)) throw badHeader("x-ms-range-get-content-md5", "true");

  // Answers that fit one range are bytes; longer ones are made as they are read.
  const body = length <= maxBody ? content.read(start, length) : content.stream(start, length, exchange.signal);
  const headers: Pair[] = fileHeaders(exchange, file);
  if (range) {
    if (wantsMd5 && body instanceof Uint8Array) headers.push(["Content-MD5", base64Of(exchange.md5(body))]);
    if (http.md5 && exchange.version >= "2016-05-31") headers.push(["x-ms-content-md5", http.md5]);
    headers.push(["Content-Range", `bytes ${start}-${end - 1}/${content.size}`]);
  } else if (http.md5) {
    headers.push(["Content-MD5", http.md5]);
  }
  headers.push(["Accept-Ranges", "bytes"]);
  if (isStructured(exchange.headers)) {
    const framed = structuredStream(length, (offset, count) => content.read(start + offset, count), exchange.signal);
    headers.push(...structuredHeaders(exchange.headers), ["x-ms-structured-content-length", String(length)]);
    headers.push(["Content-Length", String(length + overheadOf(length))]);
    return { status: range ? 206 : 200, headers, body: framed };
  }
  headers.push(["Content-Length", String(length)]);
  return { status: range ? 206 : 200, headers, body };
}
