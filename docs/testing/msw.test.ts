/** Mock Service Worker: the code makes its connection itself, to the real address, and its requests are caught on their way out. */
import { connect, sharedKey } from "azure-files";
import { mswHandlers } from "azure-files/msw";
import { serviceSas } from "azure-files/sas";
import { create as createShare } from "azure-files/shares";
import { createEmulator } from "azure-files/simulation";
import { download } from "azure-files/streaming";
import { http, HttpResponse } from "msw";
import { setupServer } from "msw/node";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openReports, sendReport } from "./report.js";

const endpoint = "https://myaccount.file.core.windows.net";
const emulator = createEmulator({ account: "myaccount", endpoint });
const { account, key } = emulator;

// In a page: `setupWorker` of "msw/browser", and `await server.start()`.
const server = setupServer(
  ...mswHandlers(emulator),
  http.get("https://app.example/api/sas", async () =>
    HttpResponse.text(await serviceSas({ account, key, share: "reports", permissions: "rcw", expiresOn: new Date(Date.now() + 60_000) })),
  ),
);
beforeAll(() => server.listen());
afterAll(() => server.close());

test("the first report of a day is kept, and a busy share is told of", async () => {
  const owner = connect({ endpoint, share: "reports", credential: sharedKey(emulator) });
  await createShare(owner);
  const connection = openReports();

  expect(await sendReport(connection, "2026-10-01", "All is well.")).toBe("Sent.");
  expect(await sendReport(connection, "2026-10-01", "Or is it?")).toBe("There is a report of this day already.");
  emulator.respond("Create File", "ServerBusy", { times: 2 });
  expect(await sendReport(connection, "2026-10-02", "All is well.")).toBe("The share is busy. Try again in a minute.");

  expect(await (await download(owner, { path: "2026-10-01.txt" })).text()).toBe("All is well.");
});
