/** Every call that the package has, and a request that has something for each of them. */
import { lockHolder, withLock } from "../../../src/locking/index.js";
import * as account from "../../../src/services/account.js";
import * as directories from "../../../src/services/directories.js";
import * as files from "../../../src/services/files.js";
import * as leases from "../../../src/services/leases.js";
import * as shares from "../../../src/services/shares.js";
import { download, downloadTo, upload, type UploadRequest } from "../../../src/streaming/index.js";
import type { Connection } from "../../../src/types/connection.js";
import { sasToken, sourceSignature, token } from "./secrets.js";

const id = "aaaaaaaa-1111-4222-8333-aaaaaaaaaaaa";
/** A source with a SAS of its own. */
export const source: string = `https://source.file.core.windows.net/share/a?${sasToken(sourceSignature)}`;

/** A request that has something for everybody. */
export const request: Readonly<Record<string, unknown>> = {
  share: "share",
  path: "a",
  to: "b",
  size: 1,
  body: "x",
  offset: 0,
  count: 1,
  from: source,
  sourceToken: token,
  copyId: id,
  handleId: "*",
  text: "a",
  existing: "a",
  metadata: {},
  leaseId: id,
  proposedLeaseId: id,
  expiresOn: new Date("2099-01-01T00:00:00Z"),
  permission: "O:SYG:SYD:",
  permissionKey: "1*2",
  deletedName: "share",
  deletedVersion: "01D99A38EA08C319",
  policies: [],
  cors: [],
  content: { type: "", encoding: "", language: "", disposition: "", cacheControl: "", md5: "" },
};

/** A call, whatever it takes. */
export type Call = (connection: Connection, given: object) => unknown;

const nothing = async (): Promise<void> => undefined;
const sink = { open: async () => ({ written: 0, write: nothing, finish: nothing, discard: nothing, close: nothing }) };

const services: Record<string, Call> = {};
for (const [service, module] of Object.entries({ account, shares, directories, files, leases })) {
  for (const [name, call] of Object.entries(module)) {
    services[`${service}.${name}`] = call as Call;
    if (service !== "leases") continue;
    services[`${service}.${name} of a share`] = (connection, given) => (call as Call)(connection, { ...given, path: "", duration: 15 });
  }
}

/** Every call that there is, by name. */
export const calls: Readonly<Record<string, Call>> = {
  ...services,
  upload: (connection, given) => upload(connection, given as UploadRequest),
  "upload in ranges": (connection, given) =>
    upload(connection, {
      ...(given as UploadRequest),
      size: undefined,
      body: new Uint8Array(1500).fill(7),
      rangeSize: 512,
      resume: true,
      atomic: true,
    }),
  "download into memory": async (connection, given) =>
    (await download(connection, { ...given, offset: undefined, count: undefined })).bytes(),
  "download as text": async (connection, given) => (await download(connection, { ...given, offset: undefined, count: undefined })).text(),
  downloadTo: (connection, given) => downloadTo(connection, { ...given, to: sink }),
  "withLock of a share": (connection, given) => withLock(connection, { ...given, path: "" }, nothing, { timeout: 0, ...given }),
  withLock: (connection, given) => withLock(connection, { path: "lock", ...given }, nothing, { timeout: 0, ...given }),
  lockHolder: (connection, given) => lockHolder(connection, { path: "lock", ...given }),
};

/** Runs a call to its end and resolves to what it threw, or gave. */
export async function outcomeOf(call: Call, connection: Connection, given: object): Promise<unknown> {
  try {
    const result = call(connection, given) as { pages?: () => AsyncIterable<unknown>; then?: unknown } | undefined;
    if (result?.pages) {
      for await (const _ of result.pages()) break;
      return undefined;
    }
    const value = await (result as Promise<{ bytes?: () => Promise<unknown> } | undefined>);
    if (typeof value?.bytes === "function") await value.bytes();
    return undefined;
  } catch (error) {
    return error;
  }
}
