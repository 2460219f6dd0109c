/** What a transfer's SAS plainly lacks is said before anything is sent. */
import { expect, it } from "vitest";
import { sas } from "../../../src/auth/sas.js";
import { download } from "../../../src/streaming/download.js";
import { upload, type UploadRequest } from "../../../src/streaming/upload.js";
import type { Connection } from "../../../src/types/connection.js";
import { ending, wired } from "../wire-double.js";

const token = (words: string): string => `sv=2026-10-06&se=2099-01-01T00%3A00%3A00Z&sig=c2VjcmV0&${words}`;
const body = new Blob([new Uint8Array(2048)]);
const large = { rangeSize: 1024 };
const uploads = (request: Partial<UploadRequest>) => (connection: Connection) => upload(connection, { path: "a", body, ...request });
const downloads = (connection: Connection) => download(connection, { path: "a" });

it.each<[string, (connection: Connection) => Promise<unknown>, string]>([
  ["sr=s&sp=r", uploads({}), 'an upload needs the permission "c" (create) or "w" (write), and the SAS has sp=r'],
  ["sr=f&sp=c", uploads(large), 'an upload of several ranges needs the permission "w" (write), and the SAS has sp=c'],
  ["sr=s&sp=cw", uploads({ resume: true }), 'resume needs the permission "r" (read), and the SAS has sp=cw'],
  ["ss=f&srt=o&sp=cw", uploads({ overwrite: false }), 'overwrite: false needs the permission "r" (read), and the SAS has sp=cw'],
  ["sr=s&sp=rcw", uploads({ atomic: true }), 'atomic needs the permission "d" (delete), and the SAS has sp=rcw'],
  ["sr=s&sp=cw", uploads({ onFailure: "delete" }), 'onFailure: "delete" needs the permission "d" (delete), and the SAS has sp=cw'],
  ["sr=f&sp=rcwd", uploads({ atomic: true }), "atomic needs a SAS of the share, because that of a single file names no other"],
  ["sr=s&sp=cwl", downloads, 'a download needs the permission "r" (read), and the SAS has sp=cwl'],
])("a token with %s", async (words, transfer, message) => {
  for (const credential of [sas(token(words)), sas(async () => token(words))]) {
    const { wire, connection } = wired({ credential });
    const error = (await ending(transfer(connection))) as Error;
    expect(error).toBeInstanceOf(TypeError);
    expect(error.message).toBe(message);
    expect(wire.requests).toEqual([]);
  }
});

it.each(["sr=s&si=policy", "sr=s&sp=rcwd", "sr=f&sp=w"])("a token with %s may do it, as far as one can see", async (words) => {
  const { wire, connection } = wired({ credential: sas(token(words)) });
  const end = upload(connection, { path: "a", body });
  (await wire.nextRequest()).respond(201);
  expect((await end).size).toBe(2048);
});

it("a source of tokens that hangs holds up neither an abort nor the first request's own error", async () => {
  const hanging = sas(() => new Promise<string>(() => undefined));
  const { clock, connection } = wired({ credential: hanging, retry: false });
  const controller = new AbortController();
  const aborted = ending(download(connection, { path: "a", signal: controller.signal }));
  controller.abort("enough");
  expect(await aborted).toBe("enough");
  const late = ending(download(connection, { path: "a" }));
  await clock.advance(30_000);
  await clock.advance(30_000);
  expect(await late).toMatchObject({ name: "TransportError", reason: "timeout" });
});
