/** The conformance cases in a page: against an emulator inside the page, and over HTTP through its CORS rule. */
import { createEmulator } from "azure-files/simulation";
import { describe, inject, it } from "vitest";
import { createContext } from "../conformance/context.js";
import { cases } from "../conformance/index.js";
import { missingFor } from "./run.js";

const emulator = createEmulator({ softDeleteDays: 7, insecureBearer: true });
const { fetch, endpoint, account, key } = emulator;
const setCopies = (when: "immediate" | "pending"): void => void (emulator.copies = when);
const places = {
  "in the page": await createContext({ endpoint, account, key, fetch, token: () => emulator.token(), setCopies }),
  "over HTTP": await createContext(inject("emulator")),
};

describe.each(Object.entries(places))("Chromium, %s", (_place, context) => {
  for (const one of cases) it.skipIf(missingFor(one, context).length > 0)(one.name, () => one.run(context), 60_000);
});
