/** Get and Set File Service Properties, and the cross-origin rules that they are about. */
import { describe, expect, it } from "vitest";
import type { EmulatorOptions } from "../../../src/simulation/index.js";
import { createCaller, errorCode, type Caller } from "./account.js";

const path = "/?restype=service&comp=properties";

async function read(caller: Caller, version?: string): Promise<string> {
  const response = await caller.call("GET", path, version === undefined ? {} : { version });
  expect([response.status, response.headers.get("content-type")]).toEqual([200, "application/xml"]);
  return (await response.text()).replace(/^\uFEFF?<\?xml[^>]*\?>/, "");
}

const set = (caller: Caller, ...parts: string[]): Promise<Response> =>
  caller.call("PUT", path, { body: `<StorageServiceProperties>${parts.join("")}</StorageServiceProperties>` });

const retention = (days?: number | string): string =>
  `<RetentionPolicy><Enabled>${days !== undefined}</Enabled>${days === undefined ? "" : `<Days>${days}</Days>`}</RetentionPolicy>`;

const on = (days?: number | string): string =>
  `<Version>1.0</Version><Enabled>true</Enabled><IncludeAPIs>true</IncludeAPIs>${retention(days)}`;
const off = `<Version>1.0</Version><Enabled>false</Enabled>${retention()}`;
const hours = (inner: string): string => `<HourMetrics>${inner}</HourMetrics>`;
const minutes = (inner: string): string => `<MinuteMetrics>${inner}</MinuteMetrics>`;

interface Rule {
  readonly methods?: string;
  readonly origins?: string;
  readonly allowed?: string;
  readonly exposed?: string;
  readonly age?: string;
}

const rule = ({ methods = "GET", origins = "*", allowed = "*", exposed = "*", age = "5" }: Rule = {}): string =>
  `<CorsRule><AllowedMethods>${methods}</AllowedMethods><AllowedOrigins>${origins}</AllowedOrigins><AllowedHeaders>${allowed}</AllowedHeaders>` +
  `<ExposedHeaders>${exposed}</ExposedHeaders><MaxAgeInSeconds>${age}</MaxAgeInSeconds></CorsRule>`;
const cors = (...rules: string[]): string => `<Cors>${rules.join("")}</Cors>`;

const channels = (enabled: boolean): string => `<Multichannel><Enabled>${enabled}</Enabled></Multichannel>`;
const encryption = (required: boolean): string => `<EncryptionInTransit><Required>${required}</Required></EncryptionInTransit>`;
const protocols = (smb: string, nfs = ""): string => `<ProtocolSettings>${smb && `<SMB>${smb}</SMB>`}${nfs}</ProtocolSettings>`;

const fresh = `${hours(on(7))}${minutes(off)}<Cors />`;
const root = (inner: string): string => `<StorageServiceProperties>${inner}</StorageServiceProperties>`;
const create = (options: EmulatorOptions = {}): Caller => createCaller({ cors: [], ...options });

