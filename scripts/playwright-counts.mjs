// A Playwright reporter: the same counts as scripts/vitest-counts.mjs. A flaky story counts as failed.
import { writeFileSync } from "node:fs";

export default class Counts {
  #suite;
  #errors = 0;

  onBegin(_config, suite) {
    this.#suite = suite;
  }

  onError() {
    this.#errors++;
  }

  onEnd() {
    const file = process.env.AZURE_FILES_PLAYWRIGHT_COUNTS;
    if (file === undefined) return;
    const counts = { passed: 0, failed: this.#errors, skips: [] };
    for (const test of this.#suite?.allTests() ?? []) {
      if (test.outcome() === "expected") counts.passed++;
      else if (test.outcome() === "skipped") counts.skips.push(`e2e: ${test.titlePath().filter(Boolean).join(" > ")}`);
      else counts.failed++;
    }
    writeFileSync(file, JSON.stringify(counts));
  }

  printsToStdio() {
    return false;
  }
}
