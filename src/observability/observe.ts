/**
 * Makes telemetry of listeners: watches calls and transfers, and tells of them.
 *
 * A connection knows only the type, so that a page where nobody listens carries none of this.
 */
import { isAzureFilesError, type ServiceError, type TransportError } from "../errors.js";
import { redactText, redactUrl } from "../redact.js";
import { sizeOfBody } from "../transport/bytes.js";
import { number } from "../transport/headers.js";
import type { Circuit, Clock, Reply } from "../types/connection.js";
import type {
  CallFacts,
  CallWatch,
  Emitter,
  Ending,
  Outcome,
  Telemetry,
  TelemetryEvent,
  TelemetryFact,
  TelemetryListener,
  TransferFacts,
  TransferWatch,
} from "../types/telemetry.js";

/**
 * Makes telemetry of listeners, for the option `telemetry` of a connection. One may serve several connections.
 *
 * @throws TypeError for what is no function.
 * @example
 * connect({ endpoint, credential, telemetry: observe(logger(), (event) => event.type === "retry" && retries.add(1)) });
 */
export function observe(...listeners: readonly TelemetryListener[]): Telemetry {
  if (listeners.some((listener) => typeof listener !== "function")) throw new TypeError("observe() takes functions");
  return { on: (clock) => emitterOf(listeners, clock) };
}

function emitterOf(listeners: readonly TelemetryListener[], clock: Clock): Emitter {
  const emit = (fact: TelemetryFact): void => emitTo(listeners, { ...fact, at: clock.now() });
  return Object.assign(emit, {
    on: (other: Clock) => emitterOf(listeners, other),
    call: ((operation, { method, url, body }) => {
      const { operation: name, target, signal, transfer } = operation;
      const call: CallFacts = {
        id: ++count,
        operation: name,
        method,
        url: redactUrl(url),
        share: safe(target.share),
        path: safe(target.path),
        transfer,
      };
      return watchCall(emit, clock, call, body ? sizeOfBody(body) : 0, signal);
    }) satisfies Emitter["call"],
    transfer: ((kind, { share, path = "" }, signal) =>
      watchTransfer(emit, clock, { id: ++count, kind, share: safe(share), path: safe(path) ?? "" }, signal)) satisfies Emitter["transfer"],
    circuit: ((endpoint, circuit) => watchCircuit(endpoint, circuit, listeners, clock)) satisfies Emitter["circuit"],
  });
}

/** Which listeners are told of a circuit already: connections that share it may share them, too. */
const watched: WeakMap<Circuit, WeakSet<readonly TelemetryListener[]>> = new WeakMap();

/**
 * Tells listeners of a circuit once, whichever and however many connections they have in common, for as long as one of these is in use: a
 * circuit that many share must not hold on to the listeners of each. Where an engine has no weak references it does.
 */
function watchCircuit(endpoint: string, circuit: Circuit, listeners: readonly TelemetryListener[], clock: Clock): void {
  const told = watched.get(circuit) ?? new WeakSet();
  if (told.has(listeners)) return;
  watched.set(circuit, told.add(listeners));
  const held = weakly(listeners);
  const end = circuit.onChange(({ previous: from, state: to, retryAt }) =>
    emitTo(held.deref() ?? [], { type: "breaker", endpoint, from, to, retryAt, at: clock.now() }),
  );
  if (typeof FinalizationRegistry === "function") (gone ??= new FinalizationRegistry((forget) => forget())).register(listeners, end);
}

/** By itself: a function that is made beside the one that the circuit keeps would keep what it names for both. */
const weakly = <T extends object>(value: T): { deref(): T | undefined } =>
  typeof WeakRef === "function" ? new WeakRef(value) : { deref: () => value };

let gone: FinalizationRegistry<() => void> | undefined;

function emitTo(listeners: readonly TelemetryListener[], event: TelemetryEvent): void {
  for (const listener of listeners) {
    try {
      // One that is asynchronous by mistake must not end the process when it rejects.
      (listener(event) as unknown as Promise<void> | undefined)?.catch?.(() => undefined);
    } catch {
      // What listens cannot break what it listens to.
    }
  }
}

let count = 0;

/** A name may be anything that somebody took for one, such as a URL with a SAS: the rules have not been looked at yet. */
const safe = (name: unknown): string | undefined => (typeof name === "string" ? redactText(name) : undefined);

function watchCall(
  emit: (fact: TelemetryFact) => void,
  clock: Clock,
  call: CallFacts,
  sent: number,
  signal: AbortSignal | undefined,
): CallWatch {
  let attempts = 0;
  /** Does work, and tells how it ended. */
  const told = async <R extends Reply<unknown>>(work: () => Promise<R>, fact: (ending: Ending) => TelemetryFact): Promise<R> => {
    const startedAt = clock.now();
    const end = (outcome: Outcome, facts: Partial<ServiceError>, error?: unknown, received?: number): void => {
      const { status, requestId } = facts;
      const code = facts.code ?? (facts as Partial<TransportError>).reason;
      emit(fact({ call, outcome, duration: clock.now() - startedAt, status, code, requestId, sent, received, error }));
    };
    try {
      const reply = await work();
      const { status, headers } = reply;
      const requestId = headers.get("x-ms-request-id") ?? undefined;
      // An answer to HEAD has no body, whatever length it names.
      end("success", { status, requestId }, undefined, call.method === "HEAD" ? 0 : number(headers, "content-length"));
      return reply;
    } catch (error) {
      // Others have codes that are not of the service.
      end(signal?.aborted ? "aborted" : "failure", isAzureFilesError(error) ? error : {}, error);
      throw error;
    }
  };
  emit({ type: "call-started", call });
  return {
    attempt(request, run) {
      const headers: Record<string, string> = { ...request.headers };
      const { attempt } = request;
      attempts = attempt;
      let isOpen = true;
      const addHeader = (name: string, value: string): void => {
        const key = name.toLowerCase();
        // What a transport would refuse would break the call.
        if (isOpen && !(key in headers) && /^[\w-]+$/.test(key) && /^[\x20-\x7e]+$/.test(value)) headers[key] = value;
      };
      emit({ type: "attempt-started", call, attempt, addHeader });
      isOpen = false;
      return told(
        () => run({ ...request, headers }),
        (ending) => ({ type: "attempt-ended", attempt, ...ending }),
      );
    },
    retry: (error, wait) => emit({ type: "retry", call, attempt: attempts, wait, error }),
    over: (work) => told(work, (ending) => ({ type: "call-ended", attempts, ...ending })),
  };
}

function watchTransfer(
  emit: (fact: TelemetryFact) => void,
  clock: Clock,
  transfer: TransferFacts,
  signal: AbortSignal | undefined,
): TransferWatch {
  const startedAt = clock.now();
  let [transferred, isOver] = [0, false];
  emit({ type: "transfer-started", transfer });
  return {
    through: (connection) => ({ ...connection, send: (operation) => connection.send({ transfer, ...operation }) }),
    progress(bytes, total) {
      transferred = bytes;
      emit({ type: "transfer-progress", transfer, transferred, total });
    },
    ended(failure) {
      if (isOver) return;
      isOver = true;
      const outcome = failure === undefined ? "success" : signal?.aborted || failure.cancelled ? "aborted" : "failure";
      emit({ type: "transfer-ended", transfer, outcome, duration: clock.now() - startedAt, transferred, error: failure?.error });
    },
  };
}
