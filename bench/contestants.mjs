// Who is measured. Each contestant does the same work by its own means: the functions a user of it would call first.
import { Agent as HttpAgent, request as httpRequest } from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import { Readable } from "node:stream";

const RANGE = 4 * 1024 ** 2;

/** Pieces of 64 KiB, the same memory each time, as a source that costs nothing. */
function* pieces(bytes) {
  const piece = Buffer.alloc(65536, "source ");
  for (let left = bytes; left > 0; left -= piece.length) yield left < piece.length ? piece.subarray(0, left) : piece;
}

/** Runs `task` for 0 to `count` - 1, some at once. */
async function several(count, atOnce, task) {
  let next = 0;
  const work = async () => {
    while (next < count) await task(next++);
  };
  await Promise.all(Array.from({ length: atOnce }, work));
}

/** This package. */
async function azureFiles({ endpoint, account, key, sasToken, transport, listeners }) {
  const { connect, observe, sas, sharedKey } = await import("azure-files");
  const { upload, download } = await import("azure-files/streaming");
  const { getProperties } = await import("azure-files/files");
  const { list } = await import("azure-files/directories");
  const credential = key === undefined ? sas(sasToken) : sharedKey({ account, key });
  const connection = connect({
    endpoint,
    share: "share",
    credential,
    ...(transport ? { transport } : {}),
    ...(listeners ? { telemetry: observe(...(await listeners())) } : {}),
  });
  const path = "file.bin";
  return {
    upload: (bytes, concurrency) => upload(connection, { path, body: bytes, concurrency }),
    uploadStream: (size, concurrency) => upload(connection, { path, body: Readable.toWeb(Readable.from(pieces(size))), size, concurrency }),
    uploadIterable: (size, concurrency) => upload(connection, { path, body: Readable.from(pieces(size)), size, concurrency }),
    download: async (size, concurrency) => (await (await download(connection, { path, concurrency })).bytes()).length,
    async downloadStream() {
      const { body } = await download(connection, { path });
      let total = 0;
      const reader = body.getReader();
      for (let next = await reader.read(); !next.done; next = await reader.read()) total += next.value.length;
      return total;
    },
    properties: (count, atOnce) => several(count, atOnce, () => getProperties(connection, { path })),
    async list() {
      let count = 0;
      for await (const page of list(connection, { path: "", include: ["timestamps", "etag", "attributes", "permissionKey"] }).pages()) {
        for (const entry of page.entries) if (entry.name !== "") count++;
      }
      return count;
    },
  };
}

/** The least that a listener can do. */
async function counting() {
  let events = 0;
  return [() => void events++];
}

/** A line of JSON for each call, that nobody writes anywhere. */
async function logging() {
  const { logger } = await import("azure-files");
  let size = 0;
  return [logger({ write: (line) => void (size += line.length) })];
}

/** Microsoft's package. */
async function azureSdk({ endpoint, account, key, sasToken }) {
  const { AnonymousCredential, ShareServiceClient, StorageSharedKeyCredential } = await import("@azure/storage-file-share");
  const service =
    key === undefined
      ? new ShareServiceClient(`${endpoint}?${sasToken}`, new AnonymousCredential())
      : new ShareServiceClient(endpoint, new StorageSharedKeyCredential(account, key));
  const root = service.getShareClient("share").rootDirectoryClient;
  const file = root.getFileClient("file.bin");
  const uploadStream = async (size, concurrency) => {
    await file.create(size);
    await file.uploadStream(Readable.from(pieces(size)), size, RANGE, concurrency);
  };
  return {
    upload: (bytes, concurrency) => file.uploadData(Buffer.from(bytes.buffer), { concurrency, rangeSize: RANGE }),
    uploadStream,
    uploadIterable: uploadStream,
    download: async (size, concurrency) => (await file.downloadToBuffer(0, size, { concurrency, rangeSize: RANGE })).length,
    async downloadStream() {
      const { readableStreamBody } = await file.download();
      let total = 0;
      for await (const chunk of readableStreamBody) total += chunk.length;
      return total;
    },
    properties: (count, atOnce) => several(count, atOnce, () => file.getProperties()),
    async list() {
      let count = 0;
      const pages = root
        .listFilesAndDirectories({
          includeTimestamps: true,
          includeEtag: true,
          includeAttributes: true,
          includePermissionKey: true,
          includeExtendedInfo: true,
        })
        .byPage();
      for await (const page of pages) for (const entry of page.segment.fileItems) if (entry.name !== "") count++;
      return count;
    },
  };
}

