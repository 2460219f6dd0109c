/**
 * A server in front of an emulator that does to requests and answers what networks, proxies and busy services do to them. Real HTTP over
 * real sockets; what happens to which request is said by whoever starts it.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import type { Clock } from "azure-files";
import type { Emulator } from "azure-files/simulation";

/** What happens to one request, or to its answer. */
export type Fault =
  /** Answered by somebody on the way, without the service; with `done`, the service has done it all the same. */
  | {
      readonly kind: "answer";
      readonly status: number;
      readonly code?: string | undefined;
      readonly retryAfter?: string | undefined;
      readonly done?: boolean | undefined;
    }
  /** The connection is reset after so many bytes of the request's body. */
  | { readonly kind: "reset"; readonly after: number }
  /** Never answered. */
  | { readonly kind: "silent" }
  /** Done, but the connection is reset before the answer. */
  | { readonly kind: "lost" }
  /** Arrives twice: the second answer is the one that is given. */
  | { readonly kind: "twice" }
  /** Arrives late. */
  | { readonly kind: "late"; readonly by: number }
  /** The answer's body breaks off, by a reset or by an end in good order. */
  | { readonly kind: "cut"; readonly after: number; readonly how: "reset" | "end" }
  /** The answer's body stops coming; with `by`, it comes again after that time. */
  | { readonly kind: "stall"; readonly after: number; readonly by?: number | undefined }
  /** The answer says its length rightly, but lacks its last bytes; with `told`, Content-Range says so, too. */
  | { readonly kind: "short"; readonly by: number; readonly told?: boolean | undefined }
  /** The answer to another request of the same length; with `lying`, under the headers of the right one. */
  | { readonly kind: "other"; readonly shift: number; readonly lying?: boolean | undefined }
  /** A bit is wrong in the answer, or in the request. */
  | { readonly kind: "flip"; readonly at: number; readonly where: "request" | "answer" }
  /** The answer comes from a version that nobody knows. */
  | { readonly kind: "etag" };

/** A request as it arrived. */
export interface Arrived {
  readonly operation: string;
  readonly path: string;
  /** Range of the file that it is about. */
  readonly start: number | undefined;
  readonly end: number | undefined;
  /** How often the same operation on the same place has arrived, this time included. */
  readonly time: number;
  /** Milliseconds since 1970, by the clock of the test. */
  readonly at: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly token: string | undefined;
}

/** A server with faults. */
export interface FaultServer {
  readonly url: string;
  readonly requests: readonly Arrived[];
  /** Requests that are being answered, but for those that wait on purpose. */
  readonly busy: number;
  /** Cuts the connections of requests that are held back on purpose; returns how many there were. */
  cutHeld(): number;
  /** Connections that are open. */
  readonly sockets: number;
  /** Takes the server away for a time; the emulator keeps what it has. */
  restart(downtime: number): Promise<void>;
  close(): Promise<void>;
}

/** What a server with faults needs. */
export interface FaultServerOptions {
  readonly emulator: Emulator;
  readonly clock: Clock;
  /** Says what happens to a request. */
  readonly decide: (arrived: Arrived) => Fault | undefined;
}

