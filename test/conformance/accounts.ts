/** Operations on the file service itself. */
import { AzureFilesClient, derive, explain, sas } from "azure-files";
import * as account from "azure-files/account";
import * as directories from "azure-files/directories";
import * as files from "azure-files/files";
import { userDelegationSas } from "azure-files/sas";
import { type Case, inShare } from "./case.js";
import { deepEqual, equal, ok, rejects } from "./check.js";
import { all } from "./content.js";
import type { Context } from "./context.js";

const HOUR = 3_600_000;

/** A case that changes settings of the account, which are as they were afterwards. */
const changing = (name: string, body: (context: Context, before: account.ServiceProperties) => Promise<void>): Case => ({
  name,
  async run(context) {
    const connection = context.connect();
    const before = await account.getProperties(connection);
    try {
      await body(context, before);
    } finally {
      const { cors, hourMetrics, minuteMetrics, smbEncryptionInTransit, nfsEncryptionInTransit } = before;
      await account.setProperties(connection, { cors, hourMetrics, minuteMetrics, smbEncryptionInTransit, nfsEncryptionInTransit });
    }
  },
});

export const accountCases: readonly Case[] = [
  changing("account.setProperties adds a rule for pages of another origin, and takes it away", async (context, before) => {
    const connection = context.connect();
    const rule: account.CorsRule = {
      allowedOrigins: ["https://a.example", "https://b.example"],
      allowedMethods: ["GET", "PUT"],
      allowedHeaders: ["x-ms-meta-*"],
      exposedHeaders: ["ETag"],
      maxAgeInSeconds: 5,
    };
    const set = await account.setProperties(connection, { cors: [...before.cors, rule] });
    ok(set.requestId, "request id");
    const after = await account.getProperties(connection);
    ok(after.requestId, "request id of the read");
    deepEqual(after.cors, [...before.cors, rule]);
    deepEqual({ ...after, cors: 0, requestId: 0 }, { ...before, cors: 0, requestId: 0 }, "what was not said");
    await account.setProperties(connection, { cors: before.cors });
    deepEqual((await account.getProperties(connection)).cors, before.cors);
  }),

  changing("account.setProperties changes statistics by the hour, and leaves those by the minute", async (context, before) => {
    const client = new AzureFilesClient(context.connect());
    await client.account.setProperties({ hourMetrics: { enabled: true, includeApis: true, retentionDays: 365 } });
    const after = await client.account.getProperties();
    deepEqual(after.hourMetrics, { version: "1.0", enabled: true, includeApis: true, retentionDays: 365 });
    deepEqual(after.minuteMetrics, before.minuteMetrics);
    deepEqual(after.cors, before.cors);
    await client.account.setProperties({ hourMetrics: { enabled: false } });
    const { hourMetrics } = await client.account.getProperties();
    deepEqual(hourMetrics, { version: "1.0", enabled: false });
  }),

  changing("account.setProperties says whether mounts must encrypt", async (context) => {
    const connection = context.connect();
    await account.setProperties(connection, { smbEncryptionInTransit: true, nfsEncryptionInTransit: true });
    const on = await account.getProperties(connection);
    deepEqual([on.smbEncryptionInTransit, on.nfsEncryptionInTransit], [true, true]);
    await account.setProperties(connection, { smbEncryptionInTransit: false });
    const half = await account.getProperties(connection);
    deepEqual([half.smbEncryptionInTransit, half.nfsEncryptionInTransit], [false, true]);
    await account.setProperties(connection, { nfsEncryptionInTransit: false });
  }),

  {
    name: "account.setProperties is refused what the service does not know, and changes nothing",
    async run(context) {
      const connection = context.connect();
      const before = await account.getProperties(connection);
      const rule = { allowedOrigins: ["*"], allowedMethods: ["BREW"], allowedHeaders: [], exposedHeaders: [], maxAgeInSeconds: 5 };
      await rejects(account.setProperties(connection, { cors: [rule] }), {
        name: "ServiceError",
        status: 400,
        code: "InvalidXmlNodeValue",
      });
      deepEqual((await account.getProperties(connection)).cors, before.cors);
    },
  },

  inShare("account.getProperties and its like are for the account only", async (space) => {
    const connection = derive(space.connection, { credential: sas(await space.serviceToken({ share: space.share })) });
    const error = await rejects(account.getProperties(connection), { name: "ServiceError", status: 403 });
    ok(/token is for a share/.test(explain(error) ?? ""), explain(error) ?? "explained");
    await rejects(account.setProperties(connection, { cors: [] }), { name: "ServiceError", status: 403 });
  }),

  {
    name: "account.getUserDelegationKey is for bearer tokens only",
    async run(context) {
      const connection = derive(context.connect(), { credential: sas(await context.accountToken()), retry: false });
      const expiresOn = new Date(context.now() + HOUR);
      const ask = account.getUserDelegationKey(connection, { expiresOn });
      const error = await rejects(ask, { name: "ServiceError", status: 403 });
      ok(/No SAS is good for/.test(explain(error) ?? ""), explain(error) ?? "explained");
    },
    needs: ["post"],
  },

  inShare(
    "account.getUserDelegationKey gives a key that signs tokens",
    async (space) => {
      const { share } = space;
      const [startsOn, expiresOn] = [new Date(space.now() - 60_000), new Date(space.now() + HOUR)];
      const key = await account.getUserDelegationKey(space.bearer(), { startsOn, expiresOn });
      ok(key.requestId, "request id");
      equal(key.signedService, "f");
      equal(key.signedStart, startsOn.toISOString().replace(/\.\d+/, ""));
      equal(key.signedExpiry, expiresOn.toISOString().replace(/\.\d+/, ""));
      ok(key.signedOid && key.signedTid && key.signedVersion && key.value, "all of the key");

      const path = "a.txt";
      await files.write(space.connection, { path, body: "hello" });
      const common = { account: space.account, key, share, expiresOn, protocol: "https,http" } as const;
      const reader = derive(space.connection, { credential: sas(await userDelegationSas({ ...common, permissions: "rl" })) });
      equal(await (await files.read(reader, { path })).text(), "hello");
      equal((await all(directories.list(reader))).length, 1);
      const error = await rejects(files.delete(reader, { path }), {
        name: "ServiceError",
        status: 403,
        code: "AuthorizationPermissionMismatch",
      });
      equal(explain(error), 'Delete File needs "d" (delete), and the token allows "r" (read) and "l" (list) (sp=rl).');

      const one = derive(space.connection, { credential: sas(await userDelegationSas({ ...common, path, permissions: "w" })) });
      await files.putRange(one, { path, offset: 0, body: "H" });
      await rejects(files.putRange(one, { path: "b.txt", offset: 0, body: "H" }), { name: "ServiceError", status: 403 });
      const forged = { ...common, key: { ...key, value: btoa("0".repeat(32)) }, permissions: "r" };
      const wrong = derive(space.connection, { credential: sas(await userDelegationSas(forged)) });
      await rejects(files.getProperties(wrong, { path }), { name: "ServiceError", status: 403, code: "AuthenticationFailed" });
    },
    ["bearer"],
  ),

  inShare(
    "a bearer token does what the account's key does",
    async (space) => {
      const connection = space.bearer({ share: space.share });
      await directories.create(connection, { path: "a" });
      await files.write(connection, { path: "a/b.txt", body: "hello" });
      equal(await (await files.read(connection, { path: "a/b.txt" })).text(), "hello");
    },
    ["bearer"],
  ),
];
