// A vitest reporter: writes how many tests passed, failed and were skipped, and the names of the skipped, for scripts/test.mjs.
import { writeFileSync } from "node:fs";

export default class Counts {
  onTestRunEnd(modules, unhandledErrors) {
    const file = process.env.AZURE_FILES_VITEST_COUNTS;
    if (file === undefined) return;
    const counts = { passed: 0, failed: unhandledErrors.length, skips: [] };
    for (const module of modules) {
      // A module that broke outside of its tests is one failure, whatever its tests say.
      if (module.errors().length > 0) counts.failed++;
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        if (state === "passed") counts.passed++;
        else if (state === "failed") counts.failed++;
        else counts.skips.push(`${test.project.name}: ${module.relativeModuleId} > ${test.fullName}`);
      }
    }
    writeFileSync(file, JSON.stringify(counts));
  }
}