describe("service properties", () => {
  it("of a new account are as recorded, with protocols since 2020-02-10", async () => {
    const caller = create();
    expect(await read(caller)).toBe(root(fresh + protocols(channels(false))));
    expect(await read(caller, "2020-02-10")).toBe(root(fresh + protocols(channels(false))));
    expect(await read(caller, "2020-02-09")).toBe(root(fresh));
  });

  it("are set as recorded, with nothing in the answer", async () => {
    const caller = create();
    const answer = await set(caller, hours(on(7)), minutes(on(7)), "<Cors/>", protocols(encryption(true)));
    expect([answer.status, answer.headers.get("content-length"), await answer.text()]).toEqual([202, "0", ""]);
    expect(await read(caller, "2026-02-06")).toBe(
      root(`${hours(on(7))}${minutes(on(7))}<Cors />${protocols(channels(false) + encryption(true))}`),
    );
  });

  it("tell of encryption in transit since 2026-02-06", async () => {
    const caller = create();
    await set(caller, protocols(encryption(true), `<NFS>${encryption(false)}</NFS>`));
    const told = protocols(channels(false) + encryption(true), `<NFS>${encryption(false)}</NFS>`);
    expect(await read(caller, "2026-02-06")).toBe(root(fresh + told));
    expect(await read(caller, "2026-02-05")).toBe(root(fresh + protocols(channels(false))));
  });

  it("keep what is left out", async () => {
    const caller = create();
    await set(caller, hours(on(30)), cors(rule()), protocols(channels(true) + encryption(true)));
    const kept = `${hours(on(30))}${minutes(off)}${cors(rule())}${protocols(channels(true) + encryption(true))}`;
    expect(await read(caller)).toBe(root(kept));
    expect((await set(caller)).status).toBe(202);
    expect(await read(caller)).toBe(root(kept));
    await set(caller, minutes(on(1)), protocols(""));
    expect(await read(caller)).toBe(root(kept.replace(minutes(off), minutes(on(1)))));
    await set(caller, "<Cors />");
    expect(await read(caller)).toBe(root(kept.replace(minutes(off), minutes(on(1))).replace(cors(rule()), "<Cors />")));
    await set(caller, hours(off));
    expect(await read(caller)).toContain(hours(off));
  });

  it("survive a reset of the account's content", async () => {
    const caller = create();
    await set(caller, hours(on(30)));
    caller.emulator.reset();
    expect(await read(caller)).toContain("<Days>30</Days>");
  });

  it.each<[string, string, string | null]>([
    ["a day of retention", hours(on(1)), null],
    ["a year of it", hours(on(365)), null],
    ["none", hours(on(0)), "InvalidXmlNodeValue"],
    ["too much", hours(on(366)), "InvalidXmlNodeValue"],
    ["some", hours(on("some")), "InvalidXmlNodeValue"],
    ["days that are missing", hours(on(7).replace(/<Days>.*<\/Days>/, "")), "MissingRequiredXmlNode"],
    [
      "days of no retention",
      hours(on().replace("</Enabled></RetentionPolicy>", "</Enabled><Days>7</Days></RetentionPolicy>")),
      "InvalidXmlDocument",
    ],
    ["metrics without a version", hours(on(7).replace("<Version>1.0</Version>", "")), "MissingRequiredXmlNode"],
    ["metrics of another version", hours(on(7).replace("1.0", "2.0")), "InvalidXmlNodeValue"],
    ["metrics that do not say whether", hours(on(7).replace("<Enabled>true</Enabled>", "")), "MissingRequiredXmlNode"],
    ["metrics that do not say of what", hours(on(7).replace("<IncludeAPIs>true</IncludeAPIs>", "")), "MissingRequiredXmlNode"],
    [
      "disabled metrics that say of what",
      hours(off.replace("<Retention", "<IncludeAPIs>true</IncludeAPIs><Retention")),
      "InvalidXmlDocument",
    ],
    ["a truth in capitals", hours(on(7).replace("true", "True")), "InvalidXmlNodeValue"],
    ["metrics twice", hours(on(7)) + hours(on(7)), "InvalidXmlDocument"],
    ["metrics of something else", hours(`${on(7)}<Of>me</Of>`), "UnsupportedXmlNode"],
    ["what only blobs have", "<Logging />", "UnsupportedXmlNode"],
    ["another protocol", "<ProtocolSettings><FTP /></ProtocolSettings>", "UnsupportedXmlNode"],
    ["a setting that SMB has not", protocols("<Speed>9</Speed>"), "UnsupportedXmlNode"],
    ["channels that do not say whether", protocols("<Multichannel />"), "MissingRequiredXmlNode"],
    ["encryption that is perhaps required", protocols(encryption(true).replace("true", "perhaps")), "InvalidXmlNodeValue"],
    ["five rules", cors(...Array.from({ length: 5 }, () => rule())), null],
    ["six rules", cors(...Array.from({ length: 6 }, () => rule())), "InvalidXmlDocument"],
    ["something else than a rule", "<Cors><Rule /></Cors>", "InvalidXmlDocument"],
    ["a rule for every method", cors(rule({ methods: "DELETE,GET,HEAD,MERGE,PATCH,POST,OPTIONS,PUT" })), null],
    ["one for a method that is none", cors(rule({ methods: "GET,TRACE" })), "InvalidXmlNodeValue"],
    ["one for no method", cors(rule({ methods: "" })), "InvalidXmlNodeValue"],
    ["one for no origin", cors(rule({ origins: "" })), "InvalidXmlNodeValue"],
    ["one for no headers", cors(rule({ allowed: "", exposed: "" })), null],
    [
      "one for 64 headers and two prefixes",
      cors(rule({ allowed: [...Array.from({ length: 64 }, (_, n) => `h${n}`), "x-*", "y-*"].join() })),
      null,
    ],
    ["one for 65 headers", cors(rule({ allowed: Array.from({ length: 65 }, (_, n) => `h${n}`).join() })), "InvalidXmlNodeValue"],
    ["one for three prefixes", cors(rule({ exposed: "x-*,y-*,z-*" })), "InvalidXmlNodeValue"],
    ["one with an origin of 256 characters", cors(rule({ origins: "o".repeat(256) })), null],
    ["one with an origin of 257", cors(rule({ origins: "o".repeat(257) })), "InvalidXmlNodeValue"],
    [
      "rules of more than 2 KiB",
      cors(...Array.from({ length: 5 }, () => rule({ origins: `${"o".repeat(250)},${"p".repeat(250)}` }))),
      "InvalidXmlDocument",
    ],
    ["an age that is none", cors(rule({ age: "-1" })), "InvalidXmlNodeValue"],
    ...["AllowedMethods", "AllowedOrigins", "AllowedHeaders", "ExposedHeaders", "MaxAgeInSeconds"].map((name): [string, string, string] => [
      `a rule without ${name}`,
      cors(rule().replace(new RegExp(`<${name}>.*</${name}>`), "")),
      "MissingRequiredXmlNode",
    ]),
  ])("takes or refuses %s", async (_, inner, code) => {
    const caller = create();
    // What is said with it is not set either.
    expect(await errorCode(set(caller, minutes(on(3)), inner))).toEqual([code === null ? 202 : 400, code]);
    expect((await read(caller)).includes(minutes(on(3)))).toBe(code === null);
  });

  it("name the element and the text that are wrong", async () => {
    const caller = create();
    expect(await (await set(caller, hours(on(400)))).text()).toContain("<XmlNodeName>Days</XmlNodeName><XmlNodeValue>400</XmlNodeValue>");
    expect(await (await set(caller, "<Logging />")).text()).toContain("<XmlNodeName>Logging</XmlNodeName>");
    expect(await (await set(caller, hours("<Version>1.0</Version>"))).text()).toContain("<XmlNodeName>Enabled</XmlNodeName>");
  });

  it("know no protocols before 2020-02-10", async () => {
    const body = root(protocols(channels(true)));
    expect(await errorCode(create().call("PUT", path, { body, version: "2020-02-09" }))).toEqual([400, "UnsupportedXmlNode"]);
    expect(await errorCode(create().call("PUT", path, { body, version: "2020-02-10" }))).toEqual([202, null]);
  });

  it.each([
    ["any", 202],
    ["premium", 202],
    ["provisioned", 202],
    ["standard", 400],
  ] as const)("have channels on an account of kind %s, or not", async (kind, status) => {
    const caller = create({ kind });
    const code = status === 400 ? "FeatureNotSupportedOnStorageAccount" : null;
    expect(await errorCode(set(caller, protocols(channels(true))))).toEqual([status, code]);
    expect(await errorCode(set(caller, protocols(channels(false))))).toEqual([202, null]);
  });
});

