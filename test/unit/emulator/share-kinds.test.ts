import { describe, expect, it } from "vitest";
import { createCaller, createFile, errorCode, type Caller } from "./account.js";

const now = "Thu, 01 Jan 2026 12:00:00 GMT";
const tomorrow = "Fri, 02 Jan 2026 12:00:00 GMT";

/** The headers that tell of tier, protocol and provisioning. */
function told(response: Response): Record<string, string> {
  const names = /^x-ms-(share-|access-tier|enabled-protocols|root-squash|enable-)/;
  return Object.fromEntries([...response.headers].filter(([name]) => names.test(name)));
}

const create = (caller: Caller, headers: Record<string, string> = {}, version = "2026-10-06"): Promise<Response> =>
  caller.call("PUT", "/docs?restype=share", { headers, version });
const set = (caller: Caller, headers: Record<string, string>): Promise<Response> =>
  caller.call("PUT", "/docs?restype=share&comp=properties", { headers });
const get = async (caller: Caller, version = "2026-10-06"): Promise<Record<string, string>> =>
  told(await caller.call("GET", "/docs?restype=share", { version }));

/** What a listing says between the state of the lease and the encryption scope. */
async function listed(caller: Caller, version = "2026-10-06"): Promise<string> {
  const xml = await (await caller.call("GET", "/?comp=list", { version })).text();
  return /<LeaseState>available<\/LeaseState>(.*)<DefaultEncryptionScope>/.exec(xml)?.[1] ?? xml;
}

describe("a standard account", () => {
  it("tells quota and tier, and when the tier changed", async () => {
    const caller = createCaller({ kind: "standard" });
    const created = await create(caller);
    expect([created.status, told(created)]).toEqual([201, {}]);
    expect(await get(caller)).toEqual({
      "x-ms-share-quota": "102400",
      "x-ms-access-tier": "TransactionOptimized",
      "x-ms-access-tier-change-time": now,
    });
    caller.advance(86_400_000);
    expect(told(await set(caller, { "x-ms-access-tier": "Hot" }))).toEqual({});
    expect(await get(caller)).toEqual({
      "x-ms-share-quota": "102400",
      "x-ms-access-tier": "Hot",
      "x-ms-access-tier-change-time": tomorrow,
      "x-ms-access-tier-transition-state": "pending-from-transactionOptimized",
    });
    await set(caller, { "x-ms-access-tier": "Cool" });
    expect((await get(caller))["x-ms-access-tier-transition-state"]).toBeUndefined(); // as recorded
    expect(await listed(caller)).toBe(
      `<Quota>102400</Quota><AccessTier>Cool</AccessTier><AccessTierChangeTime>${tomorrow}</AccessTierChangeTime>`,
    );
    expect((await caller.call("DELETE", "/docs?restype=share")).headers.has("x-ms-file-share-usage-bytes")).toBe(false);
  });

  it("has no tier before version 2020-02-10", async () => {
    const caller = createCaller({ kind: "standard" });
    await create(caller);
    expect(await get(caller, "2019-07-07")).toEqual({ "x-ms-share-quota": "102400" });
    const xml = await (await caller.call("GET", "/?comp=list", { version: "2019-07-07" })).text();
    expect(xml).toMatch(/<\/Etag><Quota>102400<\/Quota><\/Properties>/);
  });

  it("takes the directory lease as it comes, and tells it from version 2026-02-06 on", async () => {
    const caller = createCaller({ kind: "standard" });
    await create(caller, { "x-ms-enable-smb-directory-lease": "true" });
    expect((await get(caller))["x-ms-enable-smb-directory-lease"]).toBe("true");
    await set(caller, { "x-ms-enable-smb-directory-lease": "false" });
    expect((await get(caller))["x-ms-enable-smb-directory-lease"]).toBe("false");
    expect((await get(caller, "2025-11-05"))["x-ms-enable-smb-directory-lease"]).toBeUndefined();
    expect(await errorCode(set(caller, { "x-ms-enable-smb-directory-lease": "perhaps" }))).toEqual([400, "InvalidHeaderValue"]);
  });

  it("has no NFS shares, and no share becomes one", async () => {
    const caller = createCaller({ kind: "standard" });
    expect(await errorCode(create(caller, { "x-ms-enabled-protocols": "NFS" }))).toEqual([400, "FeatureNotSupportedOnStorageAccount"]);
    await create(caller);
    await set(caller, { "x-ms-enabled-protocols": "NFS" });
    expect((await get(caller))["x-ms-enabled-protocols"]).toBeUndefined();
    expect(await errorCode(set(caller, { "x-ms-enabled-protocols": "NFS", "x-ms-root-squash": "AllSquash" }))).toEqual([
      400,
      "InvalidHeaderValue",
    ]);
  });
});

