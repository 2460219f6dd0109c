/** What stands in for what an engine lacks. */
import { afterEach, describe, expect, it } from "vitest";
import { anySignal, asyncDispose } from "../../src/platform.js";

const { any } = AbortSignal;
afterEach(() => Object.assign(AbortSignal, { any }));

describe.each([
  ["with AbortSignal.any", any],
  ["without it", undefined],
])("the first of two signals, %s", (_engine, any) => {
  const pair = (): [AbortController, AbortController] => {
    Object.assign(AbortSignal, { any });
    return [new AbortController(), new AbortController()];
  };

  it("aborts with the reason of whichever comes first", () => {
    for (const index of [0, 1] as const) {
      const pairOf = pair();
      const both = anySignal(pairOf[0].signal, pairOf[1].signal);
      expect(both.aborted).toBe(false);
      pairOf[index].abort("this one");
      expect([both.aborted, both.reason]).toEqual([true, "this one"]);
    }
  });

  it("is aborted already where one of them is", () => {
    for (const index of [0, 1] as const) {
      const pairOf = pair();
      pairOf[index].abort("before");
      const both = anySignal(pairOf[0].signal, pairOf[1].signal);
      expect([both.aborted, both.reason]).toEqual([true, "before"]);
    }
  });
});

it("what is given back goes by the engine's own symbol, or by the one that transpilers look for", () => {
  const { asyncDispose: own } = Symbol;
  expect(asyncDispose()).toBe(own ?? Symbol.for("Symbol.asyncDispose"));
});
