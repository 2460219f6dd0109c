// Where the referees are: other people's recordings and the service's published definition, which are no part of this repository.
import { resolve } from "node:path";
import { root } from "./run.mjs";

/** The folder named by `AZURE_FILES_REFEREES`, by default the one beside the repository. */
export function refereesFolder() {
  return resolve(root, process.env.AZURE_FILES_REFEREES || "../shared");
}

/** True where a missing folder is a failure: it was named, or this is a continuous integration run. */
export function refereesDemanded() {
  return Boolean(process.env.AZURE_FILES_REFEREES) || (process.env.CI ?? "") !== "";
}
