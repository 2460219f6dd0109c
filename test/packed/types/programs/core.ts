// Every entry point that runs everywhere, with nothing but what all runtimes have. Compiled, never run.
import { metrics, trace } from "@opentelemetry/api";
import {
  AzureFilesClient,
  type Connection,
  connect,
  derive,
  isServiceError,
  logger,
  observe,
  retryAfter,
  sas,
  sharedKey,
} from "azure-files";
import * as account from "azure-files/account";
import * as directories from "azure-files/directories";
import * as files from "azure-files/files";
import * as leases from "azure-files/leases";
import { openTelemetry } from "azure-files/otel";
import { accountSas, serviceSas } from "azure-files/sas";
import * as shares from "azure-files/shares";
import { createEmulator, faults, record, replay } from "azure-files/simulation";
import { crc64, type Download, download, downloadRange, upload, type Upload } from "azure-files/streaming";
import "azure-files/polyfill";

declare const key: string;
declare function show(text: string | number | Date | undefined | null): void;

/** The option `fetch` takes the engine's own, an emulator's and a function of the caller's. */
export function connections(): Connection[] {
  const emulator = createEmulator({ account: "account", key });
  const endpoint = "https://account.file.core.windows.net";
  const credential = sharedKey({ account: "account", key });
  return [
    connect({
      endpoint,
      share: "reports",
      credential,
      fetch: emulator.fetch,
      telemetry: observe(
        logger({ write: (line) => show(line) }),
        openTelemetry({ tracerProvider: trace.getTracerProvider(), meterProvider: metrics }),
      ),
    }),
    connect({
      endpoint,
      credential: sas(async () => serviceSas({ account: "account", key, share: "a", permissions: "r", expiresOn: new Date() })),
      fetch,
    }),
    connect({ endpoint, credential, fetch: (request) => fetch(request), middleware: [(next) => (request) => next(request)] }),
    connect({ endpoint, credential, fetch: faults({ seed: 1 }).fetch(emulator.handle) }),
    connect({ endpoint, credential, fetch: async (request: Request) => new Response(request.url) }),
    // @ts-expect-error a fetch answers with a response
    connect({ endpoint, credential, fetch: async () => "text" }),
    // @ts-expect-error an endpoint is needed
    connect({ credential }),
  ];
}

/** A body may be what an engine calls a body. */
export function uploads(connection: Connection, bytes: Uint8Array): Upload[] {
  const path = "2026/video.mp4";
  const stream = new ReadableStream<Uint8Array>({ start: (controller) => controller.enqueue(bytes) });
  async function* pieces(): AsyncGenerator<Uint8Array | string> {
    yield bytes;
    yield "text";
  }
  const signal = AbortSignal.timeout(1000);
  return [
    upload(connection, {
      path,
      body: new DataView(bytes.buffer),
      signal,
      checksum: crc64(),
      onProgress: ({ transferred, total }) => show(total ?? transferred),
    }),
    upload(connection, { path, body: bytes }),
    upload(connection, { path, body: bytes.buffer }),
    upload(connection, { path, body: "text" }),
    upload(connection, { path, body: new Blob(["text"]) }),
    upload(connection, { path, body: stream }),
    upload(connection, { path, body: stream.pipeThrough(new TransformStream<Uint8Array, Uint8Array>()) }),
    upload(connection, { path, body: new Response("text") }),
    upload(connection, { path, body: pieces(), size: 4 }),
    // @ts-expect-error a number is no body
    upload(connection, { path, body: 5 }),
    // @ts-expect-error a path is a string
    upload(connection, { path: 5, body: "text" }),
  ];
}

/** What comes down is the engine's own stream, blob and bytes. */
export async function downloads(connection: Connection): Promise<Response> {
  const found: Download = await download(connection, { path: "a.txt" });
  const stream: ReadableStream<Uint8Array> = found.body;
  const reader = found.body.getReader();
  const { value } = await reader.read();
  show(value?.byteLength);
  reader.releaseLock();
  const [left, right] = found.body.tee();
  await left.cancel("enough");
  await right.pipeTo(new WritableStream<Uint8Array>({ write: (chunk) => show(chunk.byteLength) }));
  const blob: Blob = await found.blob();
  const part = await downloadRange(connection, { path: "a.txt", offset: 0, count: 4 });
  await upload(connection, { path: "b.txt", body: found.body });
  await upload(connection, { path: "c.txt", body: blob.slice(0, 1) });
  show(new TextDecoder().decode(part));
  // @ts-expect-error the size is a number
  const size: string = found.size;
  show(size);
  void new Response(blob);
  void new Response(part);
  void new Request("https://example.com", { method: "PUT", body: await found.bytes() });
  return new Response(stream, { headers: { "content-length": String(found.size) } });
}

/** The operations as functions and as services of a client. */
export async function operations(connection: Connection): Promise<void> {
  const client = new AzureFilesClient(connection);
  await shares.createIfMissing(connection, { share: "reports" });
  await directories.create(connection, { path: "2026/q3", recursive: true });
  for await (const entry of client.directories.list({ path: "2026" })) show(entry.name);
  for await (const page of directories.list(connection, { path: "2026" }).pages()) for (const entry of page.entries) show(entry.kind);
  const read = await files.read(connection, { path: "a.txt" });
  show(await read.text());
  show((await client.files.getProperties({ path: "a.txt" })).lastModified);
  for await (const share of shares.list(connection)) show(share.name);
  const fence = await client.leases.withLock({ path: "jobs/leader" }, async (lock) => (lock.signal.aborted ? 0 : lock.fence));
  show(fence);
  const held = await leases.acquire(connection, { share: "reports", duration: 60 });
  held.signal.addEventListener("abort", () => show("lost"));
  await held[Symbol.asyncDispose]();
  await using lease = await leases.acquire(connection, { path: "a.txt" });
  show(lease.id);
  // @ts-expect-error a file's lease has no duration
  await leases.acquire(connection, { path: "a.txt", duration: 60 });
  // @ts-expect-error there is no such operation
  await client.files.frobnicate({ path: "a.txt" });
}

/** What is recorded, replayed, observed and refused. */
export async function around(connection: Connection): Promise<void> {
  const recording = record();
  const replayed = replay(recording.har());
  derive(connection, { share: "other" });
  void recording.fetch();
  void replayed.fetch((request) => fetch(request));
  show(await accountSas({ account: "account", key, permissions: "r", resourceTypes: "o", expiresOn: new Date() }));
  try {
    await files.delete(connection, { path: "a.txt" });
  } catch (error) {
    if (isServiceError(error)) show(error.code === "ResourceNotFound" ? error.status : retryAfter(error));
    // @ts-expect-error what is thrown is unknown until it is asked
    show(error.code);
  }
}
