/**
 * Test an application that uses Azure Files without an Azure account: an emulator behind a fetch handler, and a writer of HAR files
 * for what went over it.
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
export { recordHar } from "./recorder.js";
export type { Har, HarEntry, HarNameValue, HarRecorder, HarRecorderOptions, RequestHandler } from "./recorder.js";
