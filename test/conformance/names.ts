/** Names of all kinds, there and back. */
import { derive } from "azure-files";
import * as directories from "azure-files/directories";
import * as files from "azure-files/files";
import { download, upload } from "azure-files/streaming";
import { type Case, inShare } from "./case.js";
import { deepEqual, equal, rejects } from "./check.js";
import { all } from "./content.js";

const NAMES = [
  "plain.txt",
  "with space",
  " leading and trailing ",
  "100%",
  "%41",
  "%2F",
  "a+b",
  "#1",
  "a&b=c",
  "it's (really) fine!",
  "semi;colon,comma@at$",
  "[brackets]{braces}^~`",
  "ümläut ß ﬁ",
  "e\u0301 and é",
  "日本語",
  "🎈.txt",
  "\u202Eright to left",
  "123",
  "true",
  "<".replace("<", "less"),
  "trailing.",
  "trailing...",
  ".hidden",
  "...dots",
  "\uFFFE",
  "a\uFFFFb",
  "a".repeat(255),
  "ü".repeat(255),
  "CON.txt",
  "&amp;",
  "\u00A0nbsp\u3000",
];

export const nameCases: readonly Case[] = [
  inShare("files of every name go up, are listed, come down and go away", async ({ connection }) => {
    for (const name of NAMES) {
      await upload(connection, { path: name, body: name });
      equal(await files.exists(connection, { path: name }), true, name);
      equal(await (await files.read(connection, { path: name })).text(), name, "read");
      equal(await (await download(connection, { path: name })).text(), name, "download");
    }
    const listed = await all(directories.list(connection));
    deepEqual(listed.map(({ name }) => name).sort(), NAMES.toSorted());
    for (const name of NAMES) {
      const [found] = await all(directories.list(connection, { prefix: name }));
      equal(found?.name.startsWith(name), true, `prefix ${name}`);
    }
    for (const name of NAMES) await files.delete(connection, { path: name });
    deepEqual(await all(directories.list(connection)), []);
  }),

  inShare("directories of every name hold files of every name", async ({ connection }) => {
    for (const name of NAMES) {
      await directories.create(connection, { path: `${name}/${name}`, recursive: true });
      await files.write(connection, { path: `${name}/${name}/${name}`, body: "x" });
      const [inner] = await all(directories.list(connection, { path: `${name}/${name}` }));
      equal(inner?.name, name);
      equal(inner?.kind, "file");
      equal((await directories.delete(connection, { path: name, recursive: true })).deleted, 3, name);
    }
    deepEqual(await all(directories.list(connection)), []);
  }),

  inShare("listings of every name come in pages", async ({ connection }) => {
    for (const path of NAMES) await files.create(connection, { path, size: 0 });
    const pages = await all(directories.list(connection, { pageSize: 1 }).pages());
    deepEqual(pages.flatMap(({ entries }) => entries.map(({ name }) => name)).sort(), NAMES.toSorted());
    equal(pages.length, NAMES.length);
  }),

  inShare("names keep their case and are found in any", async ({ connection }) => {
    await directories.create(connection, { path: "Dir" });
    await files.write(connection, { path: "dir/File.TXT", body: "x" });
    equal(await files.exists(connection, { path: "DIR/file.txt" }), true);
    deepEqual(
      (await all(directories.list(connection, { path: "dIR" }))).map(({ name }) => name),
      ["File.TXT"],
    );
    await rejects(directories.create(connection, { path: "DIR" }), { name: "ServiceError", code: "ResourceAlreadyExists" });
  }),

  inShare("dots at the end of names are kept, unless they shall not be", async ({ connection }) => {
    await files.write(connection, { path: "a.", body: "with" });
    await files.write(connection, { path: "a", body: "without" });
    equal(await (await files.read(connection, { path: "a." })).text(), "with");
    equal(await (await files.read(connection, { path: "a" })).text(), "without");
    const cutting = derive(connection, { allowTrailingDot: false });
    equal(await (await files.read(cutting, { path: "a..." })).text(), "without");
    await directories.create(connection, { path: "dir./inner...", recursive: true });
    await files.write(connection, { path: "dir./inner.../x.", body: "deep" });
    deepEqual(
      (await all(directories.list(connection, { path: "dir./inner..." }))).map(({ name }) => name),
      ["x."],
    );
    equal(await directories.exists(connection, { path: "dir" }), false);
    equal((await directories.delete(connection, { path: "dir.", recursive: true })).deleted, 3);
  }),

  inShare("one slash at the beginning or the end means nothing", async ({ connection }) => {
    await directories.create(connection, { path: "/a/" });
    await files.write(connection, { path: "/a/b", body: "x" });
    equal((await all(directories.list(connection, { path: "a/" }))).length, 1);
    equal((await all(directories.list(connection, { path: "/" }))).length, 1);
    equal(await files.exists(connection, { path: "a/b" }), true);
  }),

  inShare("paths may be 2,048 characters long and 250 components deep", async ({ connection }) => {
    const deep = Array.from({ length: 250 }, (_, index) => `${index % 10}`).join("/");
    await directories.create(connection, { path: deep, recursive: true });
    equal(await directories.exists(connection, { path: deep }), true);
    const long = `${"x".repeat(255)}/`.repeat(8).slice(0, 2047);
    await directories.create(connection, { path: long.slice(0, 2040).split("/").slice(0, 7).join("/"), recursive: true });
    await files.write(connection, { path: long, body: "x" });
    equal(await (await files.read(connection, { path: long })).text(), "x");
  }),
];
