/**
 * A Bun script that sends a file and shows how far it is. Ended and started again, it goes on where it stood.
 *
 *     export AZURE_STORAGE_CONNECTION_STRING=…
 *     bun bun-send.ts video.mp4 inbox/video.mp4
 *
 * The first name of the place is the share.
 */
import { fromConnectionString } from "azure-files";
import { createIfMissing } from "azure-files/shares";
import { crc64, upload } from "azure-files/streaming";

const [from, place = ""] = Bun.argv.slice(2);
const [share, ...names] = place.split("/");
if (from === undefined || names.length === 0) {
  console.error("say a file and a place: bun-send.ts video.mp4 inbox/video.mp4");
  process.exit(2);
}
const connection = fromConnectionString(process.env.AZURE_STORAGE_CONNECTION_STRING ?? "", { share });
await createIfMissing(connection);

const { size } = await upload(connection, {
  path: names.join("/"),
  body: Bun.file(from), // a Blob: its ranges are read from the disk when they are sent
  resume: "restart", // and begins anew where the file changed
  checksum: crc64(), // each range is refused unless it arrives as it was sent
  onProgress: ({ transferred, total = 0 }) => {
    process.stdout.write(`\r${total === 0 ? 100 : Math.floor((100 * transferred) / total)} %`);
  },
});
console.log(`\r${place} has ${size} bytes`);
