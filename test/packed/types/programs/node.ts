// What a program for Node writes. Compiled, never run.
import { Blob as NodeBlob, Buffer, File as NodeFile } from "node:buffer";
import { createReadStream, createWriteStream, openAsBlob } from "node:fs";
import { open, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { ReadableStream as NodeReadableStream } from "node:stream/web";
import { type Connection, connect, sharedKey } from "azure-files";
import { fromPath, serve, toPath } from "azure-files/node";
import { createEmulator } from "azure-files/simulation";
import { download, downloadTo, upload } from "azure-files/streaming";

export async function bodies(connection: Connection): Promise<void> {
  const path = "a.txt";
  await upload(connection, { path, body: Buffer.from("text") });
  await upload(connection, { path, body: createReadStream(path) });
  await upload(connection, { path, body: Readable.toWeb(createReadStream(path)) });
  await upload(connection, { path, body: await openAsBlob(path) });
  await upload(connection, { path, body: new NodeBlob(["text"]) });
  await upload(connection, { path, body: new NodeFile(["text"], "a.txt") });
  await upload(connection, { path, body: new NodeReadableStream<Uint8Array>() });
  await upload(connection, { path, body: (await open(path)).readableWebStream() });
  await upload(connection, { path, body: fromPath(path) });
  await upload(connection, { path, body: await fetch("https://example.com") });
  // @ts-expect-error a server is no body
  await upload(connection, { path, body: createServer() });
}

export async function sinks(connection: Connection): Promise<void> {
  const found = await download(connection, { path: "a.txt" });
  await pipeline(Readable.fromWeb(found.body), createWriteStream("a.txt"));
  await pipeline(found.body, createWriteStream("a.txt"));
  const stream: NodeReadableStream<Uint8Array> = found.body;
  for await (const chunk of found.body) process.stdout.write(chunk);
  for await (const chunk of stream) process.stdout.write(chunk);
  await writeFile("a.txt", found.body);
  await writeFile("b.txt", await found.bytes());
  const blob: NodeBlob = await found.blob();
  process.stdout.write(String(blob.size));
  await downloadTo(connection, { path: "a.txt", to: toPath("a.txt") });
  // @ts-expect-error a sink is no path
  await downloadTo(connection, { path: "a.txt", to: "a.txt" });
}

export async function emulator(): Promise<Connection> {
  const served = createEmulator();
  const { url } = await serve(served, { port: 0 });
  return connect({ endpoint: url, credential: sharedKey({ account: "account", key: "a2V5" }) });
}
