/** Hands the official client's requests to the emulator without a network, where the address has to be one that no test machine resolves. */
import type { StoragePipelineOptions } from "@azure/storage-file-share";
import type { Emulator } from "../../src/simulation/index.js";

/** As much of the official client's request as is needed here. */
interface TheirRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: { headersArray(): { name: string; value: string }[]; clone(): unknown };
  readonly body?: unknown;
}

type TheirHttpClient = NonNullable<StoragePipelineOptions["httpClient"]>;

/** Answers the official client's requests from the emulator. */
export const inProcess = (emulator: Emulator): TheirHttpClient =>
  ({
    sendRequest: async (request: TheirRequest) => {
      const headers = new Headers(request.headers.headersArray().map(({ name, value }): [string, string] => [name, value]));
      const body = request.body === undefined || request.body === null ? {} : { body: request.body as string };
      const response = await emulator.fetch(new Request(request.url, { method: request.method, headers, ...body }));
      const theirs = request.headers.clone() as { set(name: string, value: string): void; remove(name: string): void };
      for (const { name } of request.headers.headersArray()) theirs.remove(name);
      for (const [name, value] of response.headers) theirs.set(name, value);
      return { request, status: response.status, headers: theirs, bodyAsText: await response.text() };
    },
  }) as unknown as TheirHttpClient;

/** An address as the real service has it. */
export const hostAddress = (emulator: Emulator): string => `https://${emulator.account}.file.core.windows.net`;
