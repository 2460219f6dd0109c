/** Who may do what, and how a connection is made. */
import {
  anonymous,
  AzureFilesClient,
  bearer,
  connect,
  type Connection,
  derive,
  fromConnectionString,
  fromUrl,
  sas,
  sharedKey,
} from "azure-files";
import * as directories from "azure-files/directories";
import * as files from "azure-files/files";
import * as shares from "azure-files/shares";
import { upload } from "azure-files/streaming";
import { type Case, inShare, type Space } from "./case.js";
import { deepEqual, equal, ok, rejects } from "./check.js";
import { all } from "./content.js";

const path = "file.txt";
const denied = (code: string): { name: string; status: number; code: string } => ({ name: "ServiceError", status: 403, code });

/** The space's connection with another token. */
const holding = ({ connection }: Space, token: string): Connection => derive(connection, { credential: sas(token) });

/** What a URL with this token looks like. */
const urlOf = ({ endpoint, share }: Space, token: string, name = ""): string => `${endpoint}/${share}${name && `/${name}`}?${token}`;

/** Everything but the fetch that the context was made with would be lost by a connection from elsewhere. */
const fetchOf = ({ connection }: Space): { fetch?: NonNullable<Connection["fetch"]> } =>
  connection.fetch ? { fetch: connection.fetch } : {};

