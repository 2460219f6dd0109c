// What is measured, the sink that it needs, and the bounds: `bound`, ratios to the official package, or to another contestant of `against`; `most`, figures of ours, in MiB. A Shared Key
// signs with `key: true`, otherwise there is a SAS; with `page: true` it runs in Chromium.
const GIB = 1024 ** 3;
const noLimit = ["node-http"];

export const workloads = {
  "upload-c4": {
    title: "upload 1 GiB from memory, 4 at once",
    bound: { cpu: 0.95, wall: 0.95 },
    prepare: () => new Uint8Array(GIB).fill(7),
    run: (client, bytes) => client.upload(bytes, 4),
  },
  "upload-stream-c4": {
    title: "upload 1 GiB from a stream, 4 at once",
    bound: { cpu: 0.42, wall: 0.5 },
    run: (client) => client.uploadIterable(GIB, 4),
  },
  "upload-web-stream-c4": {
    title: "upload 1 GiB from a WHATWG stream, 4 at once",
    run: (client) => client.uploadStream(GIB, 4),
  },
  "download-c4": {
    title: "download 1 GiB into memory, 4 at once",
    bound: { cpu: 0.82, wall: 0.9 },
    run: (client) => client.download(GIB, 4),
  },
  "download-stream": {
    title: "download 1 GiB as one stream, near",
    bound: { cpu: 0.92, wall: 0.95 },
    run: (client) => client.downloadStream(),
  },
  "download-stream-far": {
    title: "download 154 MiB as one stream from a far service (20 ms, 60 MiB/s a connection)",
    bound: { cpu: 1, wall: 0.33 },
    sink: { latency: 20, rate: 60, size: 154 * 1024 ** 2 },
    run: (client) => client.downloadStream(),
  },
  "head-seq": {
    title: "5,000 getProperties one after another, SAS",
    bound: { cpu: 0.7, wall: 0.85 },
    run: (client) => client.properties(5000, 1),
  },
  "head-seq-key": {
    title: "5,000 getProperties one after another, Shared Key",
    bound: { cpu: 0.9, wall: 1 },
    key: true,
    without: noLimit,
    run: (client) => client.properties(5000, 1),
  },
  "head-seq-listened": {
    title: "5,000 getProperties one after another, to nobody who listens, one who counts and one who logs",
    bound: { cpu: 1.25 },
    against: "azure-files",
    contestants: ["azure-files-counted", "azure-files-logged"],
    run: (client) => client.properties(5000, 1),
  },
  "head-c16": { title: "5,000 getProperties, 16 at once", bound: { cpu: 0.6, wall: 0.6 }, run: (client) => client.properties(5000, 16) },
  "head-seq-tls": {
    title: "5,000 getProperties one after another, over TLS",
    bound: { cpu: 0.65, wall: 0.75 },
    sink: { tls: true },
    run: (client) => client.properties(5000, 1),
  },
  list: {
    title: "list 50,000 entries with all properties",
    bound: { cpu: 0.15, wall: 0.15, rss: 0.45 },
    without: noLimit,
    run: (client) => client.list(),
  },
  "rss-upload": { title: "upload a stream of 2 GiB, memory", most: { rss: 130 }, run: (client) => client.uploadIterable(2 * GIB, 4) },
  "rss-download": {
    title: "download 2 GiB as one stream, memory",
    most: { rss: 190 },
    sink: { size: 2 * GIB },
    run: (client) => client.downloadStream(),
  },
  import: { title: "first import in a new process", bound: { wall: 0.4 }, without: noLimit },
  "page-upload": { title: "upload 1 GiB in a page of Chromium", bound: { wall: 1 }, page: true, sink: { pages: true }, without: noLimit },
  "page-download": {
    title: "download 1 GiB in a page of Chromium",
    bound: { wall: 1 },
    page: true,
    sink: { pages: true },
    without: noLimit,
  },
};
