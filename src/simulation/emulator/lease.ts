/**
 * One lease and its states: available, leased, breaking, broken, expired. Time comes from outside, in milliseconds.
 *
 * @see https://learn.microsoft.com/rest/api/storageservices/lease-file
 * @see https://learn.microsoft.com/rest/api/storageservices/lease-share
 */
import { Failure, type FailureCode, type Pair } from "./failures.js";

/** What `x-ms-lease-state` says. */
export type LeaseState = "available" | "leased" | "breaking" | "broken" | "expired";

/** A lease on a file, a share or a snapshot. */
export class Lease {
  readonly #of: "file" | "share";
  #state: "available" | "leased" | "breaking" | "broken" = "available";
  #id = "";
  /** Seconds; -1 for a lease without end. */
  #duration = -1;
  /** When the lease runs out, or when it is broken. */
  #end = Infinity;

  constructor(of: "file" | "share") {
    this.#of = of;
  }

  /** Where it stands. */
  state(now: number): LeaseState {
    if (now < this.#end) return this.#state;
    return this.#state === "leased" ? "expired" : this.#state === "breaking" ? "broken" : this.#state;
  }

  /** Whether somebody holds it. */
  isHeld(now: number): boolean {
    return ["leased", "breaking"].includes(this.state(now));
  }

  /** `x-ms-lease-status`, `x-ms-lease-state` and, while leased, `x-ms-lease-duration`. */
  headers(now: number): Pair[] {
    const state = this.state(now);
    const headers: Pair[] = [
      ["x-ms-lease-status", this.isHeld(now) ? "locked" : "unlocked"],
      ["x-ms-lease-state", state],
    ];
    if (state === "leased") headers.push(["x-ms-lease-duration", this.#duration < 0 ? "infinite" : "fixed"]);
    return headers;
  }

  /** Takes it for `duration` seconds, -1 for ever. Whoever holds it may take it again. */
  acquire(now: number, id: string, duration: number): void {
    const state = this.state(now);
    if (state === "breaking" && id === this.#id) throw this.#failure("LeaseIsBreakingAndCannotBeAcquired");
    if (this.isHeld(now) && id !== this.#id) throw this.#failure("LeaseAlreadyPresent");
    [this.#state, this.#id, this.#duration] = ["leased", id, duration];
    this.#end = duration < 0 ? Infinity : now + duration * 1000;
  }

  /** Starts its time anew, also after its end, unless somebody else had it meanwhile. */
  renew(now: number, id: string): void {
    const state = this.state(now);
    if (state === "available" || id !== this.#id) throw this.#failure("LeaseIdMismatchWithLeaseOperation");
    if (state === "breaking" || state === "broken") throw this.#failure("LeaseIsBrokenAndCannotBeRenewed");
    this.acquire(now, id, this.#duration);
  }

  /** Gives it another id. A repeated change, whose first answer was lost, is fine. */
  change(now: number, id: string, proposed: string): void {
    const state = this.state(now);
    if (state !== "leased" && state !== "breaking") throw this.#failure("LeaseNotPresentWithLeaseOperation");
    if (id !== this.#id && proposed !== this.#id) throw this.#failure("LeaseIdMismatchWithLeaseOperation");
    if (state === "breaking") throw this.#failure("LeaseIsBreakingAndCannotBeChanged");
    this.#id = proposed;
  }

  /** Lets go of it, in whatever state it is. */
  release(id: string): void {
    if (this.#state === "available" || id !== this.#id) throw this.#failure("LeaseIdMismatchWithLeaseOperation");
    this.#state = "available";
    this.#end = Infinity;
  }

  /**
   * Ends it against its holder's will; returns the seconds until it is broken.
   *
   * @param period Seconds; a lease that ends sooner, or breaks sooner already, does so. Undefined: when a fixed lease would end.
   */
  break(now: number, id: string | undefined, period: number | undefined): number {
    const state = this.state(now);
    if (state === "available") throw this.#failure("LeaseNotPresentWithLeaseOperation");
    if (id !== undefined && id !== this.#id) throw this.#failure("LeaseIdMismatchWithLeaseOperation");
    const remaining = state === "leased" || state === "breaking" ? (this.#end - now) / 1000 : 0;
    const wait = Math.min(period ?? (remaining === Infinity ? 0 : remaining), remaining);
    [this.#state, this.#end] = wait > 0 ? ["breaking", now + wait * 1000] : ["broken", Infinity];
    return Math.ceil(wait);
  }

  /** Ends it at once, as when what it was on is replaced. */
  clear(): void {
    this.#state = "available";
    this.#end = Infinity;
  }

  /** Throws unless a request with this id may go on; without one, unless nobody holds the lease or it is not `required`. */
  check(now: number, id: string | undefined, required: boolean): void {
    const operation = this.#of === "file" ? "FileOperation" : "ContainerOperation";
    if (id === undefined) {
      if (required && this.isHeld(now)) throw this.#failure("LeaseIdMissing");
      return;
    }
    if (this.isHeld(now)) {
      if (id !== this.#id) throw this.#failure(`LeaseIdMismatchWith${operation}`);
    } else {
      throw this.#failure(this.#state !== "available" && id === this.#id ? "LeaseLost" : `LeaseNotPresentWith${operation}`);
    }
  }

  /** The texts speak of the file or of the file share. */
  #failure(code: FailureCode): Failure {
    const { message } = new Failure(code);
    return new Failure(code, { message: message.replace(/the file(?: share)?\b/g, this.#of === "file" ? "the file" : "the file share") });
  }
}
