/** The conformance cases in Node: against an emulator in the process, over HTTP, and once more to show that no case leaves a trace. */
import { serve, type ServedHttp } from "azure-files/node";
import { createEmulator, type Emulator } from "azure-files/simulation";
import { afterAll, describe, expect, it } from "vitest";
import { createContext } from "../conformance/context.js";
import { cases } from "../conformance/index.js";
import { missingFor, print, run } from "./run.js";

const options = { softDeleteDays: 7, insecureBearer: true };
const inProcess = createEmulator(options);
const overHttp = createEmulator(options);
const server: ServedHttp = await serve(overHttp);
afterAll(() => server.close());

const { fetch, endpoint, account, key } = inProcess;
const toldTo = (emulator: Emulator) => ({
  token: () => emulator.token(),
  setCopies: (when: "immediate" | "pending") => void (emulator.copies = when),
});
const places = {
  "in the process": await createContext({ endpoint, account, key, fetch, ...toldTo(inProcess) }),
  "over HTTP": await createContext({ endpoint: `${server.url}/${overHttp.account}`, account, key, ...toldTo(overHttp) }),
};

describe.each(Object.entries(places))("Node, %s", (_place, context) => {
  for (const one of cases) it.skipIf(missingFor(one, context).length > 0)(one.name, () => one.run(context), 60_000);
});

it("every case holds a second time in the same process", async () => {
  const outcomes = await run(places["in the process"]);
  expect(outcomes.filter(({ result }) => result === "failed")).toEqual([]);
  expect(print(outcomes)).toBe(true);
}, 120_000);
