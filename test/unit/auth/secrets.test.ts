/** No error says a secret, wherever in the input it stands. */
import fc from "fast-check";
import { expect, it } from "vitest";
import { bearer } from "../../../src/auth/bearer.js";
import { accountSas, serviceSas } from "../../../src/auth/mint.js";
import { sas } from "../../../src/auth/sas.js";
import { sharedKey } from "../../../src/auth/shared-key.js";
import { request, stoppedClock } from "./request.js";

const canary = "qWcAnArYqW";
const clock = stoppedClock("2026-01-01T00:00:00Z");

/** What `run` throws, with stack and cause; "" where it does not. */
async function thrown(run: () => unknown): Promise<string> {
  try {
    await run();
    return "";
  } catch (error) {
    const { name, message, stack, cause } = error as Error;
    // A stack names this file's functions, never its data.
    return [name, message, stack, String(cause), JSON.stringify(error)].join("\n");
  }
}

/** Text around the canary, of the kind that breaks parsers. */
const around = fc.string({ unit: fc.constantFrom(..."aZ9&=?#%+/ \n\t:;.,-_é"), maxLength: 8 });
const secret = fc.tuple(around, around).map(([before, after]) => before + canary + after);
const token = fc
  .tuple(fc.constantFrom("sv=1&se=2027-01-01&sig=", "sig=", "sv=1&", "", "https://a.example/?sig="), secret)
  .map((parts) => parts.join(""));

const inputs: Record<string, (text: string, token: string) => unknown> = {
  "sharedKey, key": (text) => sharedKey({ account: "account", key: text }),
  "sharedKey, key as account": (text) => sharedKey({ account: text, key: "AAAA" }),
  "serviceSas, key": (text) => serviceSas({ account: "account", key: text, share: "share", permissions: "r", expiresOn: "2027-01-01" }),
  "serviceSas, key as account": (text) =>
    serviceSas({ account: text, key: "AAAA", share: "share", permissions: "r", expiresOn: "2027-01-01" }),
  "serviceSas, key as share": (text) =>
    serviceSas({ account: "account", key: "AAAA", share: text, permissions: "r", expiresOn: "2027-01-01" }),
  "accountSas, key": (text) => accountSas({ account: "account", key: text, permissions: "r", resourceTypes: "o", expiresOn: "2027-01-01" }),
  "sas, token": (_, text) => sas(text),
  "sas, function": (_, text) => sas(() => text).authorize(request(), clock),
  "bearer, token": (text) => bearer(() => Promise.resolve(text), { intent: "backup" }).authorize(request(), clock),
  "bearer, token with a bad end": (text) =>
    bearer(() => Promise.resolve({ token: text, expiresOnTimestamp: NaN }), { intent: "backup" }).authorize(request(), clock),
};

it.each(Object.entries(inputs))("%s", async (_, use) => {
  let refusals = 0;
  await fc.assert(
    fc.asyncProperty(secret, token, async (text, sasToken) => {
      const said = await thrown(() => use(text, sasToken));
      if (said !== "") refusals++;
      expect(said.toLowerCase()).not.toContain(canary.toLowerCase());
    }),
    { numRuns: 200, seed: 4 },
  );
  // A test in which nothing was refused would have seen nothing.
  expect(refusals).toBeGreaterThan(20);
});
