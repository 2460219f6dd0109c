/**
 * Put Range from URL.
 *
 * @see https://learn.microsoft.com/rest/api/storageservices/put-range-from-url
 */
import { crc64Of } from "./crc64.js";
import { emptyReply, type Exchange, type Reply } from "./exchange.js";
import { Failure, badHeader, missingHeader } from "./failures.js";
import { checkInside, readPreserve, touched } from "./file-ranges.js";
import { findShare, findWritableFile } from "./lookup.js";
import { checkQuota } from "./quota.js";
import { maxBody, readWriteRange } from "./request-values.js";
import { encrypted } from "./response-headers.js";
import { readSource, readSourceUrl } from "./source-url.js";
import { base64Of, bytesOfBase64 } from "./text.js";

/** A CRC-64 in a header, or undefined without one. */
function readCrc(headers: Headers, name: string): string | undefined {
  const value = headers.get(name);
  if (value !== null && bytesOfBase64(value)?.length !== 8) throw badHeader(name, value);
  return value ?? undefined;
}

function differing(code: "Crc64Mismatch" | "Crc64ConditionNotMet", given: string, computed: string): Failure {
  return new Failure(code, {
    details: [
      ["UserSpecifiedCrc", given],
      ["ServerCalculatedCrc", computed],
    ],
  });
}

/** Put Range from URL: up to 4 MiB from another file into this one. */
export async function putRangeFromUrl(exchange: Exchange): Promise<Reply> {
  const { headers } = exchange;
  const write = headers.get("x-ms-write");
  if (write === null) throw missingHeader("x-ms-write");
  if (write.toLowerCase() !== "update") throw badHeader("x-ms-write", write);
  if ((await exchange.body.length()) > 0) throw badHeader("Content-Length", String(await exchange.body.length()));
  const range = readWriteRange(headers);
  const preserve = readPreserve(headers);
  const [content, match, noMatch] = ["x-ms-source-content-crc64", "x-ms-source-if-match-crc64", "x-ms-source-if-none-match-crc64"].map(
    (name) => readCrc(headers, name),
  );
  const { text } = readSourceUrl(headers, "x-ms-copy-source");
  const length = range.end - range.start;
  if (length > maxBody) throw new Failure("RequestBodyTooLarge");
  const sourceRange = headers.get("x-ms-source-range");
  if (sourceRange !== null && !/^bytes=\d{1,16}-(\d{1,16})?$/.test(sourceRange)) throw badHeader("x-ms-source-range", sourceRange);
  const authorization = headers.get("x-ms-copy-source-authorization");
  if (authorization !== null && !/^Bearer \S/i.test(authorization)) throw badHeader("x-ms-copy-source-authorization", "");
  checkInside(findWritableFile(exchange), range);

  const response = await readSource(exchange, text, {
    ...(sourceRange === null ? {} : { "x-ms-range": sourceRange }),
    ...(authorization === null ? {} : { authorization, "x-ms-file-request-intent": "backup" }),
  });
  const told = Number(response.headers.get("content-length"));
  if (told !== length) {
    await response.body?.cancel();
    throw new Failure("CannotVerifyCopySource", {
      status: 409,
      message: "The source request body for copy source does not match requested length to write on target.",
    });
  }
  const bytes = new Uint8Array(await response.arrayBuffer());
  const crc = base64Of(crc64Of(bytes));
  if (content !== undefined && content !== crc) throw differing("Crc64Mismatch", content, crc);
  if (match !== undefined && match !== crc) throw differing("Crc64ConditionNotMet", match, crc);
  if (noMatch !== undefined && noMatch === crc) throw differing("Crc64ConditionNotMet", noMatch, crc);
  // Looked up again: the file may have changed hands while the source was read.
  const file = findWritableFile(exchange);
  checkInside(file, range);
  checkQuota(findShare(exchange), file.content.growth(range.start, bytes.length));
  file.content.write(range.start, bytes);
  const { change, lastWrite } = touched(exchange, file, preserve);
  return emptyReply(201, [...change, ["x-ms-content-crc64", crc], encrypted, ...lastWrite]);
}
