/**
 * Which exchange of a recording answers a request, and what is said where none does.
 */
import { redactHeaders, redactText, redactUrl } from "../redact.js";
import { pathOf, queryOf, SAS_WORDS } from "./asked.js";
import type { Taped } from "./cassette.js";
import { REMOVED } from "./har-entry.js";

/** A request that the recording has no answer to. It says what was asked, and what it came nearest to. */
export class ReplayError extends Error {
  constructor(message: string) {
    super(redactText(message));
    this.name = "ReplayError";
  }
}

/** A request, as far as it is compared. */
export interface Asked {
  readonly method: string;
  readonly url: URL;
  readonly headers: { get(name: string): string | null };
}

/** What is compared of it: each thing by what it is called. */
type Facts = ReadonlyMap<string, string>;

/** What a preflight says of the request that is to come. A browser sends it by itself, and not each time. */
const PREFLIGHT = ["access-control-request-method", "access-control-request-headers"] as const;

const isPreflight = (facts: Facts | undefined): boolean => facts?.has(`header ${PREFLIGHT[0]}`) ?? false;

/** What has to be the same. */
export interface MatchOptions {
  readonly order: "strict" | "loose";
  readonly headers: readonly string[];
  readonly ignoredQuery: readonly string[];
}

/** A recording that is asked. */
export interface Matcher {
  /** Those that have not answered yet, in their order. */
  readonly waiting: ReadonlySet<Taped>;
  /** The exchange that answers; it counts as having answered. Throws a `ReplayError` where there is none. */
  find(asked: Asked): Taped;
}

/** Makes ready to be asked. */
export function matcher(taped: readonly Taped[], options: MatchOptions): Matcher {
  const { order } = options;
  const headers = options.headers.map((name) => name.toLowerCase());
  const ignored = new Set(options.ignoredQuery.map((name) => name.toLowerCase()));
  const isIgnored = (name: string): boolean => SAS_WORDS.has(name) || ignored.has(name);

  const factsOf = ({ method, url, headers: given }: Asked): Facts => {
    const facts = new Map([
      ["the method", method],
      ["the path", pathOf(url)],
    ]);
    for (const [name, value] of queryOf(url, isIgnored)) facts.set(`query ${name}`, redactText(value));
    for (const name of method === "OPTIONS" ? new Set([...headers, ...PREFLIGHT]) : headers) {
      const value = given.get(name);
      // As a recording has it, without secrets.
      if (value !== null) facts.set(`header ${name}`, redactHeaders({ [name]: value })[name] ?? value);
    }
    return facts;
  };

  const waiting = new Set(taped);
  const factsOfTaped = new Map(taped.map((tape) => [tape, factsOf({ ...tape, headers: tape.requestHeaders })]));
  /** By method and path: a long recording would otherwise be gone through for every request. */
  const places = new Map<string, Taped[]>();
  /** By all that is compared: a place may be asked often, as for the ranges of a file. */
  const same = new Map<string, Taped[]>();
  for (const [tape, facts] of factsOfTaped) {
    for (const [map, key] of [
      [places, placeOf(facts)],
      [same, keyOf(facts)],
    ] as const) {
      const there = map.get(key);
      if (there) there.push(tape);
      else map.set(key, [tape]);
    }
  }

  const preflights = taped.filter((tape) => isPreflight(factsOfTaped.get(tape)));
  /** The number of the last exchange at each path that has answered and changed something. */
  const changes = new Map<string, number>();

  /** The differences between a request and a recorded one; none means that they fit. */
  const differences = (asked: Facts, tape: Taped): string[] => {
    const there = factsOfTaped.get(tape) ?? new Map<string, string>();
    return [...new Set([...there.keys(), ...asked.keys()])].flatMap((what) => {
      const [wanted, given] = [there.get(what), asked.get(what)];
      // What was never written may have been anything.
      if (wanted === given || (wanted === REMOVED && given !== undefined)) return [];
      return [`${what} is ${said(given)}, and ${said(wanted)} there`];
    });
  };

  /** The number of the last exchange that has answered and may have changed what is read at a path: there, above it or below it. */
  const lastChange = (path: string): number => {
    let last = 0;
    for (const [place, number] of changes) {
      if (`${place}/`.startsWith(`${path}/`) || path.startsWith(`${place}/`)) last = Math.max(last, number);
    }
    return last;
  };

  const findLoosely = (facts: Facts): Taped | undefined => {
    const fits = (tape: Taped): boolean => differences(facts, tape).length === 0;
    const fitting = same.get(keyOf(facts)) ?? places.get(placeOf(facts))?.filter(fits) ?? [];
    // A browser keeps leave for some seconds, and asks again when it is slow. The rules are the account's, whatever the path.
    if (fitting.length === 0 && isPreflight(facts)) {
      return preflights.find((tape) => differences(facts, tape).every((difference) => /^(the path|query) /.test(difference)));
    }
    // What reads what was written is told of it, though it may have been asked more often before, when it was recorded.
    const since = fitting.length > 1 && /^(GET|HEAD)$/.test(facts.get("the method") ?? "") ? lastChange(facts.get("the path") ?? "") : 0;
    const answer = fitting.find((tape) => waiting.has(tape) && tape.number > since) ?? fitting.at(-1);
    // Those before it are not looked at again, nor is it, but for the last.
    const index = answer ? fitting.indexOf(answer) : 0;
    fitting.splice(0, Math.min(index + 1, fitting.length - 1));
    return answer;
  };

  const findNext = (facts: Facts): Taped | undefined => {
    for (const tape of waiting) {
      if (differences(facts, tape).length === 0) return tape;
      if (!isPreflight(factsOfTaped.get(tape))) break;
      waiting.delete(tape);
    }
    return undefined;
  };

  const find = (asked: Asked): Taped => {
    const facts = factsOf(asked);
    const answer = order === "strict" ? findNext(facts) : findLoosely(facts);
    if (answer === undefined) throw missing(asked, facts);
    waiting.delete(answer);
    if (!/^(GET|HEAD|OPTIONS)$/.test(answer.method)) {
      const path = facts.get("the path") ?? "";
      changes.set(path, Math.max(changes.get(path) ?? 0, answer.number));
    }
    return answer;
  };

  const missing = (asked: Asked, facts: Facts): ReplayError => {
    const what = `${asked.method} ${redactUrl(asked.url.pathname + asked.url.search)}`;
    const [next] = waiting;
    if (order === "strict" && next === undefined) return new ReplayError(`the recording ends before ${what}`);
    let nearest: { readonly tape: Taped; readonly found: string[] } | undefined;
    for (const tape of order === "strict" && next ? [next] : waiting.size > 0 ? waiting : taped) {
      const found = differences(facts, tape);
      if (nearest === undefined || found.length < nearest.found.length) nearest = { tape, found };
    }
    if (nearest === undefined) return new ReplayError(`nothing is recorded that answers ${what}: the recording is empty`);
    const { tape, found } = nearest;
    const named = `exchange ${tape.number}, ${tape.method} ${redactUrl(tape.url.pathname + tape.url.search)}`;
    const which = order === "strict" ? "the next one is" : "the nearest is";
    return new ReplayError(`nothing is recorded that answers ${what}; ${which} ${named}: ${found.join("; ")}`);
  };

  return { waiting, find };
}

const placeOf = (facts: Facts): string => `${facts.get("the method")} ${facts.get("the path")}`;
const keyOf = (facts: Facts): string => JSON.stringify([...facts]);

const said = (value: string | undefined): string => (value === undefined ? "absent" : JSON.stringify(value));
