// Run by polyfill.test.ts in a process of its own: the built package where an engine has no streams, without or with `azure-files/polyfill`,
// or where its answers have none ("bodiless").
// Writes what came of each step as JSON.
const [, , kind] = process.argv;
// Node makes its `Request` and `Response` when they are first asked for, of the streams that are there then.
if (kind === "without") Object(globalThis.Response);
for (const name of Object.getOwnPropertyNames(globalThis)) {
  if (kind !== "bodiless" && /Stream|QueuingStrategy/.test(name)) Reflect.deleteProperty(globalThis, name);
}
if (kind === "bodiless") Reflect.deleteProperty(Response.prototype, "body");
const missing = kind === "bodiless" ? typeof new Response("a").body : typeof ReadableStream;
if (kind !== "without") await import("azure-files/polyfill");
const { connect, sharedKey } = await import("azure-files");
const files = await import("azure-files/files");
const { createIfMissing } = await import("azure-files/shares");
const { createEmulator } = await import("azure-files/simulation");
const { download, upload } = await import("azure-files/streaming");

const key = "a2V5a2V5";
const emulator = createEmulator({ account: "account", key });
let requests = 0;
const connection = connect({
  endpoint: emulator.endpoint,
  share: "docs",
  credential: sharedKey({ account: "account", key }),
  fetch: (request) => (requests++, emulator.fetch(request)),
});
await createIfMissing(connection);

async function* pieces() {
  for (let round = 0; round < 5; round++) yield new Uint8Array(1_000_000).fill(round + 1);
}
const pull = async (controller) => {
  const { done, value } = await source.next();
  if (done) controller.close();
  else controller.enqueue(value);
};
const source = pieces();

const steps = {
  "upload of bytes": async () => (await upload(connection, { path: "a.bin", body: new Uint8Array(10) }), 10),
  "upload of an iterable": async () => (await upload(connection, { path: "b.bin", body: pieces() }), 5_000_000),
  "upload of a stream": async () => {
    await upload(connection, { path: "c.bin", body: new ReadableStream({ pull }) });
    return (await files.getProperties(connection, { path: "c.bin" })).size;
  },
  "download as a stream": async () => {
    const reader = (await download(connection, { path: "c.bin" })).body.getReader();
    let sum = 0;
    for (let next = await reader.read(); !next.done; next = await reader.read()) for (const byte of next.value) sum += byte;
    return sum;
  },
  "download as an iteration": async () => {
    let sum = 0;
    for await (const chunk of (await download(connection, { path: "c.bin" })).body) for (const byte of chunk) sum += byte;
    return sum;
  },
  "reading of a file": async () => (await (await files.read(connection, { path: "a.bin" })).bytes()).byteLength,
};
const outcomes = { missing };
for (const [name, run] of Object.entries(steps)) {
  // Node's own `Request` of bytes needs streams, whoever asks.
  if (kind === "without" && name.startsWith("upload")) continue;
  const before = requests;
  outcomes[name] = await run().catch((error) => `${error.name}: ${error.message} (${requests - before} requests)`);
}
console.log(JSON.stringify(outcomes));
