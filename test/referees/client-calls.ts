/**
 * The client's call for each recorded request: its options are read from the request's address and headers.
 */
import type { OperationName } from "../../src/types/requests.js";
import { directoryCalls } from "./client-directory-calls.js";
import { fileCalls } from "./client-file-calls.js";
import type { Call } from "./client-options.js";
import { shareCalls } from "./client-share-calls.js";

/** One call for each operation; a missing one does not compile. */
export const calls: Readonly<Record<OperationName, Call>> = { ...shareCalls, ...directoryCalls, ...fileCalls };
