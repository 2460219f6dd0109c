/**
 * The transport on Node's own HTTP client, found at run time: no static import, so that the same file loads everywhere and is asleep
 * elsewhere.
 *
 * Node's `fetch` copies a body three times, closes the connection after every HEAD, and decodes a stored Content-Encoding behind our back;
 * this does none of it. Bodies go out as they are, answers come piece by piece from the socket, connections stay open.
 */
import { TransportError } from "../errors.js";
import { isFetchUntouched, nodeModule } from "../platform.js";
import type { Send, Settings } from "../types/connection.js";
import type { WireRequest } from "../types/requests.js";
import type { WireHeaders, WireResponse } from "../types/responses.js";
import { directBodies } from "./body.js";
import { isBlob } from "./bytes.js";

/** What this file uses of `node:http` and `node:https`. Types of Node's own would have to be installed wherever ours are read. */
interface HttpModule {
  request(options: object, answered: (message: Incoming) => void): Outgoing;
  readonly Agent: new (options: object) => Agent;
}

interface Agent {
  createConnection(options: object, ...rest: unknown[]): Socket;
}

interface Socket {
  emit(event: "data", bytes: Uint8Array): unknown;
}

interface Emitter {
  on(event: string, listener: (...args: never[]) => void): unknown;
  destroy(error?: Error): unknown;
}

interface Outgoing extends Emitter {
  end(body?: Uint8Array): unknown;
}

interface Incoming extends Emitter {
  readonly statusCode?: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly complete: boolean;
  readonly socket: Socket;
  pause(): unknown;
  resume(): unknown;
}

/** Node's modules with an agent each; made when first asked for, and shared by all connections as fetch shares its pool. */
interface Client {
  readonly http: HttpModule;
  readonly agent: Agent;
}

const clients = new Map<string, Client | undefined>();

function clientOf(protocol: string): Client | undefined {
  if (!clients.has(protocol)) {
    const http = nodeModule(protocol === "https:" ? "node:https" : "node:http") as HttpModule | undefined;
    clients.set(protocol, http && { http, agent: agentOf(http) });
  }
  return clients.get(protocol);
}

/** Bytes that a socket takes from the system at once. */
const READ = 256 * 1024;

/** Memory that sockets read into. */
const lent = new WeakSet<ArrayBufferLike>();

function lend(size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  lent.add(bytes.buffer);
  return bytes;
}

/** Sockets on which a body came. */
const carriers = new WeakSet<Socket>();

/** Whether pieces of bodies were seen to be copies, and not views of what the socket read into. */
let copies = false;

/**
 * Keeps connections, and has each read into the same memory again and again: Node would take new memory for each read, and its HTTP parser
 * then copies what is body once more. From the first body on, while it has not been seen to copy, each read has memory of its own, for the
 * pieces may be views of it.
 */
function agentOf({ Agent }: HttpModule): Agent {
  // Sockets that nobody uses do not keep the process alive.
  const agent = new Agent({ keepAlive: true, scheduling: "lifo" });
  const create = agent.createConnection;
  agent.createConnection = (options, ...rest) => {
    // Of this socket alone: on some systems, reads that wait hold their memory.
    let memory: Uint8Array | undefined;
    let socket: Socket | undefined;
    const buffer = (): Uint8Array => {
      return copies || !socket || !carriers.has(socket) ? (memory ??= lend(READ)) : lend(READ / 4);
    };
    const callback = (size: number, bytes: Uint8Array): boolean => {
      socket?.emit("data", bytes.subarray(0, size));
      return true;
    };
    return (socket = create.call(agent, { ...options, onread: { buffer, callback } }, ...rest));
  };
  return agent;
}

/**
 * What carries requests, by the connection's options and by where this runs.
 *
 * @param viaFetch The transport on `fetch`, which serves wherever this one does not.
 * @throws TypeError where this one is asked for and there is no such client, or it would not serve.
 */
export function transportOf({ transport, fetch }: Pick<Settings, "transport" | "fetch">, viaFetch: Send): Send {
  const isHere = clientOf("http:") !== undefined;
  if (transport === "node") {
    if (fetch !== undefined) throw new TypeError('transport is "node", so fetch would not be used; leave one of them out');
    if (!isHere) throw new TypeError('transport is "node", and this is not Node from version 22.3; use "auto" or "fetch"');
    return nodeTransport;
  }
  if (transport === "fetch" || fetch !== undefined || !isHere) return viaFetch;
  // Looked up at each request, as the global fetch is: a test may put its double there at any time.
  return (request) => (isFetchUntouched() ? nodeTransport : viaFetch)(request);
}

/** Codes of Node and OpenSSL for a certificate that is not trusted, is of another host or is not valid now: no second try mends that. */
const CERTIFICATE = /CERT|^UNABLE_TO_|^INVALID_(CA|PURPOSE)$|^HOSTNAME_MISMATCH$/;

/**
 * Sends through Node's HTTP client. Rejects with a `TransportError` of reason `network`, `certificate` or `redirect`; with the reason of the
 * request's signal after an abort.
 *
 * @throws TypeError where there is no such client.
 */
const nodeTransport: Send = async (request) => {
  const { url, body, signal } = request;
  const client = clientOf(url.startsWith("https:") ? "https:" : "http:");
  if (client === undefined) throw new TypeError('transport: "node" needs Node; use "auto" or "fetch" elsewhere');
  const bytes = isBlob(body) ? new Uint8Array(await body.arrayBuffer()) : body;
  signal.throwIfAborted();
  return exchange(client, request, bytes);
};