export const credentialCases: readonly Case[] = [
  inShare(
    "Shared Key signs every kind of request",
    async (space) => {
      const credential = sharedKey({ account: space.account, key: space.key, dangerouslyAllowBrowser: true });
      const connection = derive(space.connection, { credential });
      await directories.create(connection, { path: "a b/ü", recursive: true, metadata: { b: "1", a_1: "2", a: "3", A1: "4", a_: "5" } });
      await files.write(connection, { path: "a b/ü/100% & more + so'.txt", body: "x", content: { type: "text/plain" } });
      equal((await all(directories.list(connection, { path: "a b/ü", prefix: "100% &", include: ["etag", "timestamps"] }))).length, 1);
      equal((await all(shares.list(connection, { prefix: space.share, include: ["metadata", "deleted"] }))).length, 1);
      deepEqual((await directories.getProperties(connection, { path: "a b/ü" })).metadata, { a: "3", a_: "5", a_1: "2", a1: "4", b: "1" });
    },
    ["sharedKey"],
  ),

  inShare(
    "Shared Key with a wrong key is refused, and the error holds neither key nor signature",
    async (space) => {
      const key = btoa("not the key of this account, surely");
      const connection = derive(space.connection, {
        credential: sharedKey({ account: space.account, key, dangerouslyAllowBrowser: true }),
      });
      const error = await rejects(shares.getProperties(connection), denied("AuthenticationFailed"));
      const text = `${error.stack} ${JSON.stringify(error)}`;
      ok(!text.includes(key), "no key");
      ok(!/SharedKey \w+:(?!REDACTED)/.test(text), "no signature");
      equal((error["attempts"] as unknown[]).length, 1);
    },
    ["sharedKey"],
  ),

  inShare("a SAS of the share does what its letters say, and nothing else", async (space) => {
    await files.write(space.connection, { path, body: "here" });
    const mismatch = denied("AuthorizationPermissionMismatch");
    const token = (permissions: string): Promise<string> => space.serviceToken({ share: space.share, permissions });

    const reader = holding(space, await token("r"));
    equal(await (await files.read(reader, { path })).text(), "here");
    await rejects(files.delete(reader, { path }), mismatch);
    await rejects(files.putRange(reader, { path, offset: 0, body: "x" }), mismatch);
    await rejects(all(directories.list(reader)), mismatch);
    await rejects(directories.create(reader, { path: "a" }), mismatch);

    const writer = holding(space, await token("w"));
    await files.putRange(writer, { path, offset: 0, body: "H" });
    await files.setMetadata(writer, { path, metadata: { a: "b" } });
    await rejects(files.read(writer, { path }), mismatch);
    await rejects(files.exists(writer, { path }), { name: "ServiceError", status: 403 });

    const creator = holding(space, await token("c"));
    await files.create(creator, { path: "new", size: 1 });
    await rejects(files.create(creator, { path: "new", size: 1 }), mismatch);
    await rejects(files.putRange(creator, { path: "new", offset: 0, body: "x" }), mismatch);

    const lister = holding(space, await token("l"));
    equal((await all(directories.list(lister))).length, 2);
    await rejects(files.getProperties(lister, { path }), { name: "ServiceError", status: 403 });

    await files.delete(holding(space, await token("d")), { path });
    const all4 = holding(space, await token("rcwdl"));
    await rejects(shares.delete(all4), denied("AuthorizationFailure"));
    await rejects(shares.getProperties(all4), denied("AuthorizationFailure"));
  }),

  inShare("create and write are enough for an upload", async (space) => {
    const token = await space.serviceToken({ share: space.share, path, permissions: "cw" });
    equal((await upload(holding(space, token), { path, body: "all of it" })).size, 9);
    await rejects(files.read(holding(space, token), { path }), denied("AuthorizationPermissionMismatch"));
    equal(await (await files.read(space.connection, { path })).text(), "all of it");
  }),

  inShare("a SAS of one file opens no other", async (space) => {
    await files.write(space.connection, { path, body: "here" });
    await files.write(space.connection, { path: "other", body: "there" });
    const connection = holding(space, await space.serviceToken({ share: space.share, path, permissions: "r" }));
    equal(await (await files.read(connection, { path })).text(), "here");
    await rejects(files.read(connection, { path: "other" }), denied("AuthenticationFailed"));
  }),

  inShare("a SAS of the account is held to its resource types, services and letters", async (space) => {
    const { connection, share } = space;
    await files.write(connection, { path, body: "here" });
    const objects = holding(space, await space.accountToken({ resourceTypes: "o", permissions: "r" }));
    equal(await files.exists(objects, { path }), true);
    await rejects(shares.getProperties(objects), denied("AuthorizationResourceTypeMismatch"));
    await rejects(files.delete(objects, { path }), denied("AuthorizationPermissionMismatch"));
    await rejects(
      shares.getProperties(holding(space, await space.accountToken({ services: "b" }))),
      denied("AuthorizationServiceMismatch"),
    );
    const service = holding(space, await space.accountToken({ resourceTypes: "s", permissions: "l" }));
    equal((await all(shares.list(service, { prefix: share }))).length, 1);
    await rejects(shares.getProperties(service), denied("AuthorizationResourceTypeMismatch"));
  }),

  inShare("a SAS that has run out, or is not good yet, or was changed, is refused", async (space) => {
    const hour = 3_600_000;
    const at = (difference: number): Date => new Date(Date.now() + difference);
    const { share } = space;
    for (const [name, token] of Object.entries({
      expired: await space.serviceToken({ share, startsOn: at(-2 * hour), expiresOn: at(-hour) }),
      early: await space.serviceToken({ share, startsOn: at(hour), expiresOn: at(2 * hour) }),
      changed: (await space.serviceToken({ share, permissions: "r" })).replace("sp=r", "sp=rwdl"),
    })) {
      const error = await rejects(files.read(holding(space, token), { path }), denied("AuthenticationFailed"), name);
      const signature = /sig=([^&]+)/.exec(token)?.[1] ?? "";
      ok(signature.length > 20 && !`${error.stack} ${JSON.stringify(error)}`.includes(signature), "no signature in the error");
    }
  }),

  inShare("a SAS for https is refused on http", async (space) => {
    if (!space.endpoint.startsWith("http:")) return;
    const token = await space.serviceToken({ share: space.share, protocol: "https" });
    await rejects(files.read(holding(space, token), { path }), denied("AuthorizationProtocolMismatch"));
  }),

  inShare("a SAS that names a policy which is not there is refused", async (space) => {
    const token = await space.serviceToken({ share: space.share, identifier: "no-such-policy" });
    await rejects(files.read(holding(space, token), { path }), denied("AuthenticationFailed"));
  }),

  inShare(
    "a SAS can say how an answer is presented",
    async (space) => {
      await files.write(space.connection, { path, body: "here", content: { type: "text/plain" } });
      const contentDisposition = 'attachment; filename="größe.txt"; x=1';
      const token = await space.serviceToken({
        share: space.share,
        path,
        permissions: "r",
        contentDisposition: "attachment; filename=a.txt",
        contentType: "application/x-own",
      });
      const { content } = await files.getProperties(holding(space, token), { path });
      equal(content.disposition, "attachment; filename=a.txt");
      equal(content.type, "application/x-own");
      equal((await files.getProperties(space.connection, { path })).content.type, "text/plain");
      // What no header can hold is still signed right.
      const odd = await space.serviceToken({ share: space.share, path, permissions: "w", contentDisposition });
      await files.putRange(holding(space, odd), { path, offset: 0, body: "H" });
    },
    ["allHeaders"],
  ),

  inShare("a function is asked for a token once, and again when the service refuses one", async (space) => {
    await files.write(space.connection, { path, body: "here" });
    const { share } = space;
    // It looks good for an hour, but its signature is of something else: only the service can tell.
    const revoked = (await space.serviceToken({ share, permissions: "r" })).replace(/sig=.{8}/, "sig=AAAAAAAA");
    const good = await space.serviceToken({ share, permissions: "r" });
    let asked = 0;
    const connection = derive(space.connection, { credential: sas(async () => (++asked === 1 ? revoked : good)) });
    const texts = await Promise.all([1, 2, 3].map(async () => (await files.read(connection, { path })).text()));
    deepEqual(texts, ["here", "here", "here"]);
    ok(asked === 2, `asked ${asked} times`);
    equal(await files.exists(connection, { path }), true);
    equal(asked, 2);
  }),

  inShare("a function whose tokens are all refused is asked twice for one call", async (space) => {
    const bad = (await space.serviceToken({ share: space.share })).replace(/sig=.{8}/, "sig=AAAAAAAA");
    let asked = 0;
    const connection = derive(space.connection, { credential: sas(() => (asked++, bad)) });
    await rejects(files.read(connection, { path }), denied("AuthenticationFailed"));
    equal(asked, 2);
  }),

  inShare("a function that fails, or gives no token, fails the call", async (space) => {
    const reason = new Error("the server of the page is down");
    const failing = derive(space.connection, {
      credential: sas(() => {
        throw reason;
      }),
    });
    space.wire.clear();
    equal(await rejects(files.exists(failing, { path }), { message: /down/ }), reason);
    await rejects(files.exists(derive(space.connection, { credential: sas(() => "") }), { path }), { name: "TypeError", message: /SAS/ });
    equal(space.wire.count(), 0);
  }),

  inShare("no credentials are refused", async (space) => {
    const connection = derive(space.connection, { credential: anonymous() });
    await rejects(shares.getProperties(connection), { name: "ServiceError", status: 401, code: "NoAuthenticationInformation" });
  }),

  inShare(
    "a bearer token goes out with its intent, and a refused one is renewed once",
    async (space) => {
      let asked = 0;
      const getToken = async (): Promise<string> => `token-${++asked}`;
      const connection = derive(space.connection, { credential: bearer(getToken, { intent: "backup" }) });
      const error = await rejects(shares.getProperties(connection), { name: "ServiceError", status: 401 });
      equal(asked, 2);
      equal(space.wire.requests.at(-1)?.headers["x-ms-file-request-intent"], "backup");
      equal(space.wire.requests.at(-1)?.headers["authorization"], "Bearer token-2");
      ok(!JSON.stringify(error).includes("token-"), "no token in the error");
    },
    ["sharedKey"],
  ),

  inShare("fromUrl makes a connection of a share's or file's URL with its SAS", async (space) => {
    const name = "a b/100% #1.txt";
    await directories.create(space.connection, { path: "a b" });
    const token = await space.serviceToken({ share: space.share, path: name, permissions: "rcw" });
    const encoded = name.split("/").map(encodeURIComponent).join("/");
    const file = fromUrl(urlOf(space, token, encoded), fetchOf(space));
    equal(file.share, space.share);
    equal(file.path, name);
    await upload(file, { body: "by its URL" });
    equal(await (await files.read(file)).text(), "by its URL");
    const share = fromUrl(new URL(urlOf(space, await space.serviceToken({ share: space.share }))), fetchOf(space));
    equal(share.path, undefined);
    equal((await all(directories.list(share, { path: "a b" }))).length, 1);
    const client = AzureFilesClient.fromUrl(urlOf(space, token, encoded), fetchOf(space));
    equal((await client.files.getProperties({})).size, 10);
  }),

  inShare("fromConnectionString takes a token, with an endpoint", async (space) => {
    const token = await space.accountToken();
    const connection = fromConnectionString(`FileEndpoint=${space.endpoint}/;SharedAccessSignature=${token}`, {
      share: space.share,
      ...fetchOf(space),
    });
    equal(await shares.exists(connection), true);
  }),

  inShare(
    "fromConnectionString takes an account with its key",
    async (space) => {
      const text = `DefaultEndpointsProtocol=http;AccountName=${space.account};AccountKey=${space.key};FileEndpoint=${space.endpoint};`;
      const connection = fromConnectionString(text, { share: space.share, dangerouslyAllowBrowser: true, ...fetchOf(space) });
      equal(await shares.exists(connection), true);
    },
    ["sharedKey"],
  ),

  {
    name: "connections know their endpoint from host or path, and the emulator by its word",
    async run() {
      equal(
        fromConnectionString("UseDevelopmentStorage=true", { dangerouslyAllowBrowser: true }).endpoint,
        "http://127.0.0.1:10004/devstoreaccount1",
      );
      const token = "sv=2026-10-06&ss=f&srt=sco&sp=r&se=2100-01-01T00:00:00Z&sig=AAAA";
      equal(fromConnectionString(`AccountName=abc;SharedAccessSignature=${token}`).endpoint, "https://abc.file.core.windows.net");
      equal(
        fromConnectionString(`AccountName=abc;EndpointSuffix=core.chinacloudapi.cn;SharedAccessSignature=?${token}`).endpoint,
        "https://abc.file.core.chinacloudapi.cn",
      );
      const host = fromUrl(`https://abc.file.core.windows.net/share/dir/a%20b?${token}`);
      deepEqual([host.endpoint, host.share, host.path], ["https://abc.file.core.windows.net", "share", "dir/a b"]);
      const service = fromUrl(`http://localhost:10004/abc?${token}`);
      deepEqual([service.endpoint, service.share, service.path], ["http://localhost:10004/abc", undefined, undefined]);
      equal(connect({ endpoint: "https://abc.file.core.windows.net/" }).endpoint, "https://abc.file.core.windows.net");
      ok(Object.isFrozen(connect({ endpoint: "https://abc.file.core.windows.net" })), "frozen");
    },
  },
];
