/** Operations on the file service itself: what is written, and what is read of what the service writes. */
import { describe, expect, it } from "vitest";
import * as account from "../../../src/services/account.js";
import { bytesOf, ending, wired } from "../wire-double.js";

const XML = '<?xml version="1.0" encoding="utf-8"?>';
const written = async (request: account.SetServicePropertiesRequest): Promise<string> => {
  const { wire, connection } = wired();
  const end = ending(account.setProperties(connection, request));
  const { body, headers, method, query } = await wire.nextRequest();
  expect([method, query.get("restype"), query.get("comp"), headers["content-type"]]).toEqual([
    "PUT",
    "service",
    "properties",
    "application/xml",
  ]);
  wire.respond(202, { "x-ms-request-id": "id" });
  expect(await end).toEqual({ requestId: "id" });
  return new TextDecoder()
    .decode(await bytesOf(body))
    .replace(XML, "")
    .replace(/^<StorageServiceProperties>|<\/StorageServiceProperties>$/g, "");
};

describe("setProperties", () => {
  const rule = {
    allowedOrigins: ["https://a", "https://b"],
    allowedMethods: ["GET"],
    allowedHeaders: [],
    exposedHeaders: ["*"],
    maxAgeInSeconds: 5,
  };

  it("writes what is said, and nothing else", async () => {
    expect(await written({ smbMultichannel: true })).toBe(
      "<ProtocolSettings><SMB><Multichannel><Enabled>true</Enabled></Multichannel></SMB></ProtocolSettings>",
    );
    expect(await written({ smbEncryptionInTransit: false, nfsEncryptionInTransit: true })).toBe(
      "<ProtocolSettings><SMB><EncryptionInTransit><Required>false</Required></EncryptionInTransit></SMB>" +
        "<NFS><EncryptionInTransit><Required>true</Required></EncryptionInTransit></NFS></ProtocolSettings>",
    );
    expect(await written({ cors: [] })).toBe("<Cors />");
    expect(await written({ cors: [rule] })).toBe(
      "<Cors><CorsRule><AllowedOrigins>https://a,https://b</AllowedOrigins><AllowedMethods>GET</AllowedMethods><AllowedHeaders />" +
        "<ExposedHeaders>*</ExposedHeaders><MaxAgeInSeconds>5</MaxAgeInSeconds></CorsRule></Cors>",
    );
    expect(await written({ hourMetrics: { enabled: true, includeApis: true, retentionDays: 7 }, minuteMetrics: { enabled: false } })).toBe(
      "<HourMetrics><Version>1.0</Version><Enabled>true</Enabled><IncludeAPIs>true</IncludeAPIs><RetentionPolicy><Enabled>true</Enabled><Days>7</Days></RetentionPolicy></HourMetrics>" +
        "<MinuteMetrics><Version>1.0</Version><Enabled>false</Enabled><RetentionPolicy><Enabled>false</Enabled></RetentionPolicy></MinuteMetrics>",
    );
  });

  it.each<[string, account.SetServicePropertiesRequest, new () => Error]>([
    ["nothing at all", {}, TypeError],
    ["six rules", { cors: Array.from({ length: 6 }, () => rule) }, RangeError],
    ["an origin with a comma", { cors: [{ ...rule, allowedOrigins: ["a,b"] }] }, TypeError],
    ["an age below zero", { cors: [{ ...rule, maxAgeInSeconds: -1 }] }, RangeError],
    ["366 days", { hourMetrics: { enabled: true, retentionDays: 366 } }, RangeError],
    ["no day", { minuteMetrics: { enabled: true, retentionDays: 0 } }, RangeError],
  ])("refuses %s before the network", async (_what, request, type) => {
    const { wire, connection } = wired();
    expect(await ending(account.setProperties(connection, request))).toBeInstanceOf(type);
    expect(wire.requests).toHaveLength(0);
  });
});

