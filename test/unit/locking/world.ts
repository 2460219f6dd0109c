/**
 * Hosts that share an emulator in a time of their own making: each with a clock that is wrong and goes too fast or too slow, behind a
 * network that delays, loses and comes late; and that can stand still or crash.
 */
import type { ConnectionOptions } from "../../../src/config.js";
import { connect } from "../../../src/connect.js";
import { TransportError } from "../../../src/errors.js";
import { createEmulator, type Emulator } from "../../../src/simulation/index.js";
import type { Clock, Connection, Credential } from "../../../src/types/connection.js";
import type { WireRequest } from "../../../src/types/requests.js";
import type { WireResponse } from "../../../src/types/responses.js";
import { turn } from "../virtual-clock.js";

/** Numbers from 0 up to 1 that follow from a seed (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** A promise, and what settles it. */
export interface Deferred<T> {
  readonly promise: Promise<T>;
  resolve(value: T): void;
  reject(reason: unknown): void;
}

/** Makes one. */
export function deferred<T>(): Deferred<T> {
  let settle: Pick<Deferred<T>, "resolve" | "reject"> | undefined;
  const promise = new Promise<T>((resolve, reject) => (settle = { resolve, reject }));
  return Object.assign({ promise }, settle);
}

interface Event {
  readonly at: number;
  readonly order: number;
  act: (() => void) | undefined;
}

/** The network between a host and the service at one moment. */
export interface Weather {
  /** Milliseconds on the way there. */
  there: number;
  /** Milliseconds on the way back. */
  back: number;
  /** The request never arrives. */
  lost?: boolean;
  /** Its answer never arrives. */
  mute?: boolean;
  /** The host is told at once that there is no network, where it does not arrive. */
  told?: boolean;
}

/** One program on one computer. */
export interface Host {
  readonly name: string;
  readonly connection: Connection;
  /** Whether it runs: neither crashed nor standing still. */
  readonly runs: boolean;
  readonly isCrashed: boolean;
  readonly wasFrozen: boolean;
  /** Stops for good, with all that it was about to do. What it has sent is on its way. */
  crash(): void;
  /** Stands still for so many milliseconds; what would have happened happens afterwards. */
  freeze(milliseconds: number): void;
  /** Is without network for so many milliseconds. */
  cut(milliseconds: number): void;
}

/** How a host's clock is wrong. */
export interface Wrongness {
  /** Milliseconds that it is ahead. */
  readonly skew: number;
  /** How much faster it goes: 0.01 is one percent. */
  readonly drift: number;
}

/** Time, the service, and those who use it. */
export interface World {
  readonly emulator: Emulator;
  readonly now: number;
  /** Requests that arrived so far. */
  readonly requests: number;
  /** Does something at a moment that no host decides. */
  at(time: number, act: () => void): void;
  host(name: string, wrongness: Wrongness, weather: (request: WireRequest) => Weather, options?: Partial<ConnectionOptions>): Host;
  /** Lets time pass until `end`, or until `enough` says so. */
  run(end: number, enough?: () => boolean): Promise<void>;
}

const START = Date.parse("2026-01-01T00:00:00Z");

/** Makes a world. Its time is in milliseconds from 0. */
export async function createWorld(random: () => number, share = "share"): Promise<World> {
  const queue: Event[] = [];
  let now = 0;
  let order = 0;
  let requests = 0;
  /** Requests that the service works on, which takes it no time. */
  let serving = 0;
  const endpoint = "https://account.file.core.windows.net";
  const emulator = createEmulator({ account: "account", endpoint, clock: { now: () => START + now }, random });
  // A token is checked at once, a signature in another thread, which takes most of the time of a request.
  const authorization = `Bearer ${emulator.token({ expires: new Date(START + 864e5) })}`;
  const signed = { authorization, "x-ms-file-request-intent": "backup", "x-ms-version": "2026-10-06" };
  const credential: Credential = {
    kind: "bearer",
    authorize: (request) => ({ ...request, headers: { ...request.headers, ...signed } }),
  };
  await emulator.fetch(`${endpoint}/${share}?restype=share`, { method: "PUT", headers: signed });

  const later = (delay: number, act: () => void): Event => {
    const event: Event = { at: now + Math.max(0, delay), order: order++, act };
    let [low, high] = [0, queue.length];
    // The next one stands at the end.
    while (low < high) {
      const middle = (low + high) >> 1;
      const other = queue[middle] as Event;
      if (other.at > event.at || (other.at === event.at && other.order > event.order)) low = middle + 1;
      else high = middle;
    }
    queue.splice(low, 0, event);
    return event;
  };

  const host: World["host"] = (name, { skew, drift }, weather, options) => {
    let isCrashed = false;
    let frozenUntil = 0;
    let cutUntil = 0;
    /** Lets the program do something, as soon as it runs. */
    const inside = (act: () => void): void => {
      if (isCrashed) return;
      if (now < frozenUntil) later(frozenUntil - now, () => inside(act));
      else act();
    };
    const clock: Clock = {
      now: () => START + skew + now * (1 + drift),
      setTimeout: (callback, delay) => {
        const event = later(delay / (1 + drift), () => inside(() => event.act && callback()));
        return event;
      },
      clearTimeout: (handle) => {
        if (handle) (handle as Event).act = undefined;
      },
    };
    const transport = (request: WireRequest): Promise<WireResponse> =>
      new Promise((done, fail) => {
        const { there, back, lost, mute, told } = weather(request);
        const noNetwork = (): void => inside(() => fail(new TransportError("network", "no network", { request })));
        if (lost || now < cutUntil) {
          if (told) later(back, noNetwork);
          return;
        }
        const { url, method, headers } = request;
        // Once sent it arrives, whatever becomes of the host or of its patience.
        later(there, () => {
          requests++;
          serving++;
          void emulator.handle(new Request(url, { method, headers })).then((response) => {
            serving--;
            if (mute || now < cutUntil) {
              if (told) later(back, noNetwork);
            } else later(back, () => inside(() => done(response)));
          });
        });
      });
    const connection = connect({ endpoint, share, credential, clock, random, middleware: [() => transport], ...options });
    return {
      name,
      connection,
      get runs() {
        return !isCrashed && now >= frozenUntil;
      },
      get isCrashed() {
        return isCrashed;
      },
      get wasFrozen() {
        return frozenUntil > 0;
      },
      crash: () => void (isCrashed = true),
      freeze: (milliseconds) => void (frozenUntil = Math.max(frozenUntil, now + milliseconds)),
      cut: (milliseconds) => void (cutUntil = Math.max(cutUntil, now + milliseconds)),
    };
  };

  return {
    emulator,
    get now() {
      return now;
    },
    get requests() {
      return requests;
    },
    at: (time, act) => void later(time - now, act),
    host,
    async run(end, enough = () => false) {
      await turn();
      for (;;) {
        const next = queue.at(-1);
        if (!next || next.at > end) break;
        queue.pop();
        now = next.at;
        const { act } = next;
        if (!act) continue;
        act();
        do await turn();
        while (serving > 0);
        if (enough()) return;
      }
      now = end;
    },
  };
}
