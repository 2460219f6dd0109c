/** Middleware for the cases: looks at what is sent, holds it back, or answers in the service's place. */
import type { Middleware, OperationName, Send, WireRequest, WireResponse } from "azure-files";

/** What a connection has sent. */
export interface Wire {
  /** Each try, in order. */
  readonly requests: WireRequest[];
  /** Most tries that were under way at once. */
  most: number;
  /** Tries that are under way now. */
  underWay: number;
  readonly middleware: Middleware;
  /** How many tries there were, of one operation where it is named. */
  count(operation?: OperationName): number;
  /** Forgets what was sent. */
  clear(): void;
}

/** Watches a connection. */
export function watching(): Wire {
  const requests: WireRequest[] = [];
  const wire: Wire = {
    requests,
    most: 0,
    underWay: 0,
    middleware: (next) => async (request) => {
      requests.push(request);
      wire.most = Math.max(wire.most, ++wire.underWay);
      try {
        return await next(request);
      } finally {
        wire.underWay--;
      }
    },
    count: (operation) => requests.filter((request) => operation === undefined || request.operation === operation).length,
    clear() {
      requests.length = 0;
      wire.most = 0;
    },
  };
  return wire;
}

/** Middleware that sees each try of one operation, with its number from 1 over all calls. */
export function during(
  operation: OperationName,
  handle: (request: WireRequest, next: Send, index: number) => WireResponse | Promise<WireResponse>,
): Middleware {
  let index = 0;
  return (next) => async (request) => (request.operation === operation ? handle(request, next, ++index) : next(request));
}

/** Middleware that lets one try of an operation through and then does something, such as writing to the file that is read. */
export const after = (operation: OperationName, index: number, act: () => Promise<unknown>): Middleware =>
  during(operation, async (request, next, now) => {
    const response = await next(request);
    if (now === index) await act();
    return response;
  });

/** An answer of the service's form. */
export function answer(status: number, headers: Record<string, string> = {}, body: BodyInit | null = null): WireResponse {
  return new Response(body, { status, headers });
}

/** A refusal as the service writes it. */
export function refusal(status: number, code: string, headers: Record<string, string> = {}): WireResponse {
  const body = `\uFEFF<?xml version="1.0" encoding="utf-8"?><Error><Code>${code}</Code><Message>No.\nRequestId:0\nTime:2026-01-01T00:00:00.0000000Z</Message></Error>`;
  return answer(status, { "x-ms-error-code": code, "x-ms-request-id": "f00d", "content-type": "application/xml", ...headers }, body);
}

/** Middleware that answers the first tries of an operation itself; a thrown error is a failure of the network. */
export const first = (operation: OperationName, answers: readonly (() => WireResponse)[]): Middleware =>
  during(operation, (request, next, index) => answers[index - 1]?.() ?? next(request));

/** A wait that ends when somebody says so. */
export interface Gate {
  readonly opened: Promise<void>;
  open(): void;
}

/** Makes a gate, shut. */
export function gate(): Gate {
  let open = (): void => undefined;
  const opened = new Promise<void>((done) => (open = done));
  return { opened, open };
}

/** Lets whatever is ready go on: one turn of the event loop. */
export const turn = (): Promise<void> => new Promise((done) => setTimeout(done, 0));

/** Waits, for at most a few seconds, until it is so. */
export async function until(condition: () => boolean, what: string): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error(`never so: ${what}`);
    await turn();
  }
}

/** Whether the work settles before so many milliseconds of the same event loop have passed; its outcome is somebody else's. */
export function settlesWithin(milliseconds: number, work: PromiseLike<unknown>): Promise<boolean> {
  return new Promise((done) => {
    const timer = setTimeout(() => done(false), milliseconds);
    const settled = (): void => {
      clearTimeout(timer);
      done(true);
    };
    work.then(settled, settled);
  });
}

/** Middleware that lets no more be seen of an answer than a page sees: the safelisted headers, and what its account's rule exposes. */
export const asInPage =
  (exposed: RegExp): Middleware =>
  (next) =>
  async (request) => {
    const { status, headers, body } = await next(request);
    const seen = new Headers();
    headers.forEach((value, name) => {
      if (exposed.test(name) || /^(cache-control|content-(language|length|type)|last-modified)$/.test(name)) seen.set(name, value);
    });
    const response: Partial<Response> & WireResponse = { status, headers: seen, body, type: "cors" };
    return response;
  };