function exchange({ http, agent }: Client, request: WireRequest, bytes: Uint8Array | undefined): Promise<WireResponse> {
  const { url, method, signal } = request;
  return new Promise((done, fail) => {
    // Without a body, only PUT and POST say how long none is: the service wants to know.
    const length = bytes?.byteLength ?? (method === "PUT" || method === "POST" ? 0 : undefined);
    const headers = length === undefined ? request.headers : { ...request.headers, "content-length": length };
    let message: Incoming | undefined;
    const outgoing = http.request({ ...addressOf(url), method, headers, agent }, (answered: Incoming) => {
      message = answered;
      const { statusCode: status = 0 } = answered;
      if (status >= 200 && (status < 300 || status >= 400)) return done(responseOf(request, answered, status, over));
      answered.resume();
      over();
      fail(new TransportError("redirect", "the answer redirects, and credentials do not follow", { request }));
    });
    const onAbort = (): void => {
      // What waits for the body hears of it through its own watch.
      outgoing.destroy();
      message?.destroy();
      fail(signal.reason);
    };
    const over = (): void => signal.removeEventListener("abort", onAbort);
    outgoing.on("error", (cause: Error & { code?: string }) => {
      over();
      const [reason, message] = CERTIFICATE.test(cause.code ?? "")
        ? (["certificate", "the certificate of who answers is not trusted"] as const)
        : (["network", "no answer"] as const);
      fail(signal.aborted ? signal.reason : new TransportError(reason, message, { request, cause }));
    });
    signal.addEventListener("abort", onAbort);
    outgoing.end(bytes);
  });
}

function responseOf(request: WireRequest, message: Incoming, status: number, over: () => void): WireResponse {
  const headers = headersOf(message);
  if (request.method === "HEAD" || status === 204 || headers.get("content-length") === "0") {
    message.on("error", over);
    message.resume();
    over();
    return { status, headers, body: null };
  }
  carriers.add(message.socket);
  const body = bodyOf(message, over);
  let stream: ReadableStream<Uint8Array<ArrayBuffer>> | undefined;
  const response: WireResponse = {
    status,
    headers,
    // Made when somebody asks: a stream costs more than what it carries.
    get body() {
      return (stream ??= streamOf(body));
    },
  };
  directBodies.set(response, body.consume);
  return response;
}

/** A body that nobody reads yet. */
interface MessageBody {
  /** Gives each piece in turn; resolves at the end, rejects where the body breaks off. Once. */
  consume(take: (chunk: Uint8Array<ArrayBuffer>) => void): Promise<void>;
  pause(): void;
  resume(): void;
  destroy(): void;
}

function bodyOf(message: Incoming, over: () => void): MessageBody {
  let broken: Error | undefined;
  let ended = false;
  let settle: (() => void) | undefined;
  const finish = (error?: Error): void => {
    if (ended) return;
    ended = true;
    broken = error;
    over();
    settle?.();
  };
  message.on("end", () => finish(message.complete ? undefined : new Error("the connection ended before the body")));
  message.on("error", finish);
  message.on("close", () => finish(new Error("the connection closed before the end of the body")));
  return {
    consume: (take) =>
      new Promise((done, fail) => {
        settle = () => (broken ? fail(broken) : done());
        if (ended) return settle();
        message.on("data", (chunk: Uint8Array<ArrayBuffer>) => {
          copies ||= !lent.has(chunk.buffer);
          try {
            take(chunk);
          } catch (error) {
            // Thrown on from here it would end the process, for nobody is above this but Node.
            message.destroy(error as Error);
          }
        });
        message.resume();
      }),
    pause: () => void message.pause(),
    resume: () => void message.resume(),
    destroy: () => void message.destroy(),
  };
}

/** The body as a stream for those who want one: the socket waits where the reader does. */
function streamOf(body: MessageBody): ReadableStream<Uint8Array<ArrayBuffer>> {
  let started = false;
  let open = true;
  return new ReadableStream<Uint8Array<ArrayBuffer>>(
    {
      pull(controller) {
        if (started) return body.resume();
        started = true;
        body
          .consume((chunk) => {
            if (!open) return;
            // Node's own kind of bytes behaves like others but for slice(): whoever gets a stream gets plain ones.
            controller.enqueue(new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength));
            if ((controller.desiredSize ?? 0) <= 0) body.pause();
          })
          .then(
            () => open && controller.close(),
            (error: unknown) => open && controller.error(error),
          );
      },
      cancel() {
        open = false;
        body.destroy();
      },
    },
    { highWaterMark: 0 },
  );
}

/** Headers of an answer. Node has lower-cased their names and joined those that came twice. */
function headersOf({ headers }: Incoming): WireHeaders {
  const textOf = (value: string | readonly string[] | undefined): string | null =>
    value === undefined ? null : typeof value === "string" ? value : value.join(", ");
  return {
    get: (name) => textOf(headers[name] ?? headers[name.toLowerCase()]),
    forEach: (callback) => {
      for (const name of Object.keys(headers)) callback(textOf(headers[name]) ?? "", name);
    },
  };
}

/** Where a URL points, as Node's client wants it. */
interface Address {
  readonly hostname: string;
  readonly port: string | undefined;
}

/** The last origin: reading it anew costs as much as all else that is done for a small request here. */
let origin = "";
let address: Address = { hostname: "", port: undefined };

function addressOf(url: string): Address & { readonly path: string } {
  const slash = url.indexOf("/", url.indexOf("//") + 2);
  const end = slash < 0 ? url.length : slash;
  if (url.slice(0, end) !== origin) {
    const { hostname, port } = new URL(url);
    // Brackets belong to the URL and not to the address in it.
    address = { hostname: hostname.replace(/^\[|\]$/g, ""), port: port === "" ? undefined : port };
    origin = url.slice(0, end);
  }
  return { ...address, path: slash < 0 ? "/" : url.slice(slash) };
}
