/**
 * Makes a recorded request playable: what recorders removed is given back where the recording tells it, and it is signed anew.
 */
import { createHmac } from "node:crypto";
import { stringToSign } from "../../src/auth/shared-key.js";
import { type Exchange, requestBody } from "./recording.js";
import type { Pairs } from "./values.js";

/** Belongs to the connection, or to the credential that recorders removed. */
const dropped = new Set(["content-length", "authorization", "date", "x-ms-date", "host", "connection", "expect", "accept-encoding"]);

/** The size of a file whose Create File lost its headers: what the first later answer about it says. */
function sizeToldLater(exchange: Exchange, later: readonly Exchange[]): string {
  const told = later.find(
    ({ share, path, operation, status }) =>
      share === exchange.share && path.join("/") === exchange.path.join("/") && status === 200 && operation === "Get File Properties",
  );
  return told?.responseHeaders["content-length"] ?? "0";
}

/** The headers of a request as the emulator gets them, unsigned. */
function headersOf(exchange: Exchange, later: readonly Exchange[], pairs: Pairs): Record<string, string> {
  const kept = Object.entries(exchange.requestHeaders).filter(([name]) => !dropped.has(name));
  const headers: Record<string, string> = Object.fromEntries(kept);
  const key = headers["x-ms-file-permission-key"];
  if (key !== undefined) headers["x-ms-file-permission-key"] = pairs.keyFor(key, exchange) ?? key;
  if (exchange.requestBodyNotRecorded && exchange.operation === "Create File") {
    headers["x-ms-type"] = "file";
    headers["x-ms-content-length"] = sizeToldLater(exchange, later);
  }
  return headers;
}

/** The request, signed with the emulator's key. */
export function playable(exchange: Exchange, later: readonly Exchange[], pairs: Pairs, key: string, now: number): Request {
  const url = new URL(exchange.url);
  const kept = [...new Set(url.searchParams.keys())].filter((name) => exchange.query.has(name));
  url.search = kept.map((name) => `${name}=${encodeURIComponent(exchange.query.get(name) ?? "")}`).join("&");
  const { bytes } = requestBody(exchange);
  const headers: Record<string, string> = { ...headersOf(exchange, later, pairs), "x-ms-date": new Date(now).toUTCString() };
  const body = bytes.length === 0 ? undefined : bytes;
  const signed = stringToSign(exchange.account, { method: exchange.method as "PUT", url: url.href, headers, body });
  const signature = createHmac("sha256", Buffer.from(key, "base64")).update(signed).digest("base64");
  headers["authorization"] = `SharedKey ${exchange.account}:${signature}`;
  return new Request(url, { method: exchange.method, headers, body: body ?? null });
}
