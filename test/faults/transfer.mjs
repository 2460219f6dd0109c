// A process that moves one file and may be killed at any time: `node transfer.mjs up|down SAS_URL LOCAL_PATH`.
import { fromUrl } from "azure-files";
import { fromPath, toPath } from "azure-files/node";
import { downloadTo, upload } from "azure-files/streaming";

const [, , direction, url, path] = process.argv;
const connection = fromUrl(url);
const options = { rangeSize: 65_536, concurrency: 4 };
const onProgress = ({ transferred }) => process.stdout.write(`${transferred}\n`);
if (direction === "up") await upload(connection, { body: fromPath(path), resume: true, onProgress, ...options });
else await downloadTo(connection, { to: toPath(path), onProgress, ...options });
