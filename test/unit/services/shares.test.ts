/** Shares: what each setting is on the wire, and that every header and element of an answer comes out. */
import { describe, expect, it } from "vitest";
import * as shares from "../../../src/services/shares.js";
import type { Connection } from "../../../src/types/connection.js";
import { bytesOf, ending, wired } from "../wire-double.js";

const settings = {
  quotaGiB: 100,
  accessTier: "Glacier",
  rootSquash: "AllSquash",
  snapshotVirtualDirectoryAccess: false,
  smbDirectoryLease: true,
  paidBursting: { enabled: true, maxIops: 5000, maxBandwidthMibps: 0 },
  provisionedIops: 3000,
  provisionedBandwidthMibps: 125,
};
const settingHeaders = {
  "x-ms-share-quota": "100",
  "x-ms-access-tier": "Glacier",
  "x-ms-root-squash": "AllSquash",
  "x-ms-enable-snapshot-virtual-directory-access": "false",
  "x-ms-enable-smb-directory-lease": "true",
  "x-ms-share-paid-bursting-enabled": "true",
  "x-ms-share-paid-bursting-max-iops": "5000",
  "x-ms-share-paid-bursting-max-bandwidth-mibps": "0",
  "x-ms-share-provisioned-iops": "3000",
  "x-ms-share-provisioned-bandwidth-mibps": "125",
};
const basics = { etag: '"0x1"', "last-modified": "Thu, 01 Jan 2026 00:00:00 GMT", "x-ms-request-id": "id" };
const basicFacts = { etag: '"0x1"', lastModified: new Date("2026-01-01"), requestId: "id" };
const provisioning = {
  "x-ms-share-quota": "100",
  "x-ms-share-provisioned-iops": "3000",
  "x-ms-share-provisioned-bandwidth-mibps": "125",
  "x-ms-share-included-burst-iops": "10000",
  "x-ms-share-max-burst-credits-for-iops": "36000000",
};
const provisioningFacts = {
  quotaGiB: 100,
  provisionedIops: 3000,
  provisionedBandwidthMibps: 125,
  includedBurstIops: 10_000,
  maxBurstCreditsForIops: 36_000_000,
};
const downgrade = {
  "x-ms-share-next-allowed-quota-downgrade-time": "Fri, 02 Jan 2026 00:00:00 GMT",
  "x-ms-share-next-allowed-provisioned-iops-downgrade-time": "Sat, 03 Jan 2026 00:00:00 GMT",
  "x-ms-share-next-allowed-provisioned-bandwidth-downgrade-time": "Sun, 04 Jan 2026 00:00:00 GMT",
};
const downgradeFacts = {
  nextAllowedQuotaDowngradeTime: new Date("2026-01-02"),
  nextAllowedProvisionedIopsDowngradeTime: new Date("2026-01-03"),
  nextAllowedProvisionedBandwidthDowngradeTime: new Date("2026-01-04"),
};

/** One call and its answer: what was sent and what came of it. */
async function talk(
  call: (connection: Connection) => Promise<unknown>,
  status: number,
  headers: Record<string, string> = {},
  body: string | null = null,
): Promise<{ request: string; headers: Record<string, string>; body: string; result: unknown }> {
  const { wire, connection } = wired();
  const end = ending(call(connection));
  const request = await wire.nextRequest();
  wire.respond(status, headers, body);
  const result = await end;
  const { "x-ms-version": _, ...sent } = request.headers;
  return {
    request: `${request.operation}: ${request.method} ${request.url.replace("https://account.file.core.windows.net", "")}`,
    headers: sent,
    body: new TextDecoder().decode(await bytesOf(request.body)),
    result,
  };
}

