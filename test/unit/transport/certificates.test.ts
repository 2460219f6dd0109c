/** Servers that cannot prove who they are. */
import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, expect, it } from "vitest";
import { connect } from "../../../src/connect.js";
import { getProperties } from "../../../src/services/files.js";

const pem = (name: string): Buffer => readFileSync(new URL(`../../vectors/tls-${name}.pem`, import.meta.url));
let server: Server;
let asked = 0;

beforeEach(async () => {
  asked = 0;
  server = createServer({ cert: pem("cert"), key: pem("key") }, (_, answer) => {
    asked++;
    answer.writeHead(200).end();
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

const connection = (transport: "node" | "fetch") =>
  connect({
    endpoint: `https://127.0.0.1:${(server.address() as AddressInfo).port}/account`,
    share: "share",
    transport,
    retry: { attempts: 3, baseDelay: 1, maxDelay: 1 },
  });

it("are told as such at once, for no second try mends that", async () => {
  const made = connection("node");
  const error = await getProperties(made, { path: "f" }).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({
    name: "TransportError",
    reason: "certificate",
    cause: { code: "DEPTH_ZERO_SELF_SIGNED_CERT" },
    attempts: { length: 1 },
  });
  expect(asked).toBe(0);
  expect(made.circuit?.state).toBe("closed");
});

it("are a failure of the network to fetch, which does not tell", async () => {
  const error = await getProperties(connection("fetch"), { path: "f" }).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ name: "TransportError", reason: "network", attempts: { length: 3 } });
  expect(asked).toBe(0);
});
