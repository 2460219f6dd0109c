/** What holds in a page that reaches the service through the account's CORS rule: the emulator's default one, a careful account's. */
import { derive, isTransportError, sharedKey } from "azure-files";
import * as files from "azure-files/files";
import * as shares from "azure-files/shares";
import { download } from "azure-files/streaming";
import { type Case, inShare } from "./case.js";
import { deepEqual, equal, ok, rejects, sameBytes } from "./check.js";
import { bytesOf } from "./content.js";

const path = "file.bin";

export const corsCases: readonly Case[] = [
  inShare(
    "a download through the careful rule can check everything",
    async ({ connection }) => {
      const body = bytesOf(3000);
      await files.write(connection, { path, body });
      const found = await download(connection, { path, rangeSize: 512 });
      deepEqual(found.unchecked, []);
      ok(found.etag, "ETag is exposed");
      sameBytes(await found.bytes(), body);
    },
    ["cors"],
  ),

  inShare(
    "a refusal through the careful rule tells its code and request id",
    async ({ connection }) => {
      const error = await rejects(files.getProperties(connection, { path }), {
        name: "ServiceError",
        status: 404,
        code: "ResourceNotFound",
      });
      ok(error["requestId"], "a request id");
    },
    ["cors"],
  ),

  inShare(
    "setProperties through the careful rule wants what the page cannot see",
    async ({ connection, wire }) => {
      await files.create(connection, { path, size: 0, content: { disposition: "inline" } });
      wire.clear();
      await rejects(files.setProperties(connection, { path, content: { type: "text/plain" } }), {
        name: "TypeError",
        message: /content\.disposition/,
      });
      equal(wire.count("Set File Properties"), 0);
      await files.setProperties(connection, { path, content: { type: "text/plain", encoding: "", disposition: "inline", md5: "" } });
      equal((await files.getProperties(connection, { path })).content.type, "text/plain");
    },
    ["cors"],
  ),

  inShare(
    "a header that the rule does not allow is told as a failure of the network that may be CORS",
    async (space) => {
      if (space.capabilities.includes("sharedKey")) return;
      const credential = sharedKey({ account: space.account, key: space.key, dangerouslyAllowBrowser: true });
      const error = await rejects(shares.getProperties(derive(space.connection, { credential, retry: false })), {
        name: "TransportError",
        reason: "network",
        message: /CORS/,
      });
      ok(isTransportError(error, "network"), "the guard knows it");
    },
    ["cors"],
  ),
];
