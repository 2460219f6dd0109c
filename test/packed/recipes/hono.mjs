// The Hono server on Node: files pass through it, and what is wrong is answered with a status that says so.
import assert from "node:assert/strict";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { startNode } from "../../../scripts/run.mjs";
import { bytesOf } from "../account.mjs";

const MAXIMUM = 10 * 1024 * 1024;

/** A body in pieces, without a length. */
function streamOf(bytes) {
  let at = 0;
  return new ReadableStream({
    pull(controller) {
      if (at >= bytes.length) return controller.close();
      controller.enqueue(bytes.slice(at, (at += 64 * 1024)));
    },
  });
}

/** Starts the server, sends files through it, and looks at the share. */
export async function hono({ directory, account }) {
  const { emulator, connectionString, client } = account;
  const share = client("inbox");
  await share.shares.create();
  const env = { AZURE_STORAGE_CONNECTION_STRING: connectionString, FILES_SHARE: "inbox", MAX_BYTES: String(MAXIMUM), PORT: "0" };
  const child = startNode([join(directory, "recipes/hono-files.ts")], { env, stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (piece) => (said += piece));
  try {
    const [url] = await Promise.race([
      once(createInterface(child.stdout), "line"),
      once(child, "exit").then(() => Promise.reject(new Error(`the server ended: ${said}`))),
    ]);
    const send = (name, body, signal) =>
      fetch(`${url}/files/${name}`, { method: "PUT", body, duplex: "half", headers: { "content-type": "a/b" }, signal });
    const isAnswered = async (status, asked) => {
      const response = await asked;
      assert.equal(response.status, status, await response.clone().text());
      return response;
    };
    const bytes = bytesOf(9 * 1024 * 1024 + 5);
    assert.deepEqual(await (await isAnswered(201, send("known.bin", bytes))).json(), { path: "known.bin", size: bytes.length });
    await isAnswered(201, send("streamed.bin", streamOf(bytes)));
    for (const name of ["known.bin", "streamed.bin"]) {
      const response = await isAnswered(200, fetch(`${url}/files/${name}`));
      assert.equal(response.headers.get("content-type"), "a/b");
      assert.equal(Buffer.compare(new Uint8Array(await response.arrayBuffer()), bytes), 0, `${name} has other bytes`);
    }
    await isAnswered(201, send("empty.bin", ""));
    await isAnswered(409, send("known.bin", "x"));
    await isAnswered(400, send("a%3Ab", "x"));
    await isAnswered(404, fetch(`${url}/files/nothing`));
    await isAnswered(413, send("large.bin", bytesOf(MAXIMUM + 1)));
    await isAnswered(413, send("large-streamed.bin", streamOf(bytesOf(MAXIMUM + 1))));
    // Who hangs up, when all is sent but not all is written, leaves nothing behind.
    const { asked, answered, deleted } = account.counts;
    account.hold(1);
    const hangUp = new AbortController();
    const cut = send("cut.bin", bytes, hangUp.signal).catch((error) => error.name);
    await account.until({ asked: asked + 3, answered: answered + 1 });
    hangUp.abort();
    assert.equal(await cut, "AbortError");
    await account.until({ deleted: deleted + 1 });
    account.release();
    emulator.respond("Get File", "ServerBusy", { times: 5 });
    assert.match((await isAnswered(503, fetch(`${url}/files/known.bin`))).headers.get("retry-after"), /^\d+$/);
    emulator.respond("Get File", "AuthenticationFailed");
    await isAnswered(502, fetch(`${url}/files/known.bin`));

    const names = [];
    for await (const { name } of share.directories.list()) names.push(name);
    assert.deepEqual(new Set(names), new Set(["empty.bin", "known.bin", "streamed.bin"]), "what was refused left something behind");
    assert.ok(!said.includes(emulator.key), "the server printed the account's key");
    return "files through it with and without a length; 400, 404, 409, 413, 502 and 503; nothing left of who hangs up";
  } finally {
    child.kill();
    await once(child, "exit");
  }
}
