/** Secrets and Node's own HTTP client: what it says of sockets that break and of answers that are none has the request, or the answer, in it. */
import { createServer, type Server, type Socket } from "node:net";
import { inspect } from "node:util";
import { afterEach, expect, it } from "vitest";
import { bearer } from "../../../src/auth/bearer.js";
import { sas } from "../../../src/auth/sas.js";
import { connect } from "../../../src/connect.js";
import { logger } from "../../../src/observability/log.js";
import { observe } from "../../../src/observability/observe.js";
import { calls, outcomeOf, request } from "./calls.js";
import { found, sasToken, shown, signature, token } from "./secrets.js";

let server: Server | undefined;
const open = new Set<Socket>();

afterEach(() => {
  for (const socket of open) socket.destroy();
  server?.close();
});

/** What comes back, by the request as it came in. */
const endings: Readonly<Record<string, (socket: Socket, asked: string) => void>> = {
  "nothing, and the end": (socket) => socket.end(),
  "a reset": (socket) => socket.resetAndDestroy(),
  "what is no HTTP": (socket, asked) => socket.end(asked),
  "a header that is none": (socket, asked) => socket.end(`HTTP/1.1 200 OK\r\nx-echo ${asked}\r\n\r\n`),
  "a header that is too large": (socket, asked) =>
    socket.end(`HTTP/1.1 200 OK\r\nx-echo: ${asked.replace(/\s+/g, " ").repeat(400)}\r\n\r\n`),
  "a body that breaks off": (socket, asked) => socket.end(`HTTP/1.1 500 No\r\ncontent-length: 100000\r\n\r\n${asked}`),
  "a chunk of no length": (socket, asked) => socket.end(`HTTP/1.1 201 Yes\r\ntransfer-encoding: chunked\r\n\r\nzz${asked}\r\n`),
  "a redirect to itself": (socket, asked) =>
    socket.end(`HTTP/1.1 302 Found\r\nlocation: ${asked.split(" ")[1]}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n`),
};

it.each(Object.entries(endings))("nothing is said of them after %s", async (_, ending) => {
  let seen = "";
  server = createServer((socket) => {
    open.add(socket);
    socket.on("error", () => undefined);
    socket.once("data", (bytes) => {
      seen += bytes.toString();
      ending(socket, bytes.toString());
    });
  }).listen(0, "127.0.0.1");
  await new Promise((done) => server?.once("listening", done));
  const { port } = server.address() as { port: number };
  const told: string[] = [];
  const outcomes: unknown[] = [];
  for (const credential of [sas(sasToken(signature)), bearer(async () => token, { intent: "backup" })]) {
    const connection = connect({
      endpoint: `http://127.0.0.1:${port}/canary`,
      share: "share",
      credential,
      transport: "node",
      retry: false,
      circuitBreaker: false,
      telemetry: observe(
        logger({ level: "debug", write: (line) => void told.push(line) }),
        (event) => void told.push(inspect(event, { depth: 8 })),
      ),
    });
    for (const call of Object.values(calls)) outcomes.push(await outcomeOf(call, connection, request));
  }
  expect(found(seen)).not.toEqual([]);
  expect(outcomes.filter((outcome) => outcome instanceof Error).length).toBeGreaterThan(80);
  expect(found([...outcomes.map(shown), ...told].join("\n"))).toEqual([]);
});
