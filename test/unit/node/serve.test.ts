import { readFileSync } from "node:fs";
import { connect as connectSocket } from "node:net";
import type { Socket } from "node:net";
import { Agent, request as httpRequest } from "node:http";
import type { IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import { text as textOf } from "node:stream/consumers";
import { afterEach, expect, it } from "vitest";
import { serve } from "../../../src/node/serve.js";
import type { Served, ServedHttp, ServeOptions } from "../../../src/node/serve.js";

const MEBIBYTE = 1024 * 1024;
const open: ServedHttp[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((server) => server.close()));
});

async function start(handle: Served["handle"], options?: ServeOptions): Promise<ServedHttp> {
  const server = await serve({ handle }, options);
  open.push(server);
  return server;
}

/** Sends text and bytes over a socket and returns what came back before the server closed. */
function exchange(port: number, ...pieces: (string | Uint8Array)[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connectSocket(port, "127.0.0.1");
    let answer = "";
    socket.setEncoding("latin1");
    socket.on("data", (chunk: string) => (answer += chunk));
    socket.on("error", reject);
    socket.on("close", () => resolve(answer));
    for (const piece of pieces) socket.write(typeof piece === "string" ? piece.replaceAll("\n", "\r\n") : piece);
  });
}

function promise<T = void>(): { done: Promise<T>; resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => undefined;
  const done = new Promise<T>((settle) => (resolve = settle));
  return { done, resolve };
}

function connected(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connectSocket(port, "127.0.0.1", () => resolve(socket)).on("error", reject);
  });
}

it("hands over method, headers, caller and the target with its escapes as sent", async () => {
  const seen: unknown[] = [];
  const { port } = await start(async (request, context) => {
    seen.push(request.method, request.url, request.headers.get("x-ms-meta-a"), context?.clientAddress);
    return new Response(null, { status: 404, headers: { "x-ms-error-code": "ResourceNotFound" } });
  });
  await exchange(
    port,
    "DELETE //a%2Fb/c%20d+e/%E2%82%AC.?sig=a%2Bb%2F&x HTTP/1.1\nHost: files.test\nX-Ms-Meta-A: 1\nConnection: close\n\n",
  );
  expect(seen).toEqual(["DELETE", "http://files.test//a%2Fb/c%20d+e/%E2%82%AC.?sig=a%2Bb%2F&x", "1", "127.0.0.1"]);
});

it("hands over a request that others can wrap", async () => {
  const { url } = await start(async (request) => {
    const wrapped = new Request(request, { headers: { "x-wrapped": "1" } });
    return new Response(`${wrapped.method} ${wrapped.headers.get("x-wrapped")} ${await wrapped.text()}`);
  });
  const response = await fetch(url, { method: "PUT", body: "body" });
  expect(await response.text()).toBe("PUT 1 body");
});

it("says Content-Length: 0 and the reason phrase, and adds no headers but those of HTTP", async () => {
  const { port } = await start(async () => new Response(null, { status: 201, headers: { etag: '"0x1"' } }));
  const answer = await exchange(port, "PUT / HTTP/1.1\nHost: x\nContent-Length: 0\nConnection: close\n\n");
  const [status, ...headers] = (answer.split("\r\n\r\n")[0] ?? "").split("\r\n");
  expect(status).toBe("HTTP/1.1 201 Created");
  expect(headers.filter((line) => !line.startsWith("Date: ")).toSorted()).toEqual([
    "Connection: close",
    "content-length: 0",
    'etag: "0x1"',
  ]);
});

it("answers HEAD with the length of the file and no body", async () => {
  const { port } = await start(async () => new Response(null, { headers: { "content-length": "5368709120" } }));
  const answer = await exchange(port, "HEAD /f HTTP/1.1\nHost: x\n\nHEAD /g HTTP/1.1\nHost: x\nConnection: close\n\n");
  expect(answer.match(/content-length: 5368709120\r\n/g)).toHaveLength(2);
  expect(answer.endsWith("\r\n\r\n")).toBe(true);
});

