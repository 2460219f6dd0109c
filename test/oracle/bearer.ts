/** The official client with a bearer token. It sends one over HTTPS only, so its requests are handed to the emulator without a network. */
import { newPipeline, ShareServiceClient } from "@azure/storage-file-share";
import type { Emulator } from "../../src/simulation/index.js";
import { hostAddress, inProcess } from "./in-process.js";
import { onlyOnce } from "./official.js";

/** The service at an address whose scheme the official client trusts. */
export function bearerService(emulator: Emulator): ShareServiceClient {
  const credential = {
    getToken: () => Promise.resolve({ token: emulator.token(), expiresOnTimestamp: Date.now() + 3_600_000 }),
  };
  const pipeline = newPipeline(credential, { ...onlyOnce, httpClient: inProcess(emulator) });
  pipeline.options.shareTokenIntent = "backup";
  return new ShareServiceClient(hostAddress(emulator), pipeline, { fileRequestIntent: "backup" });
}
