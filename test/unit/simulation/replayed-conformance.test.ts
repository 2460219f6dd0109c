/** The conformance cases once more, answered by a recording of themselves, with the emulator switched off. */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadHar, saveHar } from "azure-files/node";
import { createEmulator, record, replay } from "azure-files/simulation";
import { expect, it } from "vitest";
import { createContext } from "../../conformance/context.js";
import { type Outcome, run } from "../../runtimes/run.js";

it("a recorded run of the conformance cases answers them again as the emulator did", { timeout: 300_000 }, async () => {
  const folder = await mkdtemp(join(tmpdir(), "azure-files-replay-"));
  try {
    const path = join(folder, "conformance.har");
    // The same time in both runs: tokens and their ends are counted from it.
    const start = Date.now();
    const emulator = createEmulator({ softDeleteDays: 7, insecureBearer: true });
    const { account, key, endpoint } = emulator;
    const token = emulator.token();
    const recording = record({ secrets: [key] });
    const place = { account, key, endpoint, seed: "repeats", token: () => token, now: () => start };
    const setCopies = (when: "immediate" | "pending"): void => void (emulator.copies = when);
    const before = await run(await createContext({ ...place, setCopies, fetch: recording.fetch(emulator.fetch) }));
    await saveHar(path, recording);
    const asked = emulator.requestCount;

    const { har, options } = await loadHar(path);
    const replayed = replay(har, options);
    const off = (): Promise<Response> => Promise.reject(new Error("the emulator is switched off"));
    const after = await run(await createContext({ ...place, setCopies: () => undefined, fetch: replayed.fetch(off) }));

    expect(after.filter(({ result }) => result === "failed").map(({ name, error }) => `${name}: ${String(error).slice(0, 600)}`)).toEqual(
      [],
    );
    // What waits for another answer than the first is nothing for a recording.
    const isSkipped = (name: string): boolean => after.some((one) => one.name === name && one.missing?.join() === "live");
    expect(after.filter(({ name }) => isSkipped(name)).length).toBeLessThanOrEqual(5);
    const told = (outcomes: readonly Outcome[]): unknown =>
      outcomes.filter(({ name }) => !isSkipped(name)).map(({ name, result }) => [name, result]);
    expect(told(after)).toEqual(told(before));
    expect(emulator.requestCount).toBe(asked);
    // All that was asked stands there, those that a case aborts before their answer as such.
    expect(recording.har().log.entries).toHaveLength(asked);
    // Nothing that proves who was asking is on disk.
    const text = await readFile(path, "utf8");
    for (const secret of [key, token]) expect(text).not.toContain(secret);
    expect(text).not.toMatch(/SharedKey \w+:(?!REDACTED)|[?&]sig=(?!REDACTED)/);
  } finally {
    await rm(folder, { recursive: true });
  }
});
