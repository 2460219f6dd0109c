/** What a page pays: the built package, bundled, minified and compressed as a host would. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { build } from "vite";
import type { Rolldown } from "vite";
import { afterAll, describe, expect, it } from "vitest";
import { root } from "./source-tree.js";

mkdirSync(join(root, "out"), { recursive: true });
const folder = mkdtempSync(join(root, "out/size-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let bundles = 0;

/** Bundles a page's script and returns its text and its size as sent, in bytes. */
async function bundle(script: string): Promise<{ code: string; gzip: number; minified: number }> {
  const entry = join(folder, `page-${++bundles}.js`);
  writeFileSync(entry, script);
  const output = (await build({
    configFile: false,
    root,
    publicDir: false,
    logLevel: "silent",
    build: { write: false, minify: true, target: "es2022", rolldownOptions: { input: entry, external: ["msw", /^node:/] } },
  })) as Rolldown.RolldownOutput;
  const code = output.output.map((chunk) => (chunk.type === "chunk" ? chunk.code : "")).join("\n");
  return { code, gzip: gzipSync(code, { level: 9 }).length, minified: code.length };
}

const uploadPage = readFileSync(join(root, "test/packed/upload-page.js"), "utf8");

describe("a page that only uploads with a SAS", () => {
  it("takes at most 18.0 kB, with every option of an upload in reach", async () => {
    const { code, gzip } = await bundle(uploadPage);
    // A bundle that lost the upload would be small, too.
    expect(code).toContain("x-ms-range");
    expect(gzip).toBeLessThanOrEqual(18_000);
  });

  it("carries no XML parser, no hashes, no emulator, no Shared Key, nothing of Node and no telemetry", async () => {
    const { code } = await bundle(uploadPage);
    const markers = [
      "SharedKey ",
      "EnumerationResults",
      "processEntities",
      "stopNodes",
      "isWindows",
      "blockLen",
      "UseDevelopmentStorage",
      "createConnection",
      "attempt-started",
    ];
    expect(markers.filter((marker) => code.includes(marker))).toEqual([]);
  });
});

describe("the markers of what must not be in that page", () => {
  it("are found where it is", async () => {
    const { code: listing } = await bundle(`import { list } from "azure-files/shares"; console.log(list);`);
    expect(["EnumerationResults", "stopNodes"].filter((marker) => !listing.includes(marker))).toEqual([]);
    const { code: key } = await bundle(`import { sharedKey } from "azure-files"; console.log(sharedKey);`);
    expect(key).toContain("SharedKey ");
    const { code: observed } = await bundle(`import { observe } from "azure-files"; console.log(observe);`);
    expect(observed).toContain("attempt-started");
    expect(readFileSync(join(root, "dist/transport/node.js"), "utf8")).toContain("createConnection");
  });
});

it("prints what each part takes", async () => {
  const pages: Record<string, string> = {
    "upload with a SAS": uploadPage,
    "the whole client": `import { AzureFilesClient } from "azure-files"; console.log(AzureFilesClient);`,
    "azure-files": `import * as all from "azure-files"; console.log(all);`,
    "azure-files/account": `import * as all from "azure-files/account"; console.log(all);`,
    "azure-files/leases": `import * as all from "azure-files/leases"; console.log(all);`,
    "azure-files/shares": `import * as all from "azure-files/shares"; console.log(all);`,
    "azure-files/directories": `import * as all from "azure-files/directories"; console.log(all);`,
    "azure-files/files": `import * as all from "azure-files/files"; console.log(all);`,
    "azure-files/streaming": `import * as all from "azure-files/streaming"; console.log(all);`,
    "azure-files/sas": `import * as all from "azure-files/sas"; console.log(all);`,
    "azure-files/simulation": `import * as all from "azure-files/simulation"; console.log(all);`,
    "azure-files/otel": `import * as all from "azure-files/otel"; console.log(all);`,
    "azure-files/polyfill": `import "azure-files/polyfill";`,
  };
  const lines = [];
  for (const [name, script] of Object.entries(pages)) {
    const { gzip, minified } = await bundle(script);
    expect(gzip).toBeGreaterThan(200);
    lines.push(`${name.padEnd(26)} ${(minified / 1000).toFixed(1).padStart(7)} kB ${(gzip / 1000).toFixed(1).padStart(7)} kB gzip`);
  }
  console.log(lines.join("\n"));
});
