/**
 * How many requests the transfers of one connection have under way together: fewer while the service is busy, more again when it is not.
 *
 * Additive increase, multiplicative decrease, as TCP has it: a sign that the service cannot keep up halves the number, each round of
 * successes adds one. What the service asks to wait, all transfers wait.
 */
import { isServiceError, isTransportError, retryAfter, type ServiceError } from "../errors.js";
import { within } from "../transport/within.js";
import type { Connection, RequestOptions, Target } from "../types/connection.js";
import type { TransferFacts, TransferWatch } from "../types/telemetry.js";

/** The requests of a connection's transfers. */
export interface Pool {
  /** How many may be under way now. */
  readonly allowed: number;
  /** Runs a task when there is room for it. Rejects with the signal's reason while it waits. */
  run<T>(signal: AbortSignal, task: () => Promise<T>): Promise<T>;
  /** Takes notice of a try that failed and will be repeated. */
  failed(error: unknown): void;
}

/** The most that a connection's transfers ever have under way together. */
const MOST = 32;

const pools = new WeakMap<Connection, Pool>();

/** The connection as a transfer uses it: its calls are told as the transfer's, and wait while the circuit is open, inside their own time. */
export function patient(connection: Connection, watch?: TransferWatch): Connection {
  const through = watch?.through(connection) ?? connection;
  return { ...through, send: (operation) => through.send({ whenOpen: "wait", ...operation }) };
}

/** The pool of a connection; all its transfers share it. */
export function poolOf(connection: Connection): Pool {
  const pool = pools.get(connection) ?? poolWith(connection);
  pools.set(connection, pool);
  return pool;
}

/** Tells that a transfer begins, where anybody listens. */
export const watchOf = (kind: TransferFacts["kind"], connection: Connection, request: RequestOptions & Target): TransferWatch | undefined =>
  connection.telemetry?.transfer(kind, { share: request.share ?? connection.share, path: request.path ?? connection.path }, request.signal);

/** Whether a failure says that there is too much at once, and not that something is broken. */
function isTooMuch(error: unknown): boolean {
  if (isTransportError(error, "timeout")) return true;
  const { status, code } = error as ServiceError;
  return isServiceError(error) && (status === 429 || status === 503 || code === "ServerBusy" || code === "OperationTimedOut");
}

function poolWith({ clock }: Connection): Pool {
  const waiting = new Set<() => void>();
  let [allowed, running, successes, heldUntil, halvedAt] = [MOST, 0, 0, 0, -Infinity];
  const wake = (): void => {
    // As many as there is room for, the first come first.
    for (const go of [...waiting].slice(0, Math.max(0, allowed - running))) {
      waiting.delete(go);
      go();
    }
  };
  return {
    get allowed() {
      return allowed;
    },
    async run(signal, task) {
      while (running >= allowed) {
        let go = (): void => undefined;
        const turn = new Promise<void>((resolve) => waiting.add((go = resolve)));
        await within(clock, signal, Infinity, undefined, () => turn).finally(() => waiting.delete(go));
      }
      running++;
      const startedAt = clock.now();
      try {
        if (heldUntil > startedAt) await within(clock, signal, heldUntil - startedAt);
        const result = await task();
        if (++successes >= allowed) {
          successes = 0;
          allowed = Math.min(MOST, allowed + 1);
        }
        return result;
      } finally {
        running--;
        wake();
      }
    },
    failed(error) {
      if (!isTooMuch(error)) return;
      const now = clock.now();
      heldUntil = Math.max(heldUntil, now + (retryAfter(error) ?? 0));
      // Requests that were under way together fail together: that is one sign and not many.
      if (now - halvedAt < 1000) return;
      halvedAt = now;
      successes = 0;
      allowed = Math.max(1, Math.floor(Math.min(allowed, running) / 2));
    },
  };
}
