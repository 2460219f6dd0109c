// What a Cloudflare Worker writes. Compiled, never run.
import { connect, sas } from "azure-files";
import { serviceSas } from "azure-files/sas";
import { download, upload } from "azure-files/streaming";

interface Env {
  readonly TOKEN: string;
  readonly BUCKET: R2Bucket;
}

export default {
  async fetch(request, env, context): Promise<Response> {
    const connection = connect({ endpoint: "https://account.file.core.windows.net", share: "a", credential: sas(env.TOKEN), fetch });
    if (request.body) await upload(connection, { path: "a.txt", body: request.body, signal: request.signal });
    const object = await env.BUCKET.get("a.txt");
    if (object) await upload(connection, { path: "b.txt", body: object.body, size: object.size });
    if (object) await upload(connection, { path: "b.txt", body: await object.blob() });
    await upload(connection, { path: "c.txt", body: await fetch("https://example.com") });
    // @ts-expect-error a bucket is no body
    await upload(connection, { path: "c.txt", body: env.BUCKET });
    const found = await download(connection, { path: "a.txt" });
    await env.BUCKET.put("a.txt", found.body);
    await env.BUCKET.put("a.txt", await found.blob());
    for await (const chunk of found.body) console.log(chunk.byteLength);
    context.waitUntil(found.body.pipeTo(new FixedLengthStream(found.size).writable));
    console.log(await serviceSas({ account: "a", key: env.TOKEN, share: "a", permissions: "r", expiresOn: new Date() }));
    return new Response(found.body);
  },
} satisfies ExportedHandler<Env>;
