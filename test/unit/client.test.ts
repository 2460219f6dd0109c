import { describe, expect, it } from "vitest";
import { AzureFilesClient } from "../../src/client.js";
import * as directories from "../../src/services/directories.js";
import * as files from "../../src/services/files.js";
import * as shares from "../../src/services/shares.js";
import * as streaming from "../../src/streaming/index.js";
import { ending, wired } from "./wire-double.js";

const endpoint = "https://account.file.core.windows.net";

describe("the client", () => {
  it("has every operation of every module, and nothing else", () => {
    const client = new AzureFilesClient({ endpoint });
    for (const [name, module] of Object.entries({ shares, directories, files, streaming })) {
      const bound = client[name as "shares"] as object;
      expect(Object.keys(bound).sort()).toEqual(Object.keys(module).sort());
      expect(Object.values(bound).every((operation) => typeof operation === "function")).toBe(true);
      expect(Object.isFrozen(bound)).toBe(true);
    }
    expect(Object.isFrozen(client)).toBe(true);
  });

  it("sends through its connection, also with an operation taken off it", async () => {
    const { wire, connection } = wired();
    const client = new AzureFilesClient(connection);
    expect(client.connection).toBe(connection);
    const { getProperties } = client.files;
    const end = ending(getProperties({ path: "a.txt" }));
    expect((await wire.nextRequest()).url).toBe(`${endpoint}/share/a.txt`);
    wire.respond(200, { "content-length": "5" });
    expect(await end).toMatchObject({ size: 5 });
    const list = client.shares.list()[Symbol.asyncIterator]().next();
    expect((await wire.nextRequest()).operation).toBe("List Shares");
    wire.respond(200, {}, "<EnumerationResults><Shares /></EnumerationResults>");
    expect(await list).toEqual({ done: true, value: undefined });
  });

  it("gives uploads with their state, and downloads", async () => {
    const { wire, connection } = wired();
    const work = new AzureFilesClient(connection).streaming.upload({ path: "a.txt", body: "" });
    expect(work.state.phase).toBe("init");
    await wire.nextRequest();
    wire.respond(201);
    expect(await work).toMatchObject({ path: "a.txt", size: 0 });
  });

  it("derives others and stays as it is", () => {
    const client = new AzureFilesClient({ endpoint, share: "share" });
    const other = client.with({ share: "other" });
    expect([client.connection.share, other.connection.share, other.connection.endpoint]).toEqual(["share", "other", endpoint]);
    expect(other).toBeInstanceOf(AzureFilesClient);
  });

  it("is made from a connection string and from a URL", () => {
    expect(AzureFilesClient.fromConnectionString("UseDevelopmentStorage=true", { share: "share" }).connection).toMatchObject({
      share: "share",
      credential: { kind: "sharedKey" },
    });
    expect(AzureFilesClient.fromUrl(`${endpoint}/share/a?sv=1&se=2030-01-01&sig=b`).connection).toMatchObject({
      path: "a",
      credential: { kind: "sas" },
    });
    expect(() => new AzureFilesClient({ endpoint: "no" })).toThrow(TypeError);
  });
});
