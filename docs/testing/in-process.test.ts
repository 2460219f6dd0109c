/** In process: the code takes a connection, and the test hands it one that ends in an emulator. */
import { connect, sharedKey } from "azure-files";
import { create as createShare } from "azure-files/shares";
import { createEmulator } from "azure-files/simulation";
import { download } from "azure-files/streaming";
import { expect, test } from "vitest";
import { sendReport } from "./report.js";

test("the first report of a day is kept, and a busy share is told of", async () => {
  const emulator = createEmulator();
  const { endpoint, fetch } = emulator;
  const connection = connect({ endpoint, fetch, share: "reports", credential: sharedKey(emulator), retry: false });
  await createShare(connection);

  expect(await sendReport(connection, "2026-10-01", "All is well.")).toBe("Sent.");
  expect(await sendReport(connection, "2026-10-01", "Or is it?")).toBe("There is a report of this day already.");
  emulator.respond("Create File", "ServerBusy");
  expect(await sendReport(connection, "2026-10-02", "All is well.")).toBe("The share is busy. Try again in a minute.");

  expect(await (await download(connection, { path: "2026-10-01.txt" })).text()).toBe("All is well.");
  const created = emulator.requests.filter(({ operation }) => operation === "Create File");
  expect(created.map(({ path, status }) => `${path} ${status}`)).toEqual(["reports/2026-10-01.txt 201", "reports/2026-10-02.txt 503"]);
});