describe("create, setProperties and restore", () => {
  it("say every setting, and tell every fact", async () => {
    const made = await talk((c) => shares.create(c, { ...settings, enabledProtocols: "SMB,NFS", metadata: { a: "b" } }), 201, {
      ...basics,
      ...provisioning,
    });
    expect(made).toEqual({
      request: "Create Share: PUT /share?restype=share",
      headers: { ...settingHeaders, "x-ms-enabled-protocols": "SMB,NFS", "x-ms-meta-a": "b" },
      body: "",
      result: { created: true, ...basicFacts, ...provisioningFacts },
    });
    const set = await talk((c) => shares.setProperties(c, { ...settings, leaseId: "lease" }), 200, {
      ...basics,
      ...provisioning,
      ...downgrade,
    });
    expect(set).toEqual({
      request: "Set Share Properties: PUT /share?restype=share&comp=properties",
      headers: { ...settingHeaders, "x-ms-lease-id": "lease" },
      body: "",
      result: { ...basicFacts, ...provisioningFacts, ...downgradeFacts },
    });
    const restored = await talk((c) => shares.restore(c, { deletedName: "old", deletedVersion: "01D9" }), 201, {
      ...basics,
      ...provisioning,
    });
    expect(restored).toEqual({
      request: "Restore Share: PUT /share?restype=share&comp=undelete",
      headers: { "x-ms-deleted-share-name": "old", "x-ms-deleted-share-version": "01D9" },
      body: "",
      result: { ...basicFacts, ...provisioningFacts },
    });
    const again = await talk((c) => shares.restore(c, { deletedVersion: "01D9" }), 201);
    expect(again.headers["x-ms-deleted-share-name"]).toBe("share");
  });

  it.each<[string, (connection: Connection) => Promise<unknown>, new () => Error]>([
    ["a quota of 0", (c) => shares.setProperties(c, { quotaGiB: 0 }), RangeError],
    ["half a GiB", (c) => shares.create(c, { quotaGiB: 0.5 }), RangeError],
    ["fewer than no operations a second", (c) => shares.setProperties(c, { provisionedIops: -1 }), RangeError],
    ["a burst that is no number", (c) => shares.create(c, { paidBursting: { maxIops: NaN } }), RangeError],
    ["a restore without a version", (c) => shares.restore(c, { deletedVersion: "" }), TypeError],
    ["six policies", (c) => shares.setAccessPolicy(c, { policies: Array.from({ length: 6 }, (_, at) => ({ id: `${at}` })) }), RangeError],
    ["a policy without id", (c) => shares.setAccessPolicy(c, { policies: [{ id: "" }] }), TypeError],
    ["an id of 65 characters", (c) => shares.setAccessPolicy(c, { policies: [{ id: "a".repeat(65) }] }), TypeError],
    ["an id that is there twice", (c) => shares.setAccessPolicy(c, { policies: [{ id: "a" }, { id: "a" }] }), TypeError],
    [
      "a policy that ends first",
      (c) => shares.setAccessPolicy(c, { policies: [{ id: "a", startsOn: "2027-01-01", expiresOn: "2026-01-01" }] }),
      RangeError,
    ],
    ["a policy that begins some day", (c) => shares.setAccessPolicy(c, { policies: [{ id: "a", startsOn: "some day" }] }), TypeError],
    ["no descriptor", (c) => shares.createPermission(c, { permission: "" }), TypeError],
    ["no key", (c) => shares.getPermission(c, { permissionKey: "" }), TypeError],
  ])("and their like refuse %s before the network", async (_what, call, type) => {
    const { wire, connection } = wired();
    expect(await ending(call(connection))).toBeInstanceOf(type);
    expect(wire.requests).toHaveLength(0);
  });
});

