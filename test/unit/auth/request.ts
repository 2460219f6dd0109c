/** What tests of credentials begin with: a wire request and a clock that stands still. */
import type { Clock } from "../../../src/types/connection.js";
import type { WireRequest } from "../../../src/types/requests.js";

/** A try of reading a file, with some of it changed. Each has a signal of its own, as the pipeline's tries do. */
export function request(changes: Partial<WireRequest> = {}): WireRequest {
  return {
    operation: "Get File",
    attempt: 1,
    method: "GET",
    url: "https://account.file.core.windows.net/share/file.txt",
    headers: { "x-ms-version": "2026-10-06" },
    signal: new AbortController().signal,
    ...changes,
  };
}

/** A clock that moves only when it is told to. */
export function stoppedClock(time: string | number): Clock & { advance(milliseconds: number): void } {
  let now = new Date(time).getTime();
  return {
    now: () => now,
    advance: (milliseconds) => {
      now += milliseconds;
    },
    setTimeout: () => {
      throw new Error("credentials set no timers");
    },
    clearTimeout: () => undefined,
  };
}

/** The published key of Azurite's account: no secret. */
export const key = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";
