/**
 * Test an application that uses Azure Files without an Azure account: an emulator behind a fetch handler, recordings
 * of traffic (HAR) and their replay, and faults on purpose.
 *
 * @module
 */
export { createEmulator } from "./emulator/index.js";
export type {
  AnsweredRequest,
  CorsRule,
  Emulator,
  EmulatorOptions,
  HandleAccess,
  HandleContext,
  HandleRequest,
  OpenHandle,
  ScriptedAnswer,
  ScriptedCode,
  ScriptOptions,
  TokenRequest,
} from "./emulator/index.js";
export { CassetteError, type SideFiles } from "./cassette.js";
export type { Har, HarContent, HarEntry, HarNameValue, HarPostData } from "./har.js";
export { type RecordOptions, type Recording, type RequestHandler, record } from "./recorder.js";
export { ReplayError } from "./matcher.js";
export { type Replay, type ReplayOptions, replay } from "./replayer.js";
export { type Fault, type FaultKind, type FaultOptions, type Faults, faults } from "./faults.js";
