/** Replay: the answers come from a recording, so that nothing answers at all, neither the service nor an emulator. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect, sharedKey, type Connection } from "azure-files";
import { loadHar, saveHar } from "azure-files/node";
import { create as createShare } from "azure-files/shares";
import { createEmulator, record, replay } from "azure-files/simulation";
import { expect, test } from "vitest";
import { sendReport } from "./report.js";

const emulator = createEmulator();
const { endpoint } = emulator;
const settings = { endpoint, share: "reports", credential: sharedKey(emulator), retry: false } as const;

async function story(connection: Connection): Promise<void> {
  expect(await sendReport(connection, "2026-10-01", "All is well.")).toBe("Sent.");
  expect(await sendReport(connection, "2026-10-01", "Or is it?")).toBe("There is a report of this day already.");
}

test("the first report of a day is kept", async () => {
  const folder = await mkdtemp(join(tmpdir(), "reports-"));
  const file = join(folder, "reports.har");

  // Once, with an emulator or with the service itself. Keep the file beside the test: there is no secret in it.
  const recording = record();
  await createShare(connect({ ...settings, fetch: emulator.fetch }));
  await story(connect({ ...settings, fetch: recording.fetch(emulator.fetch) }));
  await saveHar(file, recording);

  // From then on.
  const before = emulator.requestCount;
  const { har, options } = await loadHar(file);
  const tape = replay(har, { ...options, order: "strict" });
  await story(connect({ ...settings, fetch: tape.fetch() }));
  expect([tape.left, emulator.requestCount]).toEqual([0, before]);
  await rm(folder, { recursive: true });
});
