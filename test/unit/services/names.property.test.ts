/** Any legal name makes the whole way: create, list, read, rename, a SAS of its own, delete. */
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { accountSas, serviceSas } from "../../../src/auth/mint.js";
import { sas } from "../../../src/auth/sas.js";
import { sharedKey } from "../../../src/auth/shared-key.js";
import { connect, derive, fromUrl } from "../../../src/connect.js";
import * as directories from "../../../src/services/directories.js";
import * as files from "../../../src/services/files.js";
import * as shares from "../../../src/services/shares.js";
import { createEmulator } from "../../../src/simulation/index.js";
import { parseUrl, urlOf } from "../../../src/transport/address.js";
import { metadata, metadataHeaders } from "../../../src/transport/headers.js";
import { parseXml, childText } from "../../../src/transport/xml.js";
import { scanXml } from "../../../src/transport/xml-scanner.js";
import { all } from "./emulated.js";

const emulator = createEmulator();
const { account, key, endpoint, fetch } = emulator;
const owner = connect({ endpoint, share: "names", credential: sharedKey({ account, key }), fetch, retry: false });
await shares.create(owner);

/** Characters that somebody's software trips over, and any others that a name may have. */
const character = fc.oneof(
  fc.constantFrom(..."%+#&='~!@$^(){}[];,` .-_ aZ09äß漢🌍\uFFFE\uFFFF\u200F"),
  fc.string({ unit: "binary", minLength: 1, maxLength: 1 }).filter((text) => !/["\\/:|<>*?\p{Cc}\p{Cs}]/u.test(text)),
);
const name = fc
  .array(character, { minLength: 1, maxLength: 24 })
  .map((characters) => characters.join(""))
  .filter((text) => !/^\.*$/.test(text) && text.length <= 255);

describe("any legal name", () => {
  it("of a directory and a file makes the whole way", async () => {
    let round = 0;
    const property = fc.asyncProperty(name, name, name, async (directory, file, renamed) => {
      const top = `round-${++round}`;
      const folder = `${top}/${directory}`;
      const path = `${folder}/${file}`;
      await directories.create(owner, { path: folder, recursive: true });
      await files.write(owner, { path, body: "content" });
      expect((await all(directories.list(owner, { path: top }))).map((entry) => entry.name)).toEqual([directory]);
      expect((await all(directories.list(owner, { path: folder, prefix: file }))).map((entry) => entry.name)).toEqual([file]);

      const token = await serviceSas({
        account,
        key,
        share: "names",
        path,
        permissions: "r",
        expiresOn: new Date("2099-01-01"),
        protocol: "https,http",
      });
      const holder = fromUrl(`${urlOf(endpoint, { share: "names", path })}?${token}`, { fetch, retry: false });
      expect(await (await files.read(holder)).text()).toBe("content");

      const to = `${top}/${renamed}-moved`;
      await files.rename(owner, { path, to });
      expect(await files.exists(owner, { path })).toBe(false);
      expect(await (await files.read(owner, { path: to })).text()).toBe("content");
      await files.startCopy(owner, { path, from: { path: to } });
      expect(await (await files.read(owner, { path })).text()).toBe("content");
      await directories.delete(owner, { path: top, recursive: true });
      expect(await directories.exists(owner, { path: top })).toBe(false);
    });
    await fc.assert(property, { numRuns: 150, seed: 20261123 });
  }, 60_000);

  it("is renamed with a SAS, which goes along for the source", async () => {
    const token = await accountSas({
      account,
      key,
      permissions: "rwdlc",
      resourceTypes: "sco",
      expiresOn: new Date("2099-01-01"),
      protocol: "https,http",
    });
    const holder = derive(owner, { credential: sas(token) });
    const property = fc.asyncProperty(name, async (file) => {
      await files.write(holder, { path: file, body: "x" });
      await files.rename(holder, { path: file, to: "moved", replaceIfExists: true });
      await files.delete(holder, { path: "moved" });
    });
    await fc.assert(property, { numRuns: 100, seed: 20261123 });
  }, 60_000);

  it("is listed with a handle that is open on it, and links to it keep its name", async () => {
    let round = 0;
    const property = fc.asyncProperty(name, name, async (directory, file) => {
      const folder = `handles-${++round}`;
      const path = `${folder}/${directory}/${file}`;
      await directories.create(owner, { path: `${folder}/${directory}`, recursive: true });
      await files.create(owner, { path, size: 0 });
      emulator.openHandle({ share: "names", path });
      const found = await all(directories.listHandles(owner, { path: folder, recursive: true }));
      expect(found.map((handle) => handle.path)).toEqual([path]);
      expect(await files.forceCloseHandles(owner, { path, handleId: "*" })).toMatchObject({ closed: 1 });
    });
    await fc.assert(property, { numRuns: 100, seed: 20261123 });
  }, 60_000);

  it("is the name of a hard link's file, too", async () => {
    const unix = derive(owner, { share: "unix" });
    await shares.create(unix, { enabledProtocols: "NFS" });
    let round = 0;
    const property = fc.asyncProperty(name, async (file) => {
      const folder = `links-${++round}`;
      await directories.create(unix, { path: folder });
      await files.write(unix, { path: `${folder}/${file}`, body: "content" });
      await files.createHardLink(unix, { path: `link-${round}`, existing: `${folder}/${file}` });
      expect(await (await files.read(unix, { path: `link-${round}` })).text()).toBe("content");
    });
    await fc.assert(property, { numRuns: 100, seed: 20261123 });
  }, 60_000);

  it("loses its trailing dots where the connection says so, and is found with any number of them", async () => {
    const dotless = derive(owner, { allowTrailingDot: false });
    let round = 0;
    const property = fc.asyncProperty(name, fc.nat(3), fc.nat(3), async (file, more, others) => {
      const folder = `dots-${++round}`;
      await directories.create(dotless, { path: folder });
      const bare = file.replace(/\.+$/, "");
      await files.write(dotless, { path: `${folder}/${bare}${".".repeat(more)}`, body: "content" });
      expect((await all(directories.list(dotless, { path: folder }))).map((entry) => entry.name)).toEqual([bare]);
      await files.rename(dotless, { path: `${folder}/${bare}${".".repeat(others)}`, to: `${folder}/to..` });
      expect(await (await files.read(owner, { path: `${folder}/to` })).text()).toBe("content");
      expect(await files.exists(owner, { path: `${folder}/to..` })).toBe(false);
    });
    await fc.assert(property, { numRuns: 100, seed: 20261123 });
  }, 60_000);

  it("is the same after a URL was made of it and read", () => {
    const property = fc.property(name, name, (one, two) => {
      const path = `${one}/${two}`;
      expect(parseUrl(urlOf(endpoint, { share: "names", path })).path).toBe(path);
    });
    fc.assert(property, { numRuns: 500, seed: 20261123 });
  });
});

describe("codecs", () => {
  it("of metadata are inverse", () => {
    const value = fc.string({ unit: "grapheme-ascii", maxLength: 40 }).map((text) => text.trim());
    const entries = fc.dictionary(fc.stringMatching(/^[a-z_][a-z0-9_]{0,20}$/), value, { maxKeys: 8 });
    const property = fc.property(entries, (given) => {
      expect(metadata(new Headers(metadataHeaders(given) as Record<string, string>))).toEqual({ ...given });
    });
    fc.assert(property, { numRuns: 300, seed: 20261123 });
  });

  it("of XML: the scanner reads what the parser reads", async () => {
    const text = fc
      .array(fc.constantFrom("a", "&amp;", "&lt;", "&#65;", "&#x1F30D;", " ", "ü", "漢", "1", '"'), { maxLength: 6 })
      .map((parts) => parts.join(""));
    const leaf = fc.tuple(fc.constantFrom("A", "B", "Last-Modified"), text).map(([tag, inner]) => `<${tag}>${inner}</${tag}>`);
    const tree = fc
      .array(fc.oneof(leaf, fc.constant("<Empty />")), { maxLength: 6 })
      .map((leaves) => `<Root><Item>${leaves.join("")}</Item></Root>`);
    const property = fc.asyncProperty(tree, async (xml) => {
      const scanned: string[] = [];
      scanXml(`\uFEFF<?xml version="1.0" encoding="utf-8"?>${xml}`, "Root", {
        leaf: (tag, inner) => void (tag === "A" && scanned.push(inner)),
      });
      const first = childText(((await parseXml(xml, "Root")) as Record<string, never>)[".Item"], "A");
      expect(scanned[0] || undefined).toBe(first);
    });
    await fc.assert(property, { numRuns: 500, seed: 20261123 });
  });

  it("of XML: what is cut off or garbled is refused or read, and never hangs", () => {
    const whole = `<?xml version="1.0"?><Root><Item><A>x</A><B k="v">y</B><Empty /></Item></Root>`;
    const property = fc.property(fc.nat(whole.length), fc.constantFrom("<", ">", "/", "&", '"', "", "x"), (at, put) => {
      for (const xml of [whole.slice(0, at), whole.slice(0, at) + put + whole.slice(at + 1)]) {
        try {
          scanXml(xml, "Root", { leaf: () => undefined });
        } catch (error) {
          expect(error).toMatchObject({ name: "IntegrityError", reason: "listing" });
        }
      }
    });
    fc.assert(property, { numRuns: 1000, seed: 20261123 });
    for (let at = 0; at < whole.length; at++) {
      expect(() => scanXml(whole.slice(0, at), "Root", { leaf: () => undefined })).toThrow();
    }
  });
});
