/** Policies stored with shares, and tokens that name them. */
import { AzureFilesClient, derive, explain, sas } from "azure-files";
import * as files from "azure-files/files";
import * as shares from "azure-files/shares";
import { type Case, inShare } from "./case.js";
import { deepEqual, equal, ok, rejects } from "./check.js";

export const accessPolicyCases: readonly Case[] = [
  inShare(
    "shares.setAccessPolicy replaces all policies, which shares.getAccessPolicy reads",
    async ({ connection, newShareName }) => {
      deepEqual((await shares.getAccessPolicy(connection)).policies, []);
      const policies = [
        {
          id: "first & <best>",
          startsOn: new Date("2026-01-01T00:00:00Z"),
          expiresOn: "2100-01-01T00:00:00.1234567Z",
          permissions: "rcwdl",
        },
        { id: "second" },
      ];
      const set = await shares.setAccessPolicy(connection, { policies });
      ok(set.etag && set.lastModified && set.requestId, "etag, time and request id");
      const got = await shares.getAccessPolicy(connection);
      deepEqual(got.policies, [
        {
          id: "first & <best>",
          startsOn: "2026-01-01T00:00:00.0000000Z",
          expiresOn: "2100-01-01T00:00:00.1234567Z",
          permissions: "rcwdl",
        },
        { id: "second" },
      ]);
      equal(got.etag, set.etag);
      ok(got.requestId, "request id");
      // What was read can be written as it is, and a single one is a list, too.
      await shares.setAccessPolicy(connection, { policies: got.policies.slice(0, 1) });
      deepEqual((await new AzureFilesClient(connection).shares.getAccessPolicy()).policies, got.policies.slice(0, 1));
      await shares.setAccessPolicy(connection, { policies: [] });
      deepEqual((await shares.getAccessPolicy(connection)).policies, []);
      const missing = { name: "ServiceError", status: 404, code: "ShareNotFound" };
      await rejects(shares.getAccessPolicy(connection, { share: newShareName() }), missing);
      await rejects(shares.setAccessPolicy(connection, { share: newShareName(), policies: [] }), missing);
    },
    ["sharedKey"],
  ),

  inShare(
    "a token that names a policy is good for what the policy says, until it is taken away",
    async (space) => {
      const { connection, share } = space;
      await files.write(connection, { path: "a", body: "hello" });
      await shares.setAccessPolicy(connection, { policies: [{ id: "readers", expiresOn: "2100-01-01", permissions: "r" }] });
      const credential = sas(await space.serviceToken({ share, identifier: "readers" }));
      const reader = derive(connection, { credential, retry: false });
      equal(await (await files.read(reader, { path: "a" })).text(), "hello");
      const refused = await rejects(files.delete(reader, { path: "a" }), {
        name: "ServiceError",
        status: 403,
        code: "AuthorizationPermissionMismatch",
      });
      equal(explain(refused), 'Delete File needs "d" (delete), which the stored policy "readers" (si) does not allow.');
      await shares.setAccessPolicy(connection, { policies: [] });
      const withdrawn = await rejects(files.read(reader, { path: "a" }), {
        name: "ServiceError",
        status: 403,
        code: "AuthenticationFailed",
      });
      ok(/its stored policy "readers" \(si\) was removed/.test(explain(withdrawn) ?? ""), "explained");
    },
    ["sharedKey"],
  ),

  inShare("no SAS reads or writes policies", async (space) => {
    const connection = derive(space.connection, { credential: sas(await space.accountToken()), retry: false });
    for (const attempt of [() => shares.getAccessPolicy(connection), () => shares.setAccessPolicy(connection, { policies: [] })]) {
      const error = await rejects(attempt(), { name: "ServiceError", status: 403 });
      ok((explain(error) ?? "").startsWith("No SAS is good for"), "explained");
    }
  }),

  inShare(
    "operations on policies refuse a lease that is not there",
    async ({ connection }) => {
      const leaseId = "11111111-2222-3333-4444-555555555555";
      const expected = { name: "ServiceError", status: 412, code: "LeaseNotPresentWithContainerOperation" };
      await rejects(shares.getAccessPolicy(connection, { leaseId }), expected);
      await rejects(shares.setAccessPolicy(connection, { policies: [], leaseId }), expected);
    },
    ["sharedKey"],
  ),
];