describe("getProperties", () => {
  const everything = {
    ...basics,
    ...provisioning,
    ...downgrade,
    "x-ms-meta-a": "b",
    "x-ms-access-tier": "Hot",
    "x-ms-access-tier-change-time": "Mon, 05 Jan 2026 00:00:00 GMT",
    "x-ms-access-tier-transition-state": "pending-from-transactionOptimized",
    "x-ms-enabled-protocols": "NFS",
    "x-ms-root-squash": "RootSquash",
    "x-ms-enable-snapshot-virtual-directory-access": "true",
    "x-ms-enable-smb-directory-lease": "false",
    "x-ms-share-paid-bursting-enabled": "true",
    "x-ms-share-paid-bursting-max-iops": "5000",
    "x-ms-share-paid-bursting-max-bandwidth-mibps": "10340",
    "x-ms-share-provisioned-ingress-mbps": "110",
    "x-ms-share-provisioned-egress-mbps": "120",
    "x-ms-lease-status": "locked",
    "x-ms-lease-state": "leased",
    "x-ms-lease-duration": "fixed",
    "x-ms-has-immutability-policy": "false",
    "x-ms-has-legal-hold": "true",
  };
  const facts = {
    ...provisioningFacts,
    ...downgradeFacts,
    accessTier: "Hot",
    accessTierChangeTime: new Date("2026-01-05"),
    accessTierTransitionState: "pending-from-transactionOptimized",
    enabledProtocols: "NFS",
    rootSquash: "RootSquash",
    snapshotVirtualDirectoryAccess: true,
    smbDirectoryLease: false,
    paidBursting: { enabled: true, maxIops: 5000, maxBandwidthMibps: 10_340 },
    provisionedIngressMbps: 110,
    provisionedEgressMbps: 120,
    leaseStatus: "locked",
    leaseState: "leased",
    leaseDuration: "fixed",
  };

  it("tells every fact, by GET or HEAD", async () => {
    const got = await talk((c) => shares.getProperties(c, { snapshot: "2026-01-01T00:00:00.0000000Z", leaseId: "lease" }), 200, everything);
    expect(got).toEqual({
      request: "Get Share Properties: GET /share?restype=share&sharesnapshot=2026-01-01T00%3A00%3A00.0000000Z",
      headers: { "x-ms-lease-id": "lease" },
      body: "",
      result: { ...basicFacts, ...facts, hasImmutabilityPolicy: false, hasLegalHold: true, metadata: { a: "b" } },
    });
    const head = await talk((c) => shares.getProperties(c, { method: "HEAD" }), 200, basics);
    expect(head.request).toBe("Get Share Properties: HEAD /share?restype=share");
    expect(head.result).toMatchObject({ ...basicFacts, paidBursting: undefined, quotaGiB: undefined, metadata: {} });
  });

  it("is what a listing tells, too, beside the raw properties", async () => {
    const xml = `\uFEFF<?xml version="1.0"?><EnumerationResults><Shares><Share><Name>123</Name><Deleted>true</Deleted><Version>01D9</Version><Properties>
<Last-Modified>Thu, 01 Jan 2026 00:00:00 GMT</Last-Modified><Etag>"0x1"</Etag><Quota>100</Quota><ProvisionedIops>3000</ProvisionedIops>
<ProvisionedIngressMBps>110</ProvisionedIngressMBps><ProvisionedEgressMBps>120</ProvisionedEgressMBps><ProvisionedBandwidthMiBps>125</ProvisionedBandwidthMiBps>
<NextAllowedQuotaDowngradeTime>Fri, 02 Jan 2026 00:00:00 GMT</NextAllowedQuotaDowngradeTime><DeletedTime>Tue, 06 Jan 2026 00:00:00 GMT</DeletedTime><RemainingRetentionDays>7</RemainingRetentionDays>
<AccessTier>Hot</AccessTier><AccessTierChangeTime>Mon, 05 Jan 2026 00:00:00 GMT</AccessTierChangeTime><AccessTierTransitionState>pending-from-transactionOptimized</AccessTierTransitionState>
<LeaseStatus>locked</LeaseStatus><LeaseState>leased</LeaseState><LeaseDuration>fixed</LeaseDuration><EnabledProtocols>NFS</EnabledProtocols><RootSquash>RootSquash</RootSquash>
<EnableSnapshotVirtualDirectoryAccess>true</EnableSnapshotVirtualDirectoryAccess><PaidBurstingEnabled>true</PaidBurstingEnabled><PaidBurstingMaxIops>5000</PaidBurstingMaxIops>
<PaidBurstingMaxBandwidthMibps>10340</PaidBurstingMaxBandwidthMibps><IncludedBurstIops>10000</IncludedBurstIops><MaxBurstCreditsForIops>36000000</MaxBurstCreditsForIops>
<NextAllowedProvisionedIopsDowngradeTime>Sat, 03 Jan 2026 00:00:00 GMT</NextAllowedProvisionedIopsDowngradeTime><NextAllowedProvisionedBandwidthDowngradeTime>Sun, 04 Jan 2026 00:00:00 GMT</NextAllowedProvisionedBandwidthDowngradeTime>
<EnableSmbDirectoryLease>false</EnableSmbDirectoryLease><SomethingNew>x</SomethingNew></Properties><Metadata><A>b</A><c /></Metadata></Share></Shares><NextMarker /></EnumerationResults>`;
    const listing = await talk(
      async (c) => {
        for await (const entry of shares.list(c, { include: ["deleted", "metadata"] })) return entry;
        return undefined;
      },
      200,
      {},
      xml.replaceAll("\n", ""),
    );
    expect(listing.request).toBe("List Shares: GET /?comp=list&include=deleted%2Cmetadata");
    const { properties, ...entry } = listing.result as { properties: Record<string, string> };
    expect(entry).toEqual({
      name: "123",
      deleted: true,
      version: "01D9",
      deletedTime: new Date("2026-01-06"),
      remainingRetentionDays: 7,
      etag: '"0x1"',
      lastModified: new Date("2026-01-01"),
      ...facts,
      metadata: { A: "b", c: "" },
    });
    expect(properties).toMatchObject({ SomethingNew: "x", Quota: "100" });
  });
});