describe("a premium account", () => {
  const recorded = {
    "x-ms-access-tier": "Premium",
    "x-ms-enabled-protocols": "SMB",
    "x-ms-share-next-allowed-quota-downgrade-time": now,
    "x-ms-share-provisioned-bandwidth-mibps": "110",
    "x-ms-share-provisioned-egress-mbps": "110",
    "x-ms-share-provisioned-ingress-mbps": "110",
    "x-ms-share-provisioned-iops": "3100",
    "x-ms-share-quota": "100",
  };

  it("answers as recorded", async () => {
    const caller = createCaller({ kind: "premium" });
    expect(told(await create(caller))).toEqual({});
    expect(await get(caller)).toEqual(recorded);
    expect(await listed(caller, "2021-06-08")).toBe(
      "<Quota>100</Quota><EnabledProtocols>SMB</EnabledProtocols><AccessTier>Premium</AccessTier><ProvisionedIops>3100</ProvisionedIops>" +
        "<ProvisionedBandwidthMiBps>110</ProvisionedBandwidthMiBps><ProvisionedIngressMBps>110</ProvisionedIngressMBps>" +
        `<ProvisionedEgressMBps>110</ProvisionedEgressMBps><NextAllowedQuotaDowngradeTime>${now}</NextAllowedQuotaDowngradeTime>`,
    );
  });

  it("has one tier only", async () => {
    const caller = createCaller({ kind: "premium" });
    await create(caller);
    for (const tier of ["Hot", "Cool", "TransactionOptimized"]) {
      const response = await set(caller, { "x-ms-access-tier": tier });
      expect([response.status, response.headers.get("x-ms-error-code")]).toEqual([400, "InvalidHeaderValue"]);
      expect(await response.text()).toContain(`<HeaderName>x-ms-access-tier</HeaderName><HeaderValue>${tier}</HeaderValue>`);
    }
    expect((await set(caller, { "x-ms-access-tier": "Premium" })).status).toBe(200);
    expect(await get(caller)).toEqual(recorded);
  });

  it("has NFS shares, which squash as they are told", async () => {
    const caller = createCaller({ kind: "premium" });
    await create(caller, { "x-ms-enabled-protocols": "NFS", "x-ms-root-squash": "AllSquash" });
    expect(await get(caller)).toEqual({ ...recorded, "x-ms-enabled-protocols": "NFS", "x-ms-root-squash": "AllSquash" });
    await set(caller, { "x-ms-root-squash": "NoRootSquash", "x-ms-enable-snapshot-virtual-directory-access": "true" });
    const all = {
      ...recorded,
      "x-ms-enabled-protocols": "NFS",
      "x-ms-root-squash": "NoRootSquash",
      "x-ms-enable-snapshot-virtual-directory-access": "true",
    };
    expect(await get(caller, "2024-11-04")).toEqual(all);
    expect(await get(caller, "2021-06-08")).toEqual({ ...recorded, "x-ms-enabled-protocols": "NFS", "x-ms-root-squash": "NoRootSquash" });
    expect(await errorCode(set(caller, { "x-ms-root-squash": "SomeSquash" }))).toEqual([400, "InvalidHeaderValue"]);
    expect(await listed(caller)).toMatch(/<EnabledProtocols>NFS<\/EnabledProtocols><RootSquash>NoRootSquash<\/RootSquash>/);
    await createFile(caller, "/docs/f", 1);
    expect((await caller.call("HEAD", "/docs/f")).headers.get("x-ms-mode")).toBe("0664");
  });

  it("bursts for money from version 2024-11-04 on", async () => {
    const caller = createCaller({ kind: "premium" });
    const bursting = (enabled: string, iops: string, bandwidth: string): Record<string, string> => ({
      "x-ms-share-paid-bursting-enabled": enabled,
      "x-ms-share-paid-bursting-max-iops": iops,
      "x-ms-share-paid-bursting-max-bandwidth-mibps": bandwidth,
    });
    await create(caller, bursting("true", "1000", "5000"));
    expect(await get(caller)).toEqual({ ...recorded, ...bursting("true", "1000", "5000") });
    expect(await get(caller, "2021-06-08")).toEqual(recorded);
    await set(caller, bursting("true", "500", "1000"));
    expect(await listed(caller)).toContain(
      "</NextAllowedQuotaDowngradeTime><PaidBurstingEnabled>true</PaidBurstingEnabled><PaidBurstingMaxIops>500</PaidBurstingMaxIops>" +
        "<PaidBurstingMaxBandwidthMibps>1000</PaidBurstingMaxBandwidthMibps>",
    );
    await set(caller, { "x-ms-share-paid-bursting-enabled": "false" });
    expect(await get(caller)).toEqual({ ...recorded, "x-ms-share-paid-bursting-enabled": "false" });
    expect(await errorCode(set(caller, { "x-ms-share-paid-bursting-max-iops": "many" }))).toEqual([400, "InvalidHeaderValue"]);
  });

  it("gives IOPS and bandwidth with the quota, which may be lowered a day after it was raised", async () => {
    const caller = createCaller({ kind: "premium" });
    await create(caller);
    await set(caller, { "x-ms-share-quota": "1000" });
    expect(await get(caller)).toEqual({
      ...recorded,
      "x-ms-share-quota": "1000",
      "x-ms-share-provisioned-iops": "4000",
      "x-ms-share-provisioned-bandwidth-mibps": "200",
      "x-ms-share-provisioned-ingress-mbps": "200",
      "x-ms-share-provisioned-egress-mbps": "200",
      "x-ms-share-next-allowed-quota-downgrade-time": tomorrow,
    });
    expect(await errorCode(set(caller, { "x-ms-share-quota": "99" }))).toEqual([400, "InvalidHeaderValue"]);
  });
});

