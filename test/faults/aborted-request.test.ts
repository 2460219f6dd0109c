/** A range that its caller gave up must not go on to be written: its connection is closed, whatever the collector of garbage did before. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { connect } from "azure-files";
import { putRange } from "azure-files/files";
import { expect, it } from "vitest";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

it.each(["fetch", "node"] as const)("closes the connection of an aborted range, through %s", { timeout: 30_000 }, async (transport) => {
  let arrived = (): void => undefined;
  let closed = (): void => undefined;
  const arrives = new Promise<void>((resolve) => (arrived = resolve));
  const closes = new Promise<void>((resolve) => (closed = resolve));
  // It reads all and answers nothing.
  const server = createServer((incoming) => {
    incoming.socket.once("close", closed);
    incoming.resume().once("end", arrived);
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  try {
    const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}/account`;
    const connection = connect({ endpoint, share: "share", transport, retry: false, circuitBreaker: false });
    const caller = new AbortController();
    const put = putRange(connection, { path: "f", body: new Uint8Array(100), offset: 0, signal: caller.signal });
    const refused = expect(put).rejects.toThrow("given up");
    await arrives;
    for (let time = 0; time < 5; time++) {
      collect();
      await new Promise((done) => setTimeout(done, 5));
    }
    caller.abort(new Error("given up"));
    await refused;
    await closes;
  } finally {
    server.closeAllConnections();
    server.close();
  }
});
