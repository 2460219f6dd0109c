/** What tests put around an account works where the tests run: recordings have what was sent and read there, and faults are got over. */
import { derive } from "azure-files";
import * as files from "azure-files/files";
import { faults, record, replay } from "azure-files/simulation";
import { download, upload } from "azure-files/streaming";
import { type Case, inShare } from "./case.js";
import { deepEqual, equal, rejects, sameBytes } from "./check.js";
import { bytesOf } from "./content.js";

const path = "file.bin";

export const simulationCases: readonly Case[] = [
  inShare("a recording has every byte that was sent, and answers as the account did", async (space) => {
    const bytes = bytesOf(3000);
    const text = "Grüße";
    for (const way of ["fetch", "middleware"] as const) {
      const recording = record();
      const around = derive(
        space.connection,
        way === "fetch" ? { fetch: recording.fetch(space.connection.fetch) } : { middleware: [recording.middleware] },
      );
      await upload(around, { path, body: new Blob([bytes]), rangeSize: 1024 });
      await files.write(around, { path: "text", body: text, content: { type: "text/plain" } });
      sameBytes(await (await download(around, { path, rangeSize: 1024 })).bytes(), bytes);
      const sent = recording.har().log.entries.filter(({ request }) => request.bodySize > 0);
      deepEqual(sent.map(({ request }) => request.bodySize).sort(), [1024, 1024, 952, new TextEncoder().encode(text).length].sort(), way);
      equal(sent.filter(({ request }) => request.postData?.encoding === "base64").length, 4, `${way}: bytes as base64`);

      const replayed = replay(recording.har(), { files: (name) => recording.files().get(name) }).fetch(() =>
        Promise.reject(new Error("nobody is there")),
      );
      const again = derive(space.connection, { fetch: replayed, retry: false });
      sameBytes(await (await download(again, { path, rangeSize: 1024 })).bytes(), bytes, way);
      await rejects(files.getProperties(again, { path: "other" }), { name: "ReplayError" }, way);
    }
  }),

  inShare("a download gets over bodies that end early or break off", async ({ connection }) => {
    const bytes = bytesOf(5000);
    await files.write(connection, { path, body: bytes });
    for (const way of ["fetch", "middleware"] as const) {
      const faulty = faults({ script: ["truncate", "none", "break", "throttle", "reset"], retryAfter: 0 });
      const around = derive(connection, {
        random: () => 0,
        ...(way === "fetch" ? { fetch: faulty.fetch(connection.fetch) } : { middleware: [faulty.middleware] }),
      });
      sameBytes(await (await download(around, { path, rangeSize: 1024 })).bytes(), bytes, way);
      deepEqual(faulty.happened.map(({ kind }) => kind).sort(), ["break", "reset", "throttle", "truncate"], way);
    }
  }),
];
