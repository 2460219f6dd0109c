import { describe, expect, it, vi } from "vitest";
import { anonymous } from "../../src/auth/anonymous.js";
import { between, type ConnectionOptions, resolve, said } from "../../src/config.js";

const endpoint = "https://account.file.core.windows.net";
const resolved = (options: Partial<ConnectionOptions> = {}) => resolve({ endpoint, ...options }, anonymous());

describe("defaults", () => {
  it("are these, and undefined means not said", () => {
    const expected = {
      endpoint,
      middleware: [],
      allowTrailingDot: true,
      retry: { attempts: 5, baseDelay: 500, maxDelay: 30_000 },
      timeouts: { firstByte: 30_000, idle: 30_000, overall: Infinity },
      circuitBreaker: { failures: 10, openFor: 10_000, successes: 2 },
      credential: { kind: "anonymous" },
    };
    expect(resolved()).toMatchObject(expected);
    const unsaid = resolved({
      credential: undefined,
      share: undefined,
      fetch: undefined,
      middleware: undefined,
      retry: undefined,
      timeouts: { idle: undefined },
      circuitBreaker: { failures: undefined },
      clock: undefined,
      random: undefined,
      allowTrailingDot: undefined,
    });
    expect(unsaid).toMatchObject(expected);
    expect(said({ a: undefined, b: 0, c: "", d: false, e: null })).toEqual({ b: 0, c: "", d: false, e: null });
    expect(said(undefined)).toEqual({});
  });

  it("are mixed with what is said", () => {
    expect(resolved({ retry: { attempts: 2 }, timeouts: { overall: 1 }, allowTrailingDot: false })).toMatchObject({
      retry: { attempts: 2, baseDelay: 500, maxDelay: 30_000 },
      timeouts: { firstByte: 30_000, idle: 30_000, overall: 1 },
      allowTrailingDot: false,
    });
    expect(resolved({ retry: false }).retry.attempts).toBe(1);
    expect(resolved({ circuitBreaker: { failures: 1 } }).circuitBreaker).toEqual({ failures: 1, openFor: 10_000, successes: 2 });
    expect(resolved({ circuitBreaker: false }).circuitBreaker).toBe(false);
  });

  it("of clock and chance are the globals at the moment of the call", () => {
    vi.useFakeTimers({ now: 5000 });
    try {
      const { clock, random } = resolved();
      vi.spyOn(Math, "random").mockReturnValue(0.25);
      const called = vi.fn();
      expect([clock.now(), random()]).toEqual([5000, 0.25]);
      const handle = clock.setTimeout(called, 10);
      clock.setTimeout(called, 20);
      clock.clearTimeout(handle);
      vi.advanceTimersByTime(20);
      expect(called).toHaveBeenCalledTimes(1);
    } finally {
      vi.useRealTimers();
      vi.restoreAllMocks();
    }
  });
});

describe("an endpoint", () => {
  it.each([
    ["https://account.file.core.windows.net/", endpoint],
    ["HTTPS://ACCOUNT.file.core.windows.net:443//", endpoint],
    [new URL(endpoint), endpoint],
    ["http://127.0.0.1:10004/devstoreaccount1/", "http://127.0.0.1:10004/devstoreaccount1"],
    ["http://[::1]:10004/devstoreaccount1", "http://[::1]:10004/devstoreaccount1"],
  ])("%s becomes %s", (given, expected) => expect(resolved({ endpoint: given }).endpoint).toBe(expected));

  it.each([
    "",
    "account.file.core.windows.net",
    "ftp://host",
    "file:///a",
    "javascript:SECRET",
    `${endpoint}?sv=1&sig=SECRET`,
    `${endpoint}#SECRET`,
    "https://user:SECRET@host",
    "https://SECRET@host",
    "https://ho st/SECRET",
    undefined,
    null,
    5,
    {},
  ])("%j is refused and not echoed", (given) => {
    const make = (): unknown => resolved({ endpoint: given as string });
    expect(make).toThrow(TypeError);
    expect(make).toThrow(/^endpoint must be an http\(s\) URL without query or user/);
    expect(make).not.toThrow(/SECRET/);
  });
});

describe("numbers", () => {
  it.each<[Partial<ConnectionOptions>, RegExp]>([
    [{ retry: { attempts: 0 } }, /^attempts is 0, but must be a whole number from 1 to 100$/],
    [{ retry: { attempts: 101 } }, /^attempts is 101/],
    [{ retry: { attempts: 1.5 } }, /^attempts is 1.5/],
    [{ retry: { attempts: NaN } }, /^attempts is NaN/],
    [{ retry: { attempts: "3" as unknown as number } }, /^attempts is "3", but/],
    [{ retry: { baseDelay: -1 } }, /^baseDelay is -1, but must be a number from 0 to Infinity$/],
    [{ retry: { maxDelay: NaN } }, /^maxDelay is NaN/],
    [{ timeouts: { firstByte: -1 } }, /^firstByte is -1/],
    [{ timeouts: { idle: "1" as unknown as number } }, /^idle is "1", but/],
    [{ timeouts: { overall: -Infinity } }, /^overall is -Infinity/],
    [{ circuitBreaker: { failures: 0 } }, /^failures is 0, but must be a whole number from 1 to 100$/],
    [{ circuitBreaker: { openFor: NaN } }, /^openFor is NaN, but must be a number from 0 to Infinity$/],
    [{ circuitBreaker: { successes: 1.5 } }, /^successes is 1.5, but must be a whole number from 1 to 100$/],
  ])("%j are refused", (options, message) => {
    expect(() => resolved(options)).toThrow(RangeError);
    expect(() => resolved(options)).toThrow(message);
  });

  it("at their limits are taken", () => {
    expect(
      resolved({ retry: { attempts: 100, baseDelay: 0, maxDelay: 0 }, timeouts: { firstByte: 0, idle: Infinity, overall: 0 } }).retry
        .attempts,
    ).toBe(100);
    expect(between("x", 0, 0, 0, true)).toBe(0);
  });
});
