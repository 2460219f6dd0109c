/** Security descriptors stored with shares. */
import { AzureFilesClient } from "azure-files";
import * as files from "azure-files/files";
import * as shares from "azure-files/shares";
import { type Case, inShare } from "./case.js";
import { equal, ok, rejects } from "./check.js";

const SDDL = "O:BAG:BAD:(A;;FA;;;SY)(A;;FA;;;BA)(A;;0x1200a9;;;BU)";

export const permissionCases: readonly Case[] = [
  inShare("shares.createPermission stores a descriptor, which shares.getPermission reads", async ({ connection }) => {
    const { permissionKey = "", requestId } = await shares.createPermission(connection, { permission: SDDL });
    ok(/^\d+\*\d+$/.test(permissionKey), permissionKey);
    ok(requestId, "request id");
    equal((await shares.createPermission(connection, { permission: SDDL })).permissionKey, permissionKey, "the same one has the same key");
    const got = await new AzureFilesClient(connection).shares.getPermission({ permissionKey });
    equal(got.permission.replace("S:NO_ACCESS_CONTROL", ""), SDDL);
    ok(got.requestId, "request id of the read");
  }),

  inShare("a descriptor in its binary form is the same as in words", async ({ connection }) => {
    const { permissionKey = "" } = await shares.createPermission(connection, { permission: SDDL });
    const binary = await shares.getPermission(connection, { permissionKey, permissionFormat: "Binary" });
    ok(/^[A-Za-z0-9+/]+=*$/.test(binary.permission), binary.permission);
    const again = await shares.createPermission(connection, { permission: binary.permission, permissionFormat: "Binary" });
    equal(again.permissionKey, permissionKey);
    const words = await shares.getPermission(connection, { permissionKey, permissionFormat: "Sddl" });
    equal(words.permission.replace("S:NO_ACCESS_CONTROL", ""), SDDL);
  }),

  inShare("files take a descriptor by its key", async ({ connection }) => {
    const { permissionKey = "" } = await shares.createPermission(connection, { permission: SDDL });
    const made = await files.create(connection, { path: "a", size: 0, smb: { permissionKey } });
    equal(made.permissionKey, permissionKey);
    equal((await files.getProperties(connection, { path: "a" })).permissionKey, permissionKey);
  }),

  inShare(
    "shares.createPermission refuses what is no descriptor, shares.getPermission what is no key",
    async ({ connection, newShareName }) => {
      await rejects(shares.createPermission(connection, { permission: "everybody" }), {
        name: "ServiceError",
        status: 400,
        code: "FileInvalidPermission",
      });
      const unknown = { name: "ServiceError", status: 400, code: "FileInvalidPermissionKey" };
      await rejects(shares.getPermission(connection, { permissionKey: "1*1" }), unknown);
      const missing = { name: "ServiceError", status: 404, code: "ShareNotFound" };
      await rejects(shares.createPermission(connection, { share: newShareName(), permission: SDDL }), missing);
      await rejects(shares.getPermission(connection, { share: newShareName(), permissionKey: "1*1" }), missing);
    },
  ),
];
