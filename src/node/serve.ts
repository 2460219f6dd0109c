/**
 * Mounts a fetch handler, in practice the emulator, on Node's HTTP server.
 *
 * This is `node:http` itself and not one of the adapters (srvx 1.0 was tried) for three reasons: the handler has to get a real
 * `Request`, one that `new Request(request)` accepts, because recorders wrap it; an answer without a body has to say
 * `Content-Length: 0`, as the service does, not `Transfer-Encoding: chunked`; and the status line has to carry its reason phrase.
 */
import { createServer, STATUS_CODES } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";

/** What can be served: the emulator, a recorder around it, or any handler of the same form. */
export interface Served {
  /**
   * Answers one request; `clientAddress` is the IP address of the caller, which a SAS may restrict. `Response.error()` breaks the
   * connection: the client sees a network error.
   */
  handle(request: Request, context?: { readonly clientAddress?: string | undefined }): Promise<Response>;
}

/** Where to listen, and who hears of a handler that threw. */
export interface ServeOptions {
  /**
   * TCP port; 0 takes any free one.
   * @default 0
   */
  readonly port?: number | undefined;
  /**
   * Host name or IP address to listen on. Anything else than the loopback address lets other machines in.
   * @default "127.0.0.1"
   */
  readonly hostname?: string | undefined;
  /**
   * Serves HTTPS with this certificate and key, each as PEM.
   * @default HTTP
   */
  readonly tls?: { readonly cert: string | Uint8Array; readonly key: string | Uint8Array } | undefined;
  /**
   * Called with what the handler threw; the client gets status 500.
   * @default console.error
   */
  readonly onError?: ((error: unknown) => void) | undefined;
}

/** A running server. */
export interface ServedHttp {
  /** Origin of the server without a trailing slash, for example `http://127.0.0.1:10004`; `https:` with `tls`. */
  readonly url: string;
  /** The port in use, also where 0 was asked for. */
  readonly port: number;
  /** Stops listening, ends every connection (a request on its way is cut off) and resolves when the port is free. */
  close(): Promise<void>;
}

/**
 * Serves an emulator over HTTP/1.1, or HTTPS, and resolves once it listens.
 *
 * @param served - the emulator, or anything with its `handle`
 * @throws `RangeError` when the port is no port; an error whose `code` is `EADDRINUSE` when it is taken, `ERR_OSSL_…` where certificate
 * or key are none
 * @example
 * const server = await serve(createEmulator(), { port: 10004 });
 */
export async function serve(served: Served, options: ServeOptions = {}): Promise<ServedHttp> {
  const { port = 0, hostname = "127.0.0.1", onError = console.error, tls } = options;
  if (!Number.isInteger(port) || port < 0 || port > 65535) throw new RangeError(`port must be a whole number from 0 to 65535, not ${port}`);
  // Idle connections stay for a minute: a browser that reuses one in the very moment in which it is closed sees a reset.
  const common = { keepAliveTimeout: 65_000 };
  const protocol = tls ? "https" : "http";
  const listener = (incoming: IncomingMessage, outgoing: ServerResponse): void => {
    answer(served, incoming, outgoing, protocol).catch((error: unknown) => {
      onError(error);
      fail(outgoing);
    });
  };
  const server = tls ? createTlsServer({ ...common, ...pem(tls) }, listener) : createServer(common, listener);
  const sockets = new Set<Socket>();
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  await listen(server, port, hostname);
  const address = server.address() as AddressInfo;
  return {
    url: `${protocol}://${address.family === "IPv6" ? `[${address.address}]` : address.address}:${address.port}`,
    port: address.port,
    close: () => close(server, sockets),
  };
}

function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen({ port, host }, () => {
      server.off("error", reject);
      resolve();
    });
  });
}

function close(server: Server, sockets: ReadonlySet<Socket>): Promise<void> {
  return new Promise((resolve) => {
    // The callback's error says only that the server was closed before; closing twice is fine.
    server.close(() => resolve());
    server.closeAllConnections();
    // It knows nothing of those whose TLS handshake is not done, and would wait for them.
    for (const socket of sockets) socket.destroy();
  });
}

/** Certificate and key as Node takes them. */
function pem({ cert, key }: NonNullable<ServeOptions["tls"]>): { cert: string | Buffer; key: string | Buffer } {
  const taken = (text: string | Uint8Array): string | Buffer => (typeof text === "string" ? text : Buffer.from(text));
  return { cert: taken(cert), key: taken(key) };
}

