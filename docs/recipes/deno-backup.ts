/**
 * A Deno script that keeps a folder in a share, and brings it back.
 *
 *     export AZURE_STORAGE_CONNECTION_STRING=…
 *     deno run --allow-env --allow-net --allow-read deno-backup.ts up ./photos backups/photos
 *     deno run --allow-env --allow-net --allow-write deno-backup.ts down ./photos backups/photos
 *
 * The first name of the place is the share; what is there of the same name is written anew.
 */
import { AzureFilesClient, fromConnectionString } from "azure-files";

const [direction, folder, place] = Deno.args;
if ((direction !== "up" && direction !== "down") || folder === undefined || place === undefined) {
  console.error("say up or down, a folder, and a place: deno-backup.ts up ./photos backups/photos");
  Deno.exit(2);
}
const [share = "", ...directories] = place.split("/");
const connection = fromConnectionString(Deno.env.get("AZURE_STORAGE_CONNECTION_STRING") ?? "", { share });
const client = new AzureFilesClient(connection);
let [files, bytes] = [0, 0];

/** Sends a folder with all that is below it. */
async function up(folder: string, directory: string): Promise<void> {
  if (directory !== "") await client.directories.create({ path: directory, recursive: true });
  for await (const { name, isDirectory, isFile } of Deno.readDir(folder)) {
    const [from, to] = [`${folder}/${name}`, directory === "" ? name : `${directory}/${name}`];
    if (isDirectory) await up(from, to);
    if (!isFile) continue;
    const file = await Deno.open(from);
    const { size } = await file.stat();
    // The stream is read as fast as it is sent, and closes the file at its end.
    await client.streaming.upload({ path: to, body: file.readable, size });
    count(to, size);
  }
}

/** Fetches a directory with all that is below it. */
async function down(folder: string, directory: string): Promise<void> {
  await Deno.mkdir(folder, { recursive: true });
  for await (const { kind, name } of client.directories.list({ path: directory })) {
    const [to, from] = [`${folder}/${name}`, directory === "" ? name : `${directory}/${name}`];
    if (kind === "directory") {
      await down(to, from);
      continue;
    }
    const { body, size } = await client.streaming.download({ path: from });
    await Deno.writeFile(to, body);
    count(from, size);
  }
}

function count(path: string, size: number): void {
  files++;
  bytes += size;
  console.log(`${direction} ${path} (${size} bytes)`);
}

if (direction === "up") await client.shares.createIfMissing();
await (direction === "up" ? up : down)(folder, directories.join("/"));
console.log(`${files} files, ${bytes} bytes`);