describe("metadata, statistics and snapshots", () => {
  it("are read and written", async () => {
    expect(
      await talk((c) => shares.getMetadata(c, { method: "HEAD", leaseId: "lease" }), 200, { ...basics, "x-ms-meta-a": "b" }),
    ).toMatchObject({
      request: "Get Share Metadata: HEAD /share?restype=share&comp=metadata",
      headers: { "x-ms-lease-id": "lease" },
      result: { ...basicFacts, metadata: { a: "b" } },
    });
    expect(await talk((c) => shares.setMetadata(c, { metadata: { a: "b" }, leaseId: "lease" }), 200, basics)).toMatchObject({
      request: "Set Share Metadata: PUT /share?restype=share&comp=metadata",
      headers: { "x-ms-lease-id": "lease", "x-ms-meta-a": "b" },
      result: basicFacts,
    });
    const stats = "<ShareStats><ShareUsageBytes>5368709120</ShareUsageBytes></ShareStats>";
    expect(await talk((c) => shares.getStatistics(c), 200, basics, stats)).toMatchObject({
      request: "Get Share Stats: GET /share?restype=share&comp=stats",
      result: { ...basicFacts, usageBytes: 5_368_709_120 },
    });
    expect((await talk((c) => shares.getStatistics(c), 200, {}, "<ShareStats />")).result).toMatchObject({ name: "IntegrityError" });
    const snapshot = "2026-01-01T00:00:00.0000000Z";
    expect(
      await talk((c) => shares.createSnapshot(c, { metadata: { a: "b" } }), 201, { ...basics, "x-ms-snapshot": snapshot }),
    ).toMatchObject({
      request: "Snapshot Share: PUT /share?restype=share&comp=snapshot",
      headers: { "x-ms-meta-a": "b" },
      result: { ...basicFacts, snapshot },
    });
    // Or a delete of "that snapshot" would delete the share.
    expect((await talk((c) => shares.createSnapshot(c), 201, basics)).result).toBeInstanceOf(TypeError);
  });
});

