/** Runs the conformance cases, without any test framework. */
import { type Case, cases } from "../conformance/index.js";
import type { Context } from "../conformance/context.js";

/** How one case went. */
export interface Outcome {
  readonly name: string;
  readonly result: "passed" | "failed" | "skipped";
  /** What a failed one failed with. */
  readonly error?: unknown;
  /** What this place lacks for a skipped one. */
  readonly missing?: readonly string[];
}

const CASE_MILLISECONDS = 60_000;

/** What the place lacks for a case. */
export const missingFor = ({ needs = [] }: Case, { capabilities }: Context): string[] =>
  needs.filter((need) => !capabilities.includes(need));

/** Runs every case, one after the other, each bounded in time. */
export async function run(context: Context): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const one of cases) {
    const { name } = one;
    const missing = missingFor(one, context);
    if (missing.length > 0) {
      outcomes.push({ name, result: "skipped", missing });
      continue;
    }
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`took more than ${CASE_MILLISECONDS} ms`)), CASE_MILLISECONDS);
    });
    try {
      await Promise.race([one.run(context), late]);
      outcomes.push({ name, result: "passed" });
    } catch (error) {
      outcomes.push({ name, result: "failed", error });
    } finally {
      clearTimeout(timer);
    }
  }
  return outcomes;
}

/** Says what failed and what was skipped, and counts; returns whether nothing failed. */
export function print(outcomes: readonly Outcome[], log: (line: string) => void = console.log): boolean {
  const count = (result: Outcome["result"]): number => outcomes.filter((outcome) => outcome.result === result).length;
  for (const { name, result, error, missing } of outcomes) {
    if (result === "skipped") log(`skipped: ${name} (needs ${missing?.join(", ")})`);
    if (result === "failed") log(`failed: ${name}: ${error instanceof Error ? error.stack : String(error)}`);
  }
  log(`${count("passed")} passed, ${count("failed")} failed, ${count("skipped")} skipped`);
  return count("failed") === 0 && count("passed") > 0;
}