describe("cross-origin rules", () => {
  const preflight = (caller: Caller, origin: string, method = "PUT"): Promise<Response> =>
    caller.emulator.fetch(`${caller.emulator.endpoint}/docs/f`, {
      method: "OPTIONS",
      headers: { origin, "access-control-request-method": method, "access-control-request-headers": "x-ms-date" },
    });

  it("that are set are in force, and the emulator's own", async () => {
    const caller = create();
    expect(await errorCode(preflight(caller, "https://a.example"))).toEqual([403, "CorsPreflightFailure"]);
    await set(
      caller,
      cors(rule({ origins: "https://a.example, https://b.example", methods: "PUT,GET", allowed: "x-ms-*", exposed: "ETag", age: "77" })),
    );
    expect(caller.emulator.cors).toEqual([
      {
        allowedOrigins: ["https://a.example", "https://b.example"],
        allowedMethods: ["PUT", "GET"],
        allowedHeaders: ["x-ms-*"],
        exposedHeaders: ["ETag"],
        maxAgeSeconds: 77,
      },
    ]);
    const granted = await preflight(caller, "https://b.example");
    expect([granted.status, granted.headers.get("access-control-max-age")]).toEqual([200, "77"]);
    expect(await errorCode(preflight(caller, "https://c.example"))).toEqual([403, "CorsPreflightFailure"]);
    await set(caller, "<Cors />");
    expect(caller.emulator.cors).toEqual([]);
    expect(await errorCode(preflight(caller, "https://b.example"))).toEqual([403, "CorsPreflightFailure"]);
  });

  it("of the emulator are what the service says", async () => {
    const caller = create();
    caller.emulator.setCors([
      {
        allowedOrigins: ["*"],
        allowedMethods: ["GET", "PUT"],
        allowedHeaders: ["*"],
        exposedHeaders: ["x-ms-*", "ETag"],
        maxAgeSeconds: 9,
      },
    ]);
    expect(await read(caller)).toContain(cors(rule({ methods: "GET,PUT", exposed: "x-ms-*,ETag", age: "9" })));
  });
});