describe("getProperties", () => {
  it("reads all there is, a single rule as a list", async () => {
    const { wire, connection } = wired();
    const end = ending(account.getProperties(connection));
    await wire.nextRequest();
    wire.respond(
      200,
      { "x-ms-request-id": "id" },
      `\uFEFF${XML}<StorageServiceProperties><HourMetrics><Version>1.0</Version><Enabled>true</Enabled><IncludeAPIs>false</IncludeAPIs><RetentionPolicy><Enabled>true</Enabled><Days>7</Days></RetentionPolicy></HourMetrics>` +
        "<MinuteMetrics><Version>1.0</Version><Enabled>false</Enabled><RetentionPolicy><Enabled>false</Enabled></RetentionPolicy></MinuteMetrics>" +
        "<Cors><CorsRule><AllowedMethods>GET, PUT</AllowedMethods><AllowedOrigins>*</AllowedOrigins><AllowedHeaders /><ExposedHeaders>x-ms-*</ExposedHeaders><MaxAgeInSeconds>5</MaxAgeInSeconds></CorsRule></Cors>" +
        "<ProtocolSettings><SMB><Multichannel><Enabled>false</Enabled></Multichannel><EncryptionInTransit><Required>true</Required></EncryptionInTransit></SMB><NFS><EncryptionInTransit><Required>true</Required></EncryptionInTransit></NFS></ProtocolSettings></StorageServiceProperties>",
    );
    expect(await end).toEqual({
      cors: [{ allowedMethods: ["GET", "PUT"], allowedOrigins: ["*"], allowedHeaders: [], exposedHeaders: ["x-ms-*"], maxAgeInSeconds: 5 }],
      hourMetrics: { version: "1.0", enabled: true, includeApis: false, retentionDays: 7 },
      minuteMetrics: { version: "1.0", enabled: false },
      smbMultichannel: false,
      smbEncryptionInTransit: true,
      nfsEncryptionInTransit: true,
      requestId: "id",
    });
  });

  it("reads an account that says little", async () => {
    const { wire, connection } = wired();
    const end = ending(account.getProperties(connection));
    await wire.nextRequest();
    wire.respond(200, {}, "<StorageServiceProperties><Cors /></StorageServiceProperties>");
    expect(await end).toEqual({
      cors: [],
      hourMetrics: undefined,
      minuteMetrics: undefined,
      smbMultichannel: undefined,
      smbEncryptionInTransit: undefined,
      nfsEncryptionInTransit: undefined,
      requestId: undefined,
    });
  });
});

describe("getUserDelegationKey", () => {
  const key = (more = "", value = "MA=="): string =>
    `\uFEFF${XML}<UserDelegationKey><SignedOid>5</SignedOid><SignedTid>007</SignedTid><SignedStart>2026-01-13T18:06:59Z</SignedStart>` +
    `<SignedExpiry>2026-01-14T19:06:59Z</SignedExpiry><SignedService>f</SignedService><SignedVersion>2026-10-06</SignedVersion>${more}<Value>${value}</Value></UserDelegationKey>`;

  it("says times to the second in UTC, and reads the key as text", async () => {
    const { wire, connection } = wired();
    const end = ending(
      account.getUserDelegationKey(connection, {
        startsOn: new Date("2026-01-13T18:06:59.123Z"),
        expiresOn: "2026-01-14T20:06:59.9+01:00",
        delegatedUserTenantId: "tenant",
      }),
    );
    const { body, method, query, headers } = await wire.nextRequest();
    expect([method, query.get("restype"), query.get("comp"), headers["content-type"]]).toEqual([
      "POST",
      "service",
      "userdelegationkey",
      "application/xml",
    ]);
    expect(new TextDecoder().decode(await bytesOf(body))).toBe(
      `${XML}<KeyInfo><Start>2026-01-13T18:06:59Z</Start><Expiry>2026-01-14T19:06:59Z</Expiry><DelegatedUserTid>tenant</DelegatedUserTid></KeyInfo>`,
    );
    wire.respond(200, { "x-ms-request-id": "id" }, key("<SignedDelegatedUserTid>tenant</SignedDelegatedUserTid>"));
    expect(await end).toEqual({
      signedOid: "5",
      signedTid: "007",
      signedStart: "2026-01-13T18:06:59Z",
      signedExpiry: "2026-01-14T19:06:59Z",
      signedService: "f",
      signedVersion: "2026-10-06",
      signedDelegatedUserTid: "tenant",
      value: "MA==",
      requestId: "id",
    });
  });

  it("trusts no key with a part missing", async () => {
    const { wire, connection } = wired();
    const end = ending(account.getUserDelegationKey(connection, { expiresOn: "2026-01-14" }));
    await wire.nextRequest();
    wire.respond(200, {}, key("", ""));
    expect(await end).toMatchObject({ name: "IntegrityError", message: "the answer has a key without Value" });
  });

  it("wants an end after the start", async () => {
    const { connection } = wired();
    const ask = (request: account.GetUserDelegationKeyRequest): Promise<unknown> =>
      ending(account.getUserDelegationKey(connection, request));
    expect(await ask({ expiresOn: undefined as unknown as string })).toEqual(new TypeError("expiresOn is needed"));
    expect(await ask({ startsOn: "2026-01-02", expiresOn: "2026-01-01" })).toBeInstanceOf(RangeError);
  });
});
