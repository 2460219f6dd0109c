/**
 * Counts verdicts, and prints what became of every exchange.
 */
import { type Exchange, label } from "./recording.js";

/** What became of one exchange in one direction: not judged for a reason, or judged, with complaints where the two disagree. */
export interface Verdict {
  readonly exchange: Exchange;
  readonly reason: string | undefined;
  readonly complaints: readonly string[];
}

/** The verdicts of one direction, added up. */
export class Tally {
  readonly title: string;
  agreed = 0;
  disagreed = 0;
  readonly reasons: Map<string, number> = new Map();
  readonly complaints: string[] = [];

  constructor(title: string) {
    this.title = title;
  }

  /** Exchanges counted. */
  get total(): number {
    return this.agreed + this.disagreed + [...this.reasons.values()].reduce((sum, count) => sum + count, 0);
  }

  add(name: string, verdicts: readonly Verdict[]): void {
    for (const { exchange, reason, complaints } of verdicts) {
      if (reason !== undefined) this.reasons.set(reason, (this.reasons.get(reason) ?? 0) + 1);
      else if (complaints.length === 0) this.agreed++;
      else {
        this.disagreed++;
        this.complaints.push([`${name} ${label(exchange)}`, ...complaints].join("\n    "));
      }
    }
  }

  /** A line for what was judged, and one for each reason. */
  toString(): string {
    const reasons = [...this.reasons]
      .sort(([, a], [, b]) => b - a)
      .map(([reason, count]) => `  ${String(count).padStart(5)} not judged: ${reason}`);
    return [`${this.title}: ${this.total} exchanges, ${this.agreed} agreed, ${this.disagreed} disagreed`, ...reasons].join("\n");
  }
}
