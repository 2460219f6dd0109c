/**
 * The package in CommonJS: it is a module, and Node takes modules with `require` from version 22.12 on.
 *
 *     AZURE_STORAGE_CONNECTION_STRING=… node require.cjs inbox
 */
const { AzureFilesClient, fromConnectionString } = require("azure-files");
const { fromPath } = require("azure-files/node");

async function main([share]) {
  const connection = fromConnectionString(process.env.AZURE_STORAGE_CONNECTION_STRING ?? "", { share });
  const client = new AzureFilesClient(connection);
  await client.shares.createIfMissing();
  await client.streaming.upload({ path: "require.cjs", body: fromPath(__filename) });
  for await (const { kind, name, size } of client.directories.list()) {
    console.log(kind === "file" ? `${name}, ${size} bytes` : `${name}/`);
  }
}

main(process.argv.slice(2)).catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