/** Starts a server; resolves once it listens. */
export async function startFaultServer({ emulator, clock, decide }: FaultServerOptions): Promise<FaultServer> {
  const requests: Arrived[] = [];
  const sockets = new Set<Socket>();
  let [port, isClosed, handling] = [0, false, 0];
  const busy = new Set<ServerResponse>();
  const held = new Set<ServerResponse>();
  let server: Server;

  const arrival = (incoming: IncomingMessage): Arrived => {
    const { pathname, searchParams } = new URL(incoming.url ?? "/", "http://server");
    const [, start, end] = /^bytes=(\d+)-(\d+)?$/.exec(String(incoming.headers["x-ms-range"] ?? incoming.headers["range"] ?? "")) ?? [];
    const comp = searchParams.get("comp");
    const operation = `${incoming.method}${comp === null ? "" : ` ${comp}`}`;
    const path = pathname.replace(/^\/[^/]*\/?/, "");
    const isSame = (other: Arrived): boolean => other.operation === operation && other.path === path && other.start === numberOf(start);
    return {
      operation,
      path,
      start: numberOf(start),
      end: numberOf(end),
      time: requests.filter(isSame).length + 1,
      at: clock.now(),
      headers: incoming.headers,
      token: searchParams.get("sig") ?? incoming.headers.authorization,
    };
  };

  /** Waits, unless the client leaves. */
  const wait = async (outgoing: ServerResponse, delay: number): Promise<void> => {
    if (outgoing.destroyed || outgoing.req.socket.destroyed) return;
    busy.delete(outgoing);
    held.add(outgoing);
    await new Promise<void>((done) => {
      const timer = clock.setTimeout(done, delay);
      outgoing.once("close", () => {
        clock.clearTimeout(timer);
        done();
      });
    });
    held.delete(outgoing);
    if (!outgoing.destroyed) busy.add(outgoing);
  };

  const handle = (incoming: IncomingMessage, body: Uint8Array<ArrayBuffer>, changes: Record<string, string> = {}): Promise<Response> => {
    const headers = new Headers();
    for (let at = 0; at + 1 < incoming.rawHeaders.length; at += 2)
      headers.append(incoming.rawHeaders[at] ?? "", incoming.rawHeaders[at + 1] ?? "");
    for (const [name, value] of Object.entries(changes)) headers.set(name, value);
    const method = incoming.method ?? "GET";
    const url = `http://${incoming.headers.host}${incoming.url}`;
    handling++;
    return emulator
      .handle(new Request(url, { method, headers, body: method === "GET" || method === "HEAD" ? null : body }))
      .finally(() => handling--);
  };

  const exchange = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    const { socket } = incoming;
    const arrived = arrival(incoming);
    const fault = decide(arrived);
    requests.push(arrived);
    const body = await bodyOf(incoming, fault?.kind === "reset" ? fault.after : Infinity);
    if (body === undefined) return;
    if (fault?.kind === "reset") return void socket.resetAndDestroy();
    if (fault?.kind === "silent") return;
    if (fault?.kind === "late") await wait(outgoing, fault.by);
    if (outgoing.destroyed || socket.destroyed) return;
    if (fault?.kind === "answer" && !fault.done) return refuse(outgoing, fault);
    if (fault?.kind === "flip" && fault.where === "request") flip(body, fault.at);
    if (fault?.kind === "twice") await handle(incoming, body.slice());
    const { start, end } = arrived;
    const isShifted = fault?.kind === "other" && start !== undefined && end !== undefined;
    let response = await handle(incoming, body, isShifted ? { "x-ms-range": `bytes=${start + fault.shift}-${end + fault.shift}` } : {});
    // Where there is nothing else of that length, the answer is the right one.
    if (isShifted && response.status !== 206) response = await handle(incoming, body);
    if (fault?.kind === "answer") return refuse(outgoing, fault);
    if (fault?.kind === "lost") return void socket.resetAndDestroy();
    const headers = new Headers(response.headers);
    let bytes = new Uint8Array(await response.arrayBuffer());
    if (response.ok && fault?.kind === "etag") headers.set("etag", '"0x0000000000000EE"');
    if (response.status === 206) {
      if (isShifted && fault.lying)
        headers.set("content-range", (headers.get("content-range") ?? "").replace(/\d+-\d+/, `${start}-${end}`));
      if (fault?.kind === "flip") flip(bytes, fault.at);
      if (fault?.kind === "short" && fault.by < bytes.byteLength) {
        bytes = bytes.subarray(0, bytes.byteLength - fault.by);
        headers.set("content-length", String(bytes.byteLength));
        const told = (_: string, from: string, to: string): string => `${from}-${Number(to) - fault.by}`;
        if (fault.told) headers.set("content-range", (headers.get("content-range") ?? "").replace(/(\d+)-(\d+)/, told));
      }
    }
    if (outgoing.destroyed) return;
    const isHead = incoming.method === "HEAD";
    if (!isHead && !headers.has("content-length")) headers.set("content-length", String(bytes.byteLength));
    outgoing.writeHead(response.status, [...headers].flat());
    if (isHead) return void outgoing.end();
    if ((fault?.kind === "cut" || fault?.kind === "stall") && response.status === 206) {
      const sent = Math.min(fault.after, bytes.byteLength - 1);
      await new Promise<void>((done) => {
        outgoing.flushHeaders();
        outgoing.write(bytes.subarray(0, sent), () => done());
      });
      if (fault.kind === "cut") return void (fault.how === "reset" ? socket.resetAndDestroy() : socket.end());
      if (fault.by === undefined) return;
      await wait(outgoing, fault.by);
      bytes = bytes.subarray(sent);
    }
    if (!outgoing.destroyed) outgoing.end(bytes);
  };

  const listen = (): Promise<void> => {
    server = createServer({ keepAliveTimeout: 65_000 }, (incoming, outgoing) => {
      outgoing.on("error", () => undefined);
      busy.add(outgoing);
      outgoing.once("close", () => busy.delete(outgoing));
      void exchange(incoming, outgoing).finally(() => busy.delete(outgoing));
    });
    server.on("connection", (socket) => {
      sockets.add(socket);
      socket.on("error", () => undefined);
      socket.once("close", () => {
        sockets.delete(socket);
      });
    });
    return new Promise((done, fail) => {
      server.once("error", fail);
      server.listen({ port, host: "127.0.0.1" }, () => {
        port = (server.address() as AddressInfo).port;
        done();
      });
    });
  };
  const close = async (): Promise<void> => {
    const closed = new Promise<void>((done) => server.close(() => done()));
    for (const socket of sockets) socket.destroy();
    await closed;
  };

  await listen();
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    get busy() {
      return busy.size + handling;
    },
    cutHeld() {
      const { size } = held;
      for (const outgoing of held) outgoing.destroy();
      return size;
    },
    get sockets() {
      return sockets.size;
    },
    async restart(downtime) {
      await close();
      await new Promise<void>((done) => clock.setTimeout(done, downtime));
      if (!isClosed) await listen();
    },
    async close() {
      isClosed = true;
      await close();
    },
  };
}

