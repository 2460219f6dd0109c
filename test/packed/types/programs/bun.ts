// What a program for Bun writes. Compiled, never run.
import { type Connection, connect, sharedKey } from "azure-files";
import { fromPath, serve, toPath } from "azure-files/node";
import { createEmulator } from "azure-files/simulation";
import { download, downloadTo, upload } from "azure-files/streaming";

export async function program(connection: Connection): Promise<Response> {
  await upload(connection, { path: "a.txt", body: Bun.file("a.txt") });
  await upload(connection, { path: "a.txt", body: Bun.file("a.txt").stream() });
  await upload(connection, { path: "b.txt", body: await Bun.file("a.txt").bytes() });
  await upload(connection, { path: "c.txt", body: await fetch("https://example.com") });
  await upload(connection, { path: "c.txt", body: fromPath("a.txt") });
  // @ts-expect-error a server is no body
  await upload(connection, { path: "d.txt", body: Bun.serve({ fetch: () => new Response() }) });
  const found = await download(connection, { path: "a.txt" });
  await Bun.write("a.txt", new Response(found.body));
  await Bun.write("a.txt", await found.blob());
  for await (const chunk of found.body) await Bun.write(Bun.stdout, chunk);
  await downloadTo(connection, { path: "a.txt", to: toPath("a.txt") });
  const { url } = await serve(createEmulator());
  connect({ endpoint: url, credential: sharedKey({ account: "account", key: Bun.env["KEY"] ?? "" }) });
  return new Response(found.body);
}