describe("access policies", () => {
  const xml = '<?xml version="1.0" encoding="utf-8"?>';

  it("are read, a single one as a list, with what is said of each", async () => {
    const one =
      "<SignedIdentifiers><SignedIdentifier><Id>a&amp;b</Id><AccessPolicy><Permission>rl</Permission></AccessPolicy></SignedIdentifier></SignedIdentifiers>";
    expect(await talk((c) => shares.getAccessPolicy(c, { leaseId: "lease" }), 200, basics, `\uFEFF${xml}${one}`)).toMatchObject({
      request: "Get Share ACL: GET /share?restype=share&comp=acl",
      headers: { "x-ms-lease-id": "lease" },
      result: { ...basicFacts, policies: [{ id: "a&b", permissions: "rl" }] },
    });
    expect((await talk((c) => shares.getAccessPolicy(c), 200, {}, `${xml}<SignedIdentifiers />`)).result).toMatchObject({ policies: [] });
  });

  it("are written, times of 100 ns as they are", async () => {
    const policies = [
      { id: "<1>", startsOn: "2026-01-01T00:00:00.1234567Z", expiresOn: new Date("2027-01-01"), permissions: "rcwdl" },
      { id: "2" },
    ];
    expect(await talk((c) => shares.setAccessPolicy(c, { policies, leaseId: "lease" }), 200, basics)).toEqual({
      request: "Set Share ACL: PUT /share?restype=share&comp=acl",
      headers: { "content-type": "application/xml", "x-ms-lease-id": "lease" },
      body:
        `${xml}<SignedIdentifiers><SignedIdentifier><Id>&lt;1&gt;</Id><AccessPolicy><Start>2026-01-01T00:00:00.1234567Z</Start>` +
        "<Expiry>2027-01-01T00:00:00Z</Expiry><Permission>rcwdl</Permission></AccessPolicy></SignedIdentifier>" +
        "<SignedIdentifier><Id>2</Id><AccessPolicy /></SignedIdentifier></SignedIdentifiers>",
      result: basicFacts,
    });
    expect((await talk((c) => shares.setAccessPolicy(c, { policies: [] }), 200)).body).toBe(`${xml}<SignedIdentifiers />`);
  });
});

describe("permissions", () => {
  it("are stored and read as JSON", async () => {
    const permission = 'O:SYG:SYD:(A;;FA;;;"é")';
    const stored = { "x-ms-file-permission-key": "1*2", "x-ms-request-id": "id" };
    expect(await talk((c) => shares.createPermission(c, { permission }), 201, stored)).toEqual({
      request: "Create Permission: PUT /share?restype=share&comp=filepermission",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ permission }),
      result: { permissionKey: "1*2", requestId: "id" },
    });
    expect((await talk((c) => shares.createPermission(c, { permission: "AQ==", permissionFormat: "Binary" }), 201)).body).toBe(
      '{"permission":"AQ==","format":"Binary"}',
    );
    const body = `\uFEFF{"permission":"AQ==","format":"binary"}`;
    expect(await talk((c) => shares.getPermission(c, { permissionKey: "1*2", permissionFormat: "Binary" }), 200, {}, body)).toMatchObject({
      request: "Get Permission: GET /share?restype=share&comp=filepermission",
      headers: { "x-ms-file-permission-key": "1*2", "x-ms-file-permission-format": "Binary" },
      result: { permission: "AQ==", permissionFormat: "binary" },
    });
  });

  it.each(["", "<html>", "{}", '{"permission":5}', "null"])("are not read from %j", async (body) => {
    const { result } = await talk((c) => shares.getPermission(c, { permissionKey: "1*2" }), 200, {}, body);
    expect(result).toMatchObject({ name: "IntegrityError" });
  });
});