/** Node's HTTP client and nothing else: the limit of an ordinary Node client. SAS only. */
async function nodeHttp({ endpoint, sasToken }) {
  const secure = endpoint.startsWith("https:");
  const agent = new (secure ? HttpsAgent : HttpAgent)({ keepAlive: true });
  const request = secure ? httpsRequest : httpRequest;
  const send = (method, query, headers, body, take) =>
    new Promise((done, fail) => {
      const url = `${endpoint}/share/file.bin?${query}${sasToken}`;
      const outgoing = request(url, { method, agent, headers: { "x-ms-version": "2026-10-06", ...headers } }, (answer) => {
        answer
          .on("data", take ?? (() => undefined))
          .on("end", done)
          .on("error", fail);
      });
      outgoing.on("error", fail).end(body);
    });
  const put = (offset, body) =>
    send(
      "PUT",
      "comp=range&",
      { "x-ms-write": "update", "x-ms-range": `bytes=${offset}-${offset + body.length - 1}`, "content-length": body.length },
      body,
    );
  const get = (start, end, take) => send("GET", "", { "x-ms-range": `bytes=${start}-${end}` }, undefined, take);
  const create = (size) => send("PUT", "", { "x-ms-type": "file", "x-ms-content-length": size, "content-length": 0 });
  async function uploadStream(size, concurrency) {
    await create(size);
    const free = Array.from({ length: concurrency }, () => Buffer.allocUnsafe(RANGE));
    const underWay = new Set();
    let offset = 0;
    let [buffer, filled] = [free.pop(), 0];
    const flush = async () => {
      const [full, at] = [buffer, offset];
      const sent = put(at, full.subarray(0, filled)).then(() => {
        underWay.delete(sent);
        free.push(full);
      });
      underWay.add(sent);
      offset += filled;
      if (free.length === 0) await Promise.race(underWay);
      [buffer, filled] = [free.pop(), 0];
    };
    for await (const piece of Readable.from(pieces(size))) {
      filled += piece.copy(buffer, filled);
      if (filled === RANGE) await flush();
    }
    if (filled > 0) await flush();
    await Promise.all(underWay);
  }
  return {
    async upload(bytes, concurrency) {
      await create(bytes.length);
      await several(Math.ceil(bytes.length / RANGE), concurrency, (index) =>
        put(index * RANGE, bytes.subarray(index * RANGE, (index + 1) * RANGE)),
      );
    },
    uploadStream,
    uploadIterable: uploadStream,
    async download(size, concurrency) {
      const bytes = Buffer.allocUnsafe(size);
      await several(Math.ceil(size / RANGE), concurrency, (index) => {
        let at = index * RANGE;
        return get(at, Math.min(size, at + RANGE) - 1, (chunk) => (at += chunk.copy(bytes, at)));
      });
      return size;
    },
    async downloadStream() {
      let total = 0;
      await send("GET", "", {}, undefined, (chunk) => (total += chunk.length));
      return total;
    },
    properties: (count, atOnce) => several(count, atOnce, () => send("HEAD", "", {})),
    list: undefined,
  };
}

/** By the name that the command line uses. */
export const contestants = {
  "azure-files": azureFiles,
  "azure-files-fetch": (options) => azureFiles({ ...options, transport: "fetch" }),
  "azure-files-counted": (options) => azureFiles({ ...options, listeners: counting }),
  "azure-files-logged": (options) => azureFiles({ ...options, listeners: logging }),
  "azure-sdk": azureSdk,
  "node-http": nodeHttp,
};

/** What its user imports. */
export const packages = { "azure-files": "azure-files", "azure-files-fetch": "azure-files", "azure-sdk": "@azure/storage-file-share" };