const numberOf = (text: string | undefined): number | undefined => (text === undefined ? undefined : Number(text));

/** The body of a request, or its first bytes; undefined where the client left. */
function bodyOf(incoming: IncomingMessage, most: number): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  return new Promise((done) => {
    const enough = (): void => done(new Uint8Array(Buffer.concat(chunks)));
    incoming.on("data", (chunk: Buffer) => {
      chunks.push(chunk);
      size += chunk.byteLength;
      if (size >= most) enough();
    });
    incoming.once("end", enough);
    incoming.once("error", () => done(undefined));
    incoming.once("close", () => done(undefined));
  });
}

function refuse(outgoing: ServerResponse, { status, code, retryAfter }: Extract<Fault, { kind: "answer" }>): void {
  const body = code === undefined ? "" : `<?xml version="1.0"?><Error><Code>${code}</Code><Message>Told so by the test.</Message></Error>`;
  outgoing.writeHead(status, {
    "content-length": String(outgoing.req.method === "HEAD" ? 0 : body.length),
    ...(code === undefined ? {} : { "x-ms-error-code": code, "content-type": "application/xml" }),
    ...(retryAfter === undefined ? {} : { "retry-after": retryAfter }),
  });
  outgoing.end(outgoing.req.method === "HEAD" ? undefined : body);
}

function flip(bytes: Uint8Array, at: number): void {
  if (bytes.byteLength > 0) bytes[at % bytes.byteLength] = (bytes[at % bytes.byteLength] ?? 0) ^ 16;
}