it("takes 4 MiB after 4 MiB over one connection", async () => {
  const { url } = await start(
    async (request) => new Response(null, { headers: { "x-length": String((await request.arrayBuffer()).byteLength) } }),
  );
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const ports = new Set<number | undefined>();
  for (let round = 0; round < 4; round++) {
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      httpRequest(url, { method: "PUT", agent }, resolve)
        .on("error", reject)
        .end(new Uint8Array(4 * MEBIBYTE));
    });
    ports.add(answer.socket.localPort);
    answer.resume();
    expect(answer.headers["x-length"]).toBe(String(4 * MEBIBYTE));
  }
  expect(ports.size).toBe(1);
  agent.destroy();
});

it("reads what the handler left unread, for clients that send everything before they listen", async () => {
  const { port } = await start(async () => new Response("<Error/>", { status: 403 }));
  const head = (last: string): string => `PUT / HTTP/1.1\nHost: x\nContent-Length: ${16 * MEBIBYTE}\n${last}\n`;
  const socket = await connected(port);
  socket.pause();
  await new Promise((resolve) => {
    socket.write(head("").replaceAll("\n", "\r\n"));
    socket.write(new Uint8Array(16 * MEBIBYTE), resolve);
  });
  socket.end("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  const answer = await textOf(socket);
  expect(answer.match(/HTTP\/1\.1 403 Forbidden/g)).toHaveLength(2);
});

it("asks the handler for no more than the client takes, and cancels when the client leaves", async () => {
  const cancelled = promise();
  let given = 0;
  const { port, url } = await start(async (request) => {
    if (request.url.endsWith("/small")) return new Response("small");
    const body = new ReadableStream<Uint8Array>(
      {
        pull(controller) {
          given += MEBIBYTE;
          controller.enqueue(new Uint8Array(MEBIBYTE));
        },
        cancel: () => cancelled.resolve(),
      },
      { highWaterMark: 0 },
    );
    return new Response(body, { headers: { "content-length": String(4096 * MEBIBYTE) } });
  });
  const socket = await connected(port);
  socket.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  await new Promise((resolve) => socket.once("readable", resolve));
  // The client reads nothing more. In the time of 200 other exchanges a server that does not wait would have pulled on.
  for (let round = 0; round < 200; round++) await (await fetch(`${url}/small`)).text();
  expect(given).toBeLessThan(64 * MEBIBYTE);
  socket.destroy();
  await cancelled.done;
});

it("aborts the request's signal when the client leaves before the answer", async () => {
  const arrived = promise();
  const aborted = promise();
  const { url } = await start((request) => {
    arrived.resolve();
    return new Promise((_resolve, reject) => {
      request.signal.addEventListener("abort", () => {
        aborted.resolve();
        reject(request.signal.reason as Error);
      });
    });
  });
  const leave = new AbortController();
  const left = fetch(url, { signal: leave.signal }).catch((error: Error) => error.name);
  await arrived.done;
  leave.abort();
  await aborted.done;
  expect(await left).toBe("AbortError");
});

it("breaks the body when the client leaves in the middle of it", async () => {
  const failed = promise<unknown>();
  const { port } = await start(async (request) => {
    await request.arrayBuffer().catch(failed.resolve);
    return new Response(null);
  });
  const socket = await connected(port);
  socket.write("PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf");
  socket.end();
  expect(await failed.done).toBeInstanceOf(Error);
});

it("answers 500 when the handler throws, cuts the connection when its body does, and tells of both", async () => {
  const errors: unknown[] = [];
  const handler = async (request: Request): Promise<Response> => {
    if (request.url.endsWith("/thrown")) throw new Error("thrown");
    let first = true;
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        if (!first) throw new Error("in the body");
        first = false;
        controller.enqueue(new Uint8Array(10));
      },
    });
    return new Response(body, { headers: { "content-length": "100" } });
  };
  const { url } = await start(handler, { onError: (error) => errors.push((error as Error).message) });
  const thrown = await fetch(`${url}/thrown`);
  expect([thrown.status, thrown.headers.get("x-ms-error-code")]).toEqual([500, "InternalError"]);
  await expect(fetch(`${url}/body`).then((response) => response.arrayBuffer())).rejects.toThrow(TypeError);
  expect(errors).toEqual(["thrown", "in the body"]);
});

