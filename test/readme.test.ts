/**
 * The README's tables: that of operations, made from the modules, each of whose functions is called once and asked which operation it sends;
 * and that of runtimes, which are those that are installed.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { expect, it } from "vitest";
import { connect } from "../src/connect.js";
import { anonymous } from "../src/auth/anonymous.js";
import * as account from "../src/services/account.js";
import * as directories from "../src/services/directories.js";
import * as files from "../src/services/files.js";
import * as leaseOperations from "../src/services/leases.js";
import * as shares from "../src/services/shares.js";
import { operations } from "../src/simulation/emulator/operations.js";
import type { Connection } from "../src/types/connection.js";

const { takeLease: _, ...leases } = leaseOperations;
const services = { account, shares, directories, files, leases };

const id = "aaaaaaaa-1111-4222-8333-aaaaaaaaaaaa";

/** A request that has something for everybody. */
const request = {
  share: "share",
  path: "a",
  to: "b",
  size: 1,
  body: "x",
  offset: 0,
  count: 1,
  from: { path: "a" },
  copyId: id,
  handleId: "*",
  text: "a",
  existing: "a",
  metadata: {},
  leaseId: id,
  proposedLeaseId: id,
  expiresOn: new Date("2099-01-01T00:00:00Z"),
  permission: "O:SYG:SYD:",
  permissionKey: "1*2",
  deletedName: "share",
  deletedVersion: "01D99A38EA08C319",
  policies: [],
  cors: [],
  content: { type: "", encoding: "", language: "", disposition: "", cacheControl: "", md5: "" },
};

/** The first operation that a call sends, as nothing is ever answered. */
async function sentBy(call: (connection: Connection, given: object) => unknown, given: object): Promise<string | undefined> {
  let sent: string | undefined;
  const connection = connect({
    endpoint: "https://account.file.core.windows.net",
    credential: anonymous(),
    retry: false,
    middleware: [
      () => (wire) => {
        sent = wire.operation;
        return Promise.reject(new TypeError("nothing is sent"));
      },
    ],
  });
  try {
    const result = call(connection, given) as { pages?: () => AsyncIterable<unknown> } & PromiseLike<unknown>;
    if (result.pages) for await (const _ of result.pages()) break;
    else await result;
  } catch {
    // Nothing is answered.
  }
  return sent;
}

/** Operations with the calls that send them; what a call looks at first does not count where it sends others after it. */
async function callsByOperation(): Promise<Map<string, string[]>> {
  const calls = new Map<string, string[]>();
  for (const [service, module] of Object.entries(services)) {
    for (const [name, call] of Object.entries(module)) {
      if (/^(exists|createIfMissing|write)$/.test(name)) continue;
      const variants = service === "leases" ? [request, { ...request, path: "", duration: 15 }] : [request];
      for (const given of variants) {
        const operation = await sentBy(call as (connection: Connection, given: object) => unknown, given);
        if (operation === undefined && service === "leases") continue;
        expect(operation, `${service}.${name}`).toBeDefined();
        const known = calls.get(operation ?? "") ?? [];
        const text = `\`${service}.${name}\``;
        if (!known.includes(text)) calls.set(operation ?? "", [...known, text]);
      }
    }
  }
  return calls;
}

it("names every operation with the calls that send it", async () => {
  const calls = await callsByOperation();
  const names = Object.keys(operations);
  expect(names.filter((name) => !calls.has(name))).toEqual([]);
  const rows = names.map((name) => [name, (calls.get(name) ?? []).join(", ")] as const);
  const widths = [0, 1].map((column) => Math.max(...rows.map((row) => row[column as 0].length), 9));
  const line = (cells: readonly string[]): string => `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |`;
  const rule = `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`;
  const table = [line(["operation", "call"]), rule, ...rows.map(line)].join("\n");
  const url = new URL("../README.md", import.meta.url);
  const readme = readFileSync(url, "utf8");
  const place = /(?<=<!-- operations -->\n\n)[\s\S]*?(?=\n\n<!-- \/operations -->)/;
  if (process.env["UPDATE_README"])
    writeFileSync(
      url,
      readme.replace(place, () => table),
    );
  expect(readFileSync(url, "utf8").match(place)?.[0]).toBe(table);
});

it("names every runtime that is installed, in that version, and no others but browsers", () => {
  const read = (path: string): string => readFileSync(new URL(path, import.meta.url), "utf8");
  const { packages } = JSON.parse(read("runtimes/engines/package-lock.json")) as { packages: Record<string, { version: string }> };
  const { devDependencies } = JSON.parse(read("../package.json")) as { devDependencies: { node: string } };
  const installed = {
    "Node 22": "node22",
    "Node 24": "",
    "Node 26": "node26",
    Deno: "@deno/linux-x64-glibc",
    Bun: "@oven/bun-linux-x64",
    workerd: "workerd",
    "edge-runtime": "edge-runtime",
  };
  const versions = Object.entries(installed).map(
    ([runtime, name]) => `${runtime} ${name === "" ? devDependencies.node : packages[`node_modules/${name}`]?.version}`,
  );
  for (const path of ["../README.md", "../docs/runtimes.md"]) {
    const table = /(?<=<!-- runtimes -->\n\n)[\s\S]*?(?=\n\n<!-- \/runtimes -->)/.exec(read(path))?.[0] ?? "";
    const rows = table
      .split("\n")
      .slice(2)
      .map((row) => row.split("|").map((cell) => cell.trim()));
    const named = rows.map(([, runtime = "", version]) => `${runtime.replace(/,.*/, "")} ${version}`);
    expect([...new Set(named)].filter((name) => !/^(Chromium|Firefox|WebKit) /.test(name))).toEqual(versions);
  }
});