async function answer(served: Served, incoming: IncomingMessage, outgoing: ServerResponse, protocol: string): Promise<void> {
  const gone = new AbortController();
  outgoing.once("close", () => {
    if (!outgoing.writableFinished) gone.abort();
    // What the handler left unread is read and dropped: a client may send all of its body before it looks at the answer.
    incoming.resume();
  });
  const request = toRequest(incoming, gone.signal, protocol);
  if (request === undefined) {
    outgoing.writeHead(400, { "content-length": "0" }).end();
    return;
  }
  let response: Response;
  try {
    response = await served.handle(request, { clientAddress: clientAddress(incoming) });
  } catch (error) {
    if (gone.signal.aborted) return; // The client left, and the handler noticed: nobody is there to be told.
    throw error;
  }
  if (response.type === "error") lose(outgoing);
  else await send(response, outgoing, incoming.method === "HEAD", gone.signal);
}

/** The request as the handler sees it, with the target's escapes as sent; `undefined` when no URL can be made of it. */
function toRequest(incoming: IncomingMessage, signal: AbortSignal, protocol: string): Request | undefined {
  const target = incoming.url ?? "/";
  const method = incoming.method ?? "GET";
  const headers = new Headers();
  for (let index = 0; index + 1 < incoming.rawHeaders.length; index += 2) {
    headers.append(incoming.rawHeaders[index] ?? "", incoming.rawHeaders[index + 1] ?? "");
  }
  try {
    // Put together as text: resolved against a base, `//name` would become a host.
    const url = target.startsWith("/") ? `${protocol}://${incoming.headers.host ?? "localhost"}${target}` : new URL(target).href;
    const bare = method === "GET" || method === "HEAD";
    return new Request(url, { method, headers, signal, ...(bare ? {} : { body: toStream(incoming), duplex: "half" }) });
  } catch {
    return undefined;
  }
}

/** The request's body, read from the socket only as fast as the handler asks for it. */
function toStream(incoming: IncomingMessage): ReadableStream<Uint8Array> {
  let open = true;
  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        incoming.pause();
        incoming.on("data", (chunk: Uint8Array) => {
          if (!open) return;
          incoming.pause();
          controller.enqueue(chunk);
        });
        incoming.once("end", () => {
          if (open) controller.close();
          open = false;
        });
        incoming.once("error", fallen);
        incoming.once("close", fallen);
        function fallen(): void {
          if (open) controller.error(new Error("The client closed the connection before its body was complete"));
          open = false;
        }
      },
      pull() {
        incoming.resume();
      },
      cancel() {
        open = false;
        incoming.resume();
      },
    },
    { highWaterMark: 0 },
  );
}

async function send(response: Response, outgoing: ServerResponse, head: boolean, gone: AbortSignal): Promise<void> {
  const headers: string[] = [];
  for (const [name, value] of response.headers) headers.push(name, value);
  if (response.body === null && !head && response.status !== 204 && response.status !== 304 && !response.headers.has("content-length")) {
    headers.push("content-length", "0");
  }
  if (!gone.aborted) outgoing.writeHead(response.status, response.statusText || (STATUS_CODES[response.status] ?? ""), headers);
  if (head || response.body === null || gone.aborted) {
    await response.body?.cancel();
    outgoing.end();
    return;
  }
  const reader = response.body.getReader();
  const cancel = (): void => void reader.cancel().catch(() => undefined);
  gone.addEventListener("abort", cancel, { once: true });
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    if (!outgoing.write(value)) await drained(outgoing);
  }
  outgoing.end();
}

/**
 * Breaks the connection in a way that every client takes for a network error. Closed before a single byte, a kept connection is no error to
 * browsers: they quietly send the request again. An answer with two lengths is one, and Node's parser sees it so, too.
 */
function lose(outgoing: ServerResponse): void {
  outgoing.socket?.write("HTTP/1.1 502 Lost\r\nContent-Length: 0\r\nContent-Length: 1\r\n\r\n", () => outgoing.destroy());
}

function drained(outgoing: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const settle = (): void => {
      outgoing.off("drain", settle);
      outgoing.off("close", settle);
      resolve();
    };
    outgoing.on("drain", settle);
    outgoing.on("close", settle);
  });
}

/** The caller's IP address; one that came over a socket for both families is written as the IPv4 address it is. */
function clientAddress(incoming: IncomingMessage): string | undefined {
  return incoming.socket.remoteAddress?.replace(/^::ffff:(?=\d+\.)/, "");
}

function fail(outgoing: ServerResponse): void {
  if (outgoing.headersSent) outgoing.destroy();
  else outgoing.writeHead(500, { "content-length": "0", "x-ms-error-code": "InternalError" }).end();
}
