/**
 * A Hono server that takes files and gives them back: what comes in goes on into the share as it comes, so that a file of any size passes
 * through a few ranges of memory.
 *
 *     AZURE_STORAGE_CONNECTION_STRING=… FILES_SHARE=inbox node hono-files.ts
 *     curl -T report.pdf http://127.0.0.1:3000/files/report.pdf
 */
import type { AddressInfo } from "node:net";
import { serve } from "@hono/node-server";
import { derive, fromConnectionString, isIntegrityError, isRetryable, isServiceError, isTransportError, retryAfter } from "azure-files";
import { download, upload } from "azure-files/streaming";
import { Hono } from "hono";

const { AZURE_STORAGE_CONNECTION_STRING = "", FILES_SHARE = "inbox", MAX_BYTES = "104857600", PORT = "3000" } = process.env;
const maximum = Number(MAX_BYTES);
// Less patience than a script has: somebody is waiting.
const connection = derive(fromConnectionString(AZURE_STORAGE_CONNECTION_STRING), {
  share: FILES_SHARE,
  timeouts: { overall: 10 * 60_000 },
});

class TooLarge extends Error {
  override name = "TooLarge";
}

/** Lets so many bytes through; who announces no length may still send too many. */
function atMost(bytes: number): TransformStream<Uint8Array, Uint8Array> {
  let left = bytes;
  return new TransformStream({
    transform(chunk, controller) {
      left -= chunk.byteLength;
      if (left < 0) throw new TooLarge();
      controller.enqueue(chunk);
    },
  });
}

const app = new Hono();

app.put("/files/:name", async (c) => {
  const announced = c.req.header("content-length");
  if (Number(announced ?? 0) > maximum) throw new TooLarge();
  const { path, size } = await upload(connection, {
    path: c.req.param("name"),
    body: c.req.raw.body?.pipeThrough(atMost(maximum)) ?? "",
    // A body that ends before its length is refused, not stored.
    size: announced === undefined ? undefined : Number(announced),
    content: { type: c.req.header("content-type") },
    atomic: true, // nobody sees half a file
    overwrite: false,
    onFailure: "delete",
    signal: c.req.raw.signal, // who hangs up ends the upload
  });
  return c.json({ path, size }, 201);
});

app.get("/files/:name", async (c) => {
  const { body, size, contentType } = await download(connection, { path: c.req.param("name"), signal: c.req.raw.signal });
  return c.body(body, 200, { "content-length": String(size), "content-type": contentType ?? "application/octet-stream" });
});

app.onError((error, c) => {
  if (error instanceof TooLarge) return c.text(`at most ${maximum} bytes`, 413);
  // Wrong names are refused before anything is sent; the message says the rule.
  if (error instanceof TypeError || error instanceof RangeError) return c.text(error.message, 400);
  if (isIntegrityError(error, "source")) return c.text("the body is not as long as it was announced", 400);
  if (isIntegrityError(error, "exists")) return c.text("there is a file of this name", 409);
  if (isServiceError(error) && error.status === 404) return c.text("there is no such file", 404);
  console.error(error); // without a secret: errors of azure-files hold none
  if (isRetryable(error)) return c.text("the share is busy", 503, { "retry-after": String(Math.ceil((retryAfter(error) ?? 5000) / 1000)) });
  return c.text("that did not work", isServiceError(error) || isTransportError(error) ? 502 : 500);
});

serve({ fetch: app.fetch, hostname: "127.0.0.1", port: Number(PORT) }, ({ port }: AddressInfo) => {
  console.log(`http://127.0.0.1:${port}`);
});
