// What a program for Deno writes. Compiled, never run.
import { type Connection, connect, sharedKey } from "azure-files";
import { serve, toPath } from "azure-files/node";
import { createEmulator } from "azure-files/simulation";
import { download, downloadTo, upload } from "azure-files/streaming";

export async function program(connection: Connection): Promise<Response> {
  const file = await Deno.open("a.txt");
  await upload(connection, { path: "a.txt", body: file.readable });
  await upload(connection, { path: "b.txt", body: await Deno.readFile("a.txt") });
  await upload(connection, { path: "c.txt", body: await fetch("https://example.com") });
  // @ts-expect-error an open file is no body, its stream is
  await upload(connection, { path: "d.txt", body: Deno.stdout });
  const found = await download(connection, { path: "a.txt" });
  await Deno.writeFile("a.txt", found.body);
  await found.body.pipeTo(Deno.stdout.writable);
  for await (const chunk of found.body) await Deno.stdout.write(chunk);
  await downloadTo(connection, { path: "a.txt", to: toPath("a.txt") });
  const { url } = await serve(createEmulator());
  connect({ endpoint: url, credential: sharedKey({ account: "account", key: Deno.env.get("KEY") ?? "" }) });
  return new Response(found.body);
}
