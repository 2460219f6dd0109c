// What a page or its worker writes. Compiled, never run.
import type { Connection } from "azure-files";
import { download, upload } from "azure-files/streaming";

export async function page(connection: Connection, input: HTMLInputElement): Promise<string> {
  const [file] = input.files ?? [];
  if (file) {
    await upload(connection, { path: file.name, body: file });
    await upload(connection, { path: file.name, body: file.stream().pipeThrough(new CompressionStream("gzip")) });
  }
  const canvas = await new OffscreenCanvas(1, 1).convertToBlob();
  await upload(connection, { path: "picture.png", body: canvas });
  const answer = await fetch("https://example.com");
  await upload(connection, { path: "answer", body: answer });
  if (answer.body) await upload(connection, { path: "answer", body: answer.body });
  // @ts-expect-error a list of files is no body
  await upload(connection, { path: "many", body: input.files });
  const found = await download(connection, { path: "picture.png" });
  const text = await new Response(found.body.pipeThrough(new DecompressionStream("gzip"))).text();
  await found.body.pipeThrough(new TextDecoderStream()).pipeTo(new WritableStream<string>());
  return text + URL.createObjectURL(await found.blob());
}
