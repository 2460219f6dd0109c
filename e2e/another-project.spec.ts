/** Runs Playwright on a project of its own, and looks at the report: what is attached to a test that failed. */
import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { test, expect } from "@playwright/test";
import type { JSONReport, JSONReportSuite } from "@playwright/test/reporter";

/** Runs the project to its end; resolves to its exit code and its report. */
function run(): Promise<{ code: number | null; report: JSONReport }> {
  const cli = createRequire(import.meta.url).resolve("@playwright/test/cli");
  const configuration = fileURLToPath(new URL("another-project/playwright.config.ts", import.meta.url));
  // What Playwright tells its own workers by the environment is not for another run.
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(TEST_|PW_|AZURE_FILES_)/.test(name)));
  const child = spawn(process.execPath, [cli, "test", "--config", configuration, "--reporter=json"], { env, timeout: 90_000 });
  let output = "";
  let errors = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (output += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (errors += text));
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => {
      if (output.startsWith("{")) resolve({ code, report: JSON.parse(output) as JSONReport });
      else reject(new Error(`Playwright left no report: ${output}${errors}`));
    });
  });
}

/** What became of a test: its status, the texts of what is attached to it, and of its errors. */
interface Outcome {
  readonly status: string | undefined;
  readonly hars: string[];
  readonly errors: string;
  /** Which of the workers that ran beside one another. */
  readonly worker: number | undefined;
}

/** Each test by its title, with its outcome. */
function outcomes(suites: readonly JSONReportSuite[]): [string, Outcome][] {
  return suites.flatMap((suite) => [
    ...suite.specs.map(({ title, tests }): [string, Outcome] => {
      const result = tests[0]?.results[0];
      const hars = result?.attachments.filter(({ name }) => name === "azure-files.har") ?? [];
      return [
        title,
        {
          status: tests[0]?.status,
          hars: hars.map(({ body = "" }) => Buffer.from(body, "base64").toString()),
          // The same of each project that it ran in.
          errors: tests.flatMap(({ results }) => results.flatMap(({ errors }) => errors.map(({ message }) => message))).join("\n"),
          worker: result?.parallelIndex,
        },
      ];
    }),
    ...outcomes(suite.suites ?? []),
  ]);
}

test("a failed test has what went over the wire attached, without secrets; others only when they ask", async () => {
  const { code, report } = await run();
  expect(code).toBe(1);
  const found = Object.fromEntries(outcomes(report.suites));
  expect(Object.fromEntries(Object.entries(found).map(([title, { status, hars }]) => [title, [status, hars.length]]))).toEqual({
    fails: ["unexpected", 1],
    "is expected to fail": ["expected", 0],
    "passes, by the rule of the configuration beside the fixture's": ["expected", 0],
    "passes, and is recorded": ["expected", 1],
    "has a fixed address in Chromium alone": ["unexpected", 0],
    "has no address to go to": ["unexpected", 0],
    "has the share to itself, whatever runs beside it: one": ["expected", 0],
    "has the share to itself, whatever runs beside it: two": ["expected", 0],
    "has the share to itself, whatever runs beside it: three": ["expected", 0],
    "has the share to itself, whatever runs beside it: four": ["expected", 0],
  });
  expect(new Set(Object.values(found).map(({ worker }) => worker))).toEqual(new Set([0, 1]));
  for (const browser of ["firefox", "webkit"])
    expect(found["has a fixed address in Chromium alone"]?.errors).toContain(
      `azureFilesEndpoint needs Chromium: ${browser} takes no rules`,
    );
  expect(found["has no address to go to"]?.errors).toContain("azureFilesEndpoint is no URL with http: or https:");
  const har = found["fails"]?.hars[0] ?? "";
  const { entries } = (
    JSON.parse(har) as { log: { entries: { request: { method: string; url: string }; response: { status: number } }[] } }
  ).log;
  const read = entries.filter(({ request }) => request.method === "GET");
  expect(read.map(({ request, response }) => [new URL(request.url).pathname, response.status])).toEqual([
    ["/devstoreaccount1/test/missing.txt", 404],
  ]);
  expect(har).toContain("sig=REDACTED");
  expect(har).not.toMatch(/sig=(?!REDACTED)|SharedKey|Eby8vdM02/);
});
