// `npm run referees`: holds what we send and answer against judges that are not ours.
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { spawnSync } from "node:child_process";
import { refereesDemanded, refereesFolder } from "./referees-folder.mjs";
import { program, root, runNode } from "./run.mjs";

/** What the conformance run has to have done with success, in the names of the service's definition. */
const OPERATIONS = [
  "Service_ListSharesSegment",
  "Share_Create",
  "Share_GetProperties",
  "Share_Delete",
  "Directory_Create",
  "Directory_GetProperties",
  "Directory_Delete",
  "Directory_ListFilesAndDirectoriesSegment",
  "File_Create",
  "File_Download",
  "File_GetProperties",
  "File_Delete",
  "File_SetHTTPHeaders",
  "File_SetMetadata",
  "File_UploadRange",
  "File_GetRangeList",
];

/** The published definition judges a recording of the conformance run, written on the serving side. */
async function definition(folder) {
  const har = join(root, "out/conformance.har");
  mkdirSync(join(root, "out"), { recursive: true });
  if ((await runNode(["scripts/conformance.mjs", "--har", har])) !== 0) return "the conformance run failed";
  const judged = spawnSync(process.execPath, [join(folder, "check/openapi-har.mjs"), "--path-style", har], { encoding: "utf8" });
  process.stdout.write(judged.stdout + judged.stderr);
  if (judged.status !== 0) return "the recording breaks the published definition";
  const { entries, comment } = JSON.parse(readFileSync(har, "utf8")).log;
  const counted = /^requests answered: (\d+)$/.exec(comment ?? "")?.[1];
  if (counted === undefined || Number(counted) !== entries.length || entries.length === 0) {
    return `the recording holds ${entries.length} exchanges, but the emulator answered ${counted ?? "an unknown number of"} requests`;
  }
  console.log(`${entries.length} exchanges recorded, as many as the emulator answered`);
  const never = /^never succeeded: (.*)$/m.exec(judged.stdout)?.[1]?.split(", ") ?? [];
  const missing = OPERATIONS.filter((name) => never.includes(name));
  return missing.length === 0 ? undefined : `no exchange with success of: ${missing.join(", ")}`;
}

/** Recordings of other people's clients against the real service, both ways. */
async function recordings(folder) {
  const code = await runNode([program("vitest/vitest.mjs"), "run", "--project", "referees", "--passWithNoTests=false"], {
    env: { AZURE_FILES_REFEREES: folder },
  });
  return code === 0 ? undefined : "a recording was not met";
}

const folder = refereesFolder();
if (!existsSync(folder)) {
  const demanded = refereesDemanded();
  console.log(`${demanded ? "failed" : "skipped"}: referees: there is no folder ${folder}; AZURE_FILES_REFEREES names another`);
  process.exitCode = demanded ? 1 : 0;
} else {
  const complaints = [await definition(folder), await recordings(folder)].filter((complaint) => complaint !== undefined);
  for (const complaint of complaints) console.log(`failed: ${complaint}`);
  console.log(complaints.length === 0 ? "the referees agree" : `${complaints.length} of 2 referees disagree`);
  process.exitCode = complaints.length === 0 ? 0 : 1;
}
