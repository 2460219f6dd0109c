/** What breaks the rules gets a typed error, and the network never hears of it. */
import { bearer, type Connection, connect } from "azure-files";
import * as directories from "azure-files/directories";
import * as files from "azure-files/files";
import * as shares from "azure-files/shares";
import { download, downloadRange, upload, type UploadBody } from "azure-files/streaming";
import type { Case } from "./case.js";
import { all, bytesOf } from "./content.js";
import { refused, type Row } from "./refused.js";

const MEBIBYTE = 1024 * 1024;
const create =
  (path: string) =>
  (connection: Connection): unknown =>
    files.create(connection, { path, size: 0 });
const inShareNamed =
  (share: string) =>
  (connection: Connection): unknown =>
    shares.create(connection, { share });
const withMetadata =
  (metadata: Record<string, string>) =>
  (connection: Connection): unknown =>
    files.setMetadata(connection, { path: "a", metadata });

const paths: readonly Row[] = [
  ['a path with "', create('a"b'), "TypeError", /component 1.*"\\"".*index 1/],
  ["a path with \\", create("dir/a\\b"), "TypeError", /component 2.*index 1/],
  ["a path with :", create("a:b"), "TypeError", /component 1.*":" at index 1/],
  ["a path with |", create("a|"), "TypeError", /component 1.*index 1/],
  ["a path with <", create("<"), "TypeError", /component 1.*index 0/],
  ["a path with >", create("a>"), "TypeError", /component 1.*index 1/],
  ["a path with *", create("*.txt"), "TypeError", /component 1.*index 0/],
  ["a path with ?", create("a?b"), "TypeError", /component 1.*index 1/],
  ["a path with a line break", create("a\nb"), "TypeError", /component 1.*index 1/],
  ["a path with NUL", create("a\0"), "TypeError", /component 1.*index 1/],
  ["a path with DEL", create("a\x7F"), "TypeError", /component 1.*index 1/],
  ["a path with a C1 control", create("a\x85"), "TypeError", /component 1.*index 1/],
  ["a path with half a surrogate pair", create("a\uD83Db"), "TypeError", /component 1.*index 1/],
  ["a path with .", create("a/./b"), "TypeError", /component 2/],
  ["a path with ..", create("../a"), "TypeError", /component 1/],
  ["a path with nothing between slashes", create("a//b"), "TypeError", /component 2/],
  ["a path over 2,048 characters", create(`${"x".repeat(200)}/`.repeat(10) + "x".repeat(39)), "TypeError", /2049/],
  ["a path deeper than 250", create(Array.from({ length: 251 }, () => "a").join("/")), "TypeError", /251/],
  ["a component over 255 characters", create(`a/${"x".repeat(256)}`), "TypeError", /component 2.*255/],
  ["a path that is no string", (connection) => files.create(connection, { path: 7 as never, size: 0 }), "TypeError"],
  ["a file without a path", (connection) => files.create(connection, { size: 0 }), "TypeError", /path/],
  ["the root as a file", create("/"), "TypeError", /path/],
  ["a file that ends in a slash", create("a/"), "TypeError", /path/],
  ["a bad path in directories.create", (connection) => directories.create(connection, { path: "a:b" }), "TypeError"],
  [
    "a bad path in directories.create with recursive",
    (connection) => directories.create(connection, { path: "x/a:b", recursive: true }),
    "TypeError",
  ],
  ["a bad path in directories.list", (connection) => all(directories.list(connection, { path: ".." })), "TypeError"],
  [
    "a bad path in directories.delete with recursive",
    (connection) => directories.delete(connection, { path: "a/..", recursive: true }),
    "TypeError",
  ],
  ["a bad path in upload", (connection) => upload(connection, { path: "a:b", body: "x" }), "TypeError"],
  ["a bad path in download", (connection) => download(connection, { path: "a:b" }), "TypeError"],
  ["a share in capitals", inShareNamed("Abc"), "TypeError", /3 to 63/],
  ["a share with _", inShareNamed("ab_c"), "TypeError", /3 to 63/],
  ["a share with --", inShareNamed("ab--c"), "TypeError", /3 to 63/],
  ["a share that ends in -", inShareNamed("abc-"), "TypeError", /3 to 63/],
  ["a share of two letters", inShareNamed("ab"), "TypeError", /3 to 63/],
  ["a share of 64 letters", inShareNamed("a".repeat(64)), "TypeError", /3 to 63/],
  ["no share at all", (connection) => shares.create(connect({ ...connection, share: undefined })), "TypeError", /share/],
];

const numbers: readonly Row[] = [
  ["a negative size", (connection) => files.create(connection, { path: "a", size: -1 }), "RangeError", /size is -1/],
  ["a fractional size", (connection) => files.create(connection, { path: "a", size: 1.5 }), "RangeError", /size is 1\.5/],
  ["a size that is no number", (connection) => files.create(connection, { path: "a", size: Number.NaN }), "RangeError", /size is NaN/],
  ["a size as text", (connection) => files.create(connection, { path: "a", size: "5" as never }), "RangeError"],
  ["a size over 4 TiB", (connection) => files.create(connection, { path: "a", size: 4 * 1024 ** 4 + 1 }), "RangeError"],
  ["a negative size in setProperties", (connection) => files.setProperties(connection, { path: "a", size: -1 }), "RangeError"],
  ["a negative offset", (connection) => files.putRange(connection, { path: "a", offset: -1, body: "x" }), "RangeError", /offset is -1/],
  [
    "a fractional offset",
    (connection) => files.putRange(connection, { path: "a", offset: 0.5, body: "x" }),
    "RangeError",
    /offset is 0\.5/,
  ],
  [
    "a range over 4 MiB",
    (connection) => files.putRange(connection, { path: "a", offset: 0, body: new Uint8Array(4 * MEBIBYTE + 1) }),
    "RangeError",
    /4194305/,
  ],
  ["an empty range", (connection) => files.putRange(connection, { path: "a", offset: 0, body: "" }), "RangeError"],
  ["a clear of nothing", (connection) => files.clearRange(connection, { path: "a", offset: 0, count: 0 }), "RangeError"],
  ["a clear from before the file", (connection) => files.clearRange(connection, { path: "a", offset: -512, count: 512 }), "RangeError"],
  ["a read from a negative offset", (connection) => files.read(connection, { path: "a", offset: -1, count: 1 }), "RangeError"],
  ["a read from a negative offset to the end", (connection) => files.read(connection, { path: "a", offset: -1 }), "RangeError"],
  ["a read of nothing", (connection) => files.read(connection, { path: "a", count: 0 }), "RangeError"],
  ["a list of ranges of half a byte", (connection) => files.listRanges(connection, { path: "a", offset: 0, count: 0.5 }), "RangeError"],
  ["a download from a negative offset", (connection) => download(connection, { path: "a", offset: -1 }), "RangeError"],
  ["a download of a fraction", (connection) => downloadRange(connection, { path: "a", offset: 0, count: 1.5 }), "RangeError"],
  ["a download with concurrency 0", (connection) => download(connection, { path: "a", concurrency: 0 }), "RangeError", /concurrency/],
  [
    "an upload with concurrency 33",
    (connection) => upload(connection, { path: "a", body: "x", concurrency: 33 }),
    "RangeError",
    /concurrency is 33/,
  ],
  [
    "an upload in ranges over 4 MiB",
    (connection) => upload(connection, { path: "a", body: "x", rangeSize: 4 * MEBIBYTE + 1 }),
    "RangeError",
    /rangeSize/,
  ],
  [
    "an upload in ranges of 100 bytes",
    (connection) => upload(connection, { path: "a", body: "x", rangeSize: 100 }),
    "RangeError",
    /rangeSize/,
  ],
  [
    "an upload of a negative size",
    (connection) => upload(connection, { path: "a", body: new ReadableStream(), size: -1 }),
    "RangeError",
    /size/,
  ],
  ["a page of 0", (connection) => all(directories.list(connection, { pageSize: 0 })), "RangeError", /pageSize/],
  ["a page over 5,000", (connection) => all(shares.list(connection, { pageSize: 5001 })), "RangeError", /pageSize/],
  ["a quota of 0", (connection) => shares.create(connection, { quotaGiB: 0 }), "RangeError", /quotaGiB/],
  [
    "a recursive delete with concurrency 0",
    (connection) => directories.delete(connection, { path: "a", recursive: true, concurrency: 0 }),
    "RangeError",
  ],
  ["tries without number", (connection) => connect({ ...connection, retry: { attempts: 0 } }), "RangeError", /attempts/],
  ["a negative wait", (connection) => connect({ ...connection, retry: { baseDelay: -1 } }), "RangeError", /baseDelay/],
  ["a negative timeout", (connection) => connect({ ...connection, timeouts: { idle: -1 } }), "RangeError", /idle/],
];

const others: readonly Row[] = [
  ["metadata with a hyphen", withMetadata({ "a-b": "x" }), "TypeError", /"a-b"/],
  ["metadata that begins with a digit", withMetadata({ "1a": "x" }), "TypeError"],
  ["metadata without a name", withMetadata({ "": "x" }), "TypeError"],
  ["metadata with an umlaut in its name", withMetadata({ ä: "x" }), "TypeError"],
  ["metadata twice in different case", withMetadata({ a: "x", A: "y" }), "TypeError"],
  ["metadata beyond ASCII", withMetadata({ a: "ü" }), "TypeError", /metadata a/],
  ["metadata with a line break", withMetadata({ a: "x\r\ny" }), "TypeError"],
  ["metadata with a space at its end", withMetadata({ a: "x " }), "TypeError"],
  ["metadata that is no text", withMetadata({ a: 7 as never }), "TypeError"],
  ["metadata over 8 KiB", withMetadata({ a: "x".repeat(8192) }), "RangeError", /8193/],
  [
    "a permission and its key",
    (connection) => files.create(connection, { path: "a", size: 0, smb: { permission: "O:SYG:SYD:", permissionKey: "1*2" } }),
    "TypeError",
    /permission/,
  ],
  [
    "an include that is unknown",
    (connection) => all(directories.list(connection, { include: ["everything" as never] })),
    "TypeError",
    /include/,
  ],
  ["a body that is none", (connection) => upload(connection, { path: "a", body: 7 as never }), "TypeError", /body/],
  ["a body that is null", (connection) => upload(connection, { path: "a", body: null as never }), "TypeError", /body/],
  ["a body that is missing", (connection) => upload(connection, { path: "a", body: undefined as never }), "TypeError", /body/],
  [
    "a range whose body is none",
    (connection) => files.putRange(connection, { path: "a", offset: 0, body: {} as never }),
    "TypeError",
    /body/,
  ],
  [
    "a range whose body is a stream",
    (connection) => files.putRange(connection, { path: "a", offset: 0, body: new ReadableStream() as never }),
    "TypeError",
    /body/,
  ],
  [
    "a bearer token over plain HTTP",
    (connection) =>
      shares.create(
        connect({ ...connection, endpoint: "http://example.org/abc", credential: bearer(async () => "token", { intent: "backup" }) }),
      ),
    "TypeError",
    /https/,
  ],
  ["a bearer token without intent", () => bearer(async () => "token", {} as never), "TypeError", /intent/],
  ["a credential of somebody else", (connection) => connect({ ...connection, credential: "token" as never }), "TypeError", /credential/],
];

/** Bodies that somebody else holds or has read. */
const used: Readonly<Record<string, () => UploadBody | Promise<UploadBody>>> = {
  "a stream that is locked": () => {
    const stream = new ReadableStream();
    stream.getReader();
    return stream;
  },
  "a Response that was read": async () => {
    const response = new Response("x");
    await response.text();
    return response;
  },
  "a Response whose body is locked": () => {
    const response = new Response("x");
    response.body?.getReader();
    return response;
  },
};

/** Base64 as keys and signatures are, of nothing. */
const key = `${"Ab+/".repeat(21)}Ag==`;
const token = `sv=2026-10-06&sp=r&se=2099-01-01T00:00:00Z&sig=${"Ab+/".repeat(10)}AgE=`;
const silent = /^(?!.*(Ab\+\/|sig=(?!REDACTED)))/s;

/** What is said of a secret that stands in the wrong place: that something is wrong there, and nothing of it. */
const misplaced: readonly Row[] = [
  [
    "a whole SAS URL as path",
    create(`https://a.file.core.windows.net/s/f?${token}`),
    "TypeError",
    /^path component 1, REDACTED, has ":" at index 5/,
  ],
  ["a SAS as path", create(token), "TypeError", silent],
  ["a SAS as share", inShareNamed(token), "TypeError", /^share is REDACTED/],
  ["a key as share", inShareNamed(key), "TypeError", /^share is REDACTED/],
  ["a SAS as metadata", withMetadata({ [token]: "a" }), "TypeError", silent],
  ["a key as metadata", withMetadata({ [key]: "a" }), "TypeError", silent],
  [
    "a SAS as size",
    (connection) => files.create(connection, { path: "a", size: token as unknown as number }),
    "RangeError",
    /^size is REDACTED/,
  ],
];

const rows: readonly Row[] = [
  ...paths,
  ...misplaced,
  ...numbers,
  ...others,
  ...Object.entries(used).map(([what, body]): Row => [
    what,
    async (connection) => upload(connection, { path: "a", body: await body() }),
    "TypeError",
    /locked or already read/,
  ]),
  [
    "a stream that is locked and said to be long",
    async (connection) => upload(connection, { path: "a", body: (await used["a stream that is locked"]?.()) as UploadBody, size: 10 }),
    "TypeError",
  ],
  [
    "bytes of another size than said",
    (connection) =>
      upload(connection, { path: "a", body: bytesOf(10), size: 11 }).catch((error: Error) => Promise.reject(new TypeError(error.name))),
    "TypeError",
    /IntegrityError/,
  ],
];

export const badInputCases: readonly Case[] = refused(rows);