it("answers 400 to a target of which no URL can be made", async () => {
  const { port } = await start(async () => new Response("never"));
  expect(await exchange(port, "GET / HTTP/1.1\nHost: a b\nConnection: close\n\n")).toMatch(/^HTTP\/1\.1 400 /);
});

it("closes at once, whoever still waits, and twice", async () => {
  const arrived = promise();
  const { url, port, close } = await start((request) => {
    if (request.url.endsWith("/idle")) return Promise.resolve(new Response("done"));
    arrived.resolve();
    return new Promise(() => undefined);
  });
  const waiting = fetch(url).then(
    () => "answered",
    () => "cut off",
  );
  const idle = await connected(port);
  idle.write("GET /idle HTTP/1.1\r\nHost: x\r\n\r\n");
  await new Promise((resolve) => idle.once("data", resolve));
  const ended = new Promise((resolve) => idle.on("close", resolve));
  await arrived.done;
  await close();
  await close();
  expect(await waiting).toBe("cut off");
  await ended;
  await expect(fetch(url)).rejects.toThrow(TypeError);
});

it("refuses a port that is none, and says when one is taken", async () => {
  const handle = async (): Promise<Response> => new Response(null);
  const { port } = await start(handle);
  await expect(serve({ handle }, { port: 65_536 })).rejects.toThrow(RangeError);
  await expect(serve({ handle }, { port: 1.5 })).rejects.toThrow(RangeError);
  await expect(serve({ handle }, { port })).rejects.toMatchObject({ code: "EADDRINUSE" });
});

it("serves HTTPS with a certificate, and requests say so", async () => {
  const pem = (name: string): Buffer => readFileSync(new URL(`../../vectors/tls-${name}.pem`, import.meta.url));
  const [cert, key] = [pem("cert"), pem("key")];
  const server = await start(async (request) => new Response(new URL(request.url).protocol + (await request.text())), {
    tls: { cert, key },
  });
  expect(server.url).toBe(`https://127.0.0.1:${server.port}`);
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    httpsRequest(`${server.url}/a`, { method: "PUT", ca: cert }, resolve).on("error", reject).end("body");
  });
  expect(await textOf(answer)).toBe("https:body");
  await expect(serve({ handle: async () => new Response() }, { tls: { cert: "none", key: "none" } })).rejects.toThrow();
});

it("closes over HTTPS as well, whoever waits for an answer or has not begun to speak TLS", async () => {
  const pem = (name: string): Buffer => readFileSync(new URL(`../../vectors/tls-${name}.pem`, import.meta.url));
  const [cert, key] = [pem("cert"), pem("key")];
  const arrived = promise();
  const server = await start(
    () => {
      arrived.resolve();
      return new Promise(() => undefined);
    },
    { tls: { cert, key } },
  );
  const silent = await connected(server.port);
  const ended = new Promise((resolve) => silent.on("close", resolve));
  silent.resume();
  const waiting = new Promise((resolve) => {
    httpsRequest(server.url, { ca: cert }, () => resolve("answered"))
      .on("error", () => resolve("cut off"))
      .end();
  });
  await arrived.done;
  await server.close();
  expect(await waiting).toBe("cut off");
  await ended;
});

it("breaks the connection for Response.error(), also one that was used before", async () => {
  const errors: unknown[] = [];
  let lost = false;
  const { url } = await start(async () => (lost ? Response.error() : new Response("x")), { onError: (error) => errors.push(error) });
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const ask = (): Promise<IncomingMessage> =>
    new Promise((resolve, reject) => httpRequest(url, { agent }, resolve).on("error", reject).end());
  expect(await textOf(await ask())).toBe("x");
  lost = true;
  await expect(ask()).rejects.toThrow("Parse Error");
  await expect(fetch(url)).rejects.toThrow(TypeError);
  agent.destroy();
  expect(errors).toEqual([]);
});