describe("a provisioned account", () => {
  const created = {
    "x-ms-share-quota": "32",
    "x-ms-share-included-burst-iops": "30720",
    "x-ms-share-max-burst-credits-for-iops": "73728000",
    "x-ms-share-provisioned-iops": "10240",
    "x-ms-share-provisioned-bandwidth-mibps": "125",
  };
  const times = {
    "x-ms-share-next-allowed-quota-downgrade-time": now,
    "x-ms-share-next-allowed-provisioned-iops-downgrade-time": now,
    "x-ms-share-next-allowed-provisioned-bandwidth-downgrade-time": now,
  };
  const ordered = {
    "x-ms-share-quota": "32",
    "x-ms-share-provisioned-iops": "10240",
    "x-ms-share-provisioned-bandwidth-mibps": "125",
  };

  it("answers as recorded", async () => {
    const caller = createCaller({ kind: "provisioned" });
    expect(told(await caller.call("PUT", "/plain?restype=share"))).toEqual({
      "x-ms-share-quota": "32",
      "x-ms-share-included-burst-iops": "10000",
      "x-ms-share-max-burst-credits-for-iops": "25084800",
      "x-ms-share-provisioned-iops": "3032",
      "x-ms-share-provisioned-bandwidth-mibps": "129",
    });
    expect(told(await create(caller, ordered))).toEqual(created);
    expect(await get(caller)).toEqual({ ...created, ...times, "x-ms-enabled-protocols": "SMB" });
    const changed = {
      ...created,
      ...times,
      "x-ms-share-provisioned-iops": "20480",
      "x-ms-share-included-burst-iops": "61440",
      "x-ms-share-max-burst-credits-for-iops": "147456000",
      "x-ms-share-next-allowed-provisioned-iops-downgrade-time": tomorrow,
    };
    const answer = await set(caller, { "x-ms-share-provisioned-iops": "20480", "x-ms-share-provisioned-bandwidth-mibps": "125" });
    expect(told(answer)).toEqual(changed);
    expect(await get(caller)).toEqual({ ...changed, "x-ms-enabled-protocols": "SMB" });
    const deleted = await caller.call("DELETE", "/docs?restype=share");
    expect(deleted.headers.get("x-ms-file-share-usage-bytes")).toBe("0");
    expect(deleted.headers.get("x-ms-file-share-snapshot-usage-bytes")).toBe("0");
  });

  it("keeps what was bought when the quota changes", async () => {
    const caller = createCaller({ kind: "provisioned" });
    await create(caller, ordered);
    const changed = told(await set(caller, { "x-ms-share-quota": "64" }));
    expect(changed).toEqual({ ...created, ...times, "x-ms-share-quota": "64", "x-ms-share-next-allowed-quota-downgrade-time": tomorrow });
  });

  it("tells in listings what it tells in headers", async () => {
    const caller = createCaller({ kind: "provisioned" });
    await create(caller, ordered);
    expect(await listed(caller)).toBe(
      "<Quota>32</Quota><EnabledProtocols>SMB</EnabledProtocols><ProvisionedIops>10240</ProvisionedIops>" +
        "<ProvisionedBandwidthMiBps>125</ProvisionedBandwidthMiBps>" +
        `<NextAllowedQuotaDowngradeTime>${now}</NextAllowedQuotaDowngradeTime>` +
        `<NextAllowedProvisionedIopsDowngradeTime>${now}</NextAllowedProvisionedIopsDowngradeTime>` +
        `<NextAllowedProvisionedBandwidthDowngradeTime>${now}</NextAllowedProvisionedBandwidthDowngradeTime>` +
        "<IncludedBurstIops>30720</IncludedBurstIops><MaxBurstCreditsForIops>73728000</MaxBurstCreditsForIops>",
    );
  });

  it.each([
    [{ "x-ms-share-quota": "31" }, "FileShareProvisionedStorageInvalid"],
    [{ "x-ms-share-quota": "262145" }, "FileShareProvisionedStorageInvalid"],
    [{ "x-ms-share-quota": "none" }, "InvalidHeaderValue"],
    [{ "x-ms-share-provisioned-iops": "499" }, "FileShareProvisionedIopsInvalid"],
    [{ "x-ms-share-provisioned-iops": "102401" }, "FileShareProvisionedIopsInvalid"],
    [{ "x-ms-share-provisioned-bandwidth-mibps": "59" }, "FileShareProvisionedBandwidthInvalid"],
    [{ "x-ms-share-provisioned-bandwidth-mibps": "10341" }, "FileShareProvisionedBandwidthInvalid"],
    [{ "x-ms-share-provisioned-iops": "1e3" }, "InvalidHeaderValue"],
    [{ "x-ms-access-tier": "Hot" }, "InvalidHeaderValue"],
  ])("refuses %j", async (headers, code) => {
    const caller = createCaller({ kind: "provisioned" });
    expect(await errorCode(create(caller, headers))).toEqual([400, code]);
    await create(caller, ordered);
    expect(await errorCode(set(caller, headers))).toEqual([400, code]);
    expect(await get(caller)).toEqual({ ...created, ...times, "x-ms-enabled-protocols": "SMB" });
  });
});

describe("an account of any kind", () => {
  it.each([
    [{}, "TransactionOptimized", "102400", undefined],
    [{ "x-ms-access-tier": "Cool" }, "Cool", "102400", undefined],
    [{ "x-ms-access-tier": "premium" }, "Premium", "100", "3100"],
    [{ "x-ms-enabled-protocols": "NFS" }, "Premium", "100", "3100"],
    [{ "x-ms-share-paid-bursting-enabled": "true" }, "Premium", "100", "3100"],
    [{ "x-ms-share-provisioned-iops": "5000" }, undefined, "32", "5000"],
  ])("makes of %j what was asked for", async (headers, tier, quota, iops) => {
    const caller = createCaller();
    expect((await create(caller, headers)).status).toBe(201);
    const share = await get(caller);
    expect([share["x-ms-access-tier"], share["x-ms-share-quota"], share["x-ms-share-provisioned-iops"]]).toEqual([tier, quota, iops]);
  });
});
