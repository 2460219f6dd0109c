/** The service's side of a conversation: takes requests one by one, and answers when and as the test says. */
import { connect } from "../../src/connect.js";
import type { ConnectionOptions } from "../../src/config.js";
import type { Connection, Middleware } from "../../src/types/connection.js";
import type { WireRequest, WireBody } from "../../src/types/requests.js";
import type { WireResponse } from "../../src/types/responses.js";
import { turn, virtualClock, type VirtualClock } from "./virtual-clock.js";

/** What an answer carries. */
export type AnswerBody = string | Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array<ArrayBuffer>> | null;

/** A request that waits for its answer. */
export interface Received extends WireRequest {
  readonly query: URLSearchParams;
  /** Answers it. */
  respond(status: number, headers?: Record<string, string>, body?: AnswerBody): void;
  /** Answers it with a response made by the test. */
  answer(response: WireResponse): void;
  /** Ends it without an answer. */
  fail(error: unknown): void;
}

/** A transport whose other end a test plays. */
export interface WireDouble {
  readonly middleware: Middleware;
  /** Every request so far. */
  readonly requests: readonly Received[];
  /** The next request that nobody took yet; waits for it. */
  nextRequest(): Promise<Received>;
  /** Answers the oldest request that was taken and has no answer. */
  respond(status: number, headers?: Record<string, string>, body?: AnswerBody): void;
  /** Requests that came and were not taken, after everything that is ready was done. */
  waiting(): Promise<number>;
}

/** Makes one. A request whose signal aborts stays open, as with a transport that ignores it. */
export function wireDouble(): WireDouble {
  const requests: Received[] = [];
  const open: Received[] = [];
  const untaken: Received[] = [];
  const takers: ((request: Received) => void)[] = [];
  const receive = (request: WireRequest): Promise<WireResponse> =>
    new Promise((done, fail) => {
      const close = (): void => {
        const index = open.indexOf(received);
        if (index < 0) throw new Error(`${request.operation} has its answer already, or was never taken`);
        open.splice(index, 1);
      };
      const received: Received = {
        ...request,
        query: new URL(request.url).searchParams,
        respond(status, headers = {}, body = null) {
          this.answer(new Response(body, { status, headers }));
        },
        answer(response) {
          close();
          done(response);
        },
        fail(error) {
          close();
          fail(error);
        },
      };
      requests.push(received);
      const taker = takers.shift();
      if (taker) {
        open.push(received);
        taker(received);
      } else untaken.push(received);
    });
  return {
    middleware: () => receive,
    requests,
    nextRequest() {
      const first = untaken.shift();
      if (!first) return new Promise((take) => takers.push(take));
      open.push(first);
      return Promise.resolve(first);
    },
    respond(...answer) {
      const [oldest] = open;
      if (!oldest) throw new Error("no request is waiting for an answer");
      oldest.respond(...answer);
    },
    async waiting() {
      await turn();
      return untaken.length;
    },
  };
}

/** A connection to a double, with time and chance in the test's hands: waits between tries are half of their bound. */
export function wired(options: Partial<ConnectionOptions> = {}): { wire: WireDouble; clock: VirtualClock; connection: Connection } {
  const wire = wireDouble();
  const clock = virtualClock();
  const connection = connect({
    endpoint: "https://account.file.core.windows.net",
    share: "share",
    clock,
    random: () => 0.5,
    middleware: [wire.middleware],
    ...options,
  });
  return { wire, clock, connection };
}

/** A refusal as the service writes it. */
export const refusal = (code: string, message = "No."): string =>
  `\uFEFF<?xml version="1.0" encoding="utf-8"?><Error><Code>${code}</Code><Message>${message}\nRequestId:0000-f00d\nTime:2026-01-01T00:00:00.0000000Z</Message></Error>`;

/** The error code header beside it. */
export const coded = (code: string, headers: Record<string, string> = {}): Record<string, string> => ({
  "x-ms-error-code": code,
  "x-ms-request-id": "0000-f00d",
  ...headers,
});

/** The bytes of a body. */
export async function bytesOf(body: WireBody | undefined): Promise<Uint8Array> {
  return body === undefined ? new Uint8Array() : body instanceof Uint8Array ? body : new Uint8Array(await body.arrayBuffer());
}

/** How something ended, as data; never rejects. */
export const ending = (work: Promise<unknown>): Promise<unknown> => work.catch((error: unknown) => error);

/** A body that gives these pieces when asked, and then ends, breaks off with an error, or stays silent. */
export function bodyOfPieces(
  pieces: readonly Uint8Array<ArrayBuffer>[],
  end: "ends" | "hangs" | Error = "ends",
  over: (how: "read" | "cancelled") => void = () => undefined,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  const rest = [...pieces];
  return new ReadableStream<Uint8Array<ArrayBuffer>>(
    {
      pull(controller) {
        const piece = rest.shift();
        if (piece) controller.enqueue(piece);
        else if (end === "ends") {
          over("read");
          controller.close();
        } else if (end !== "hangs") controller.error(end);
        else return new Promise<void>(() => undefined);
        return undefined;
      },
      cancel: () => over("cancelled"),
    },
    { highWaterMark: 0 },
  );
}

/** A signal that counts who listens. */
export function countedSignal(): { signal: AbortSignal; controller: AbortController; listeners(): number; added(): number } {
  const controller = new AbortController();
  const { signal } = controller;
  const held = new Set<unknown>();
  let added = 0;
  const { addEventListener, removeEventListener } = signal;
  signal.addEventListener = (
    type: string,
    listener: EventListenerOrEventListenerObject,
    options?: AddEventListenerOptions | boolean,
  ): void => {
    held.add(listener);
    added++;
    addEventListener.call(signal, type, listener, options);
    // The engine itself removes what is called once.
    if (typeof options === "object" && options.once) addEventListener.call(signal, type, () => held.delete(listener), options);
  };
  signal.removeEventListener = (type: string, listener: EventListenerOrEventListenerObject): void => {
    held.delete(listener);
    removeEventListener.call(signal, type, listener);
  };
  return { signal, controller, listeners: () => held.size, added: () => added };
}
