import { readFileSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { get } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, it } from "vitest";
import { run } from "../../../src/node/command.js";
import { serve } from "../../../src/node/serve.js";
import { createEmulator } from "../../../src/simulation/index.js";

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

/** Starts the program; `line` waits for a line of output that matches. */
function start(...argv: string[]): {
  code: Promise<number>;
  stop: () => void;
  lines: string[];
  errors: string[];
  line: (pattern: RegExp) => Promise<string[]>;
} {
  const lines: string[] = [];
  const errors: string[] = [];
  const waiting: (() => void)[] = [];
  const stop = new AbortController();
  const code = run(argv, {
    out: (line) => {
      lines.push(line);
      for (const look of waiting) look();
    },
    error: (line) => errors.push(line),
    signal: stop.signal,
  });
  ends.push(() => {
    stop.abort();
    return code;
  });
  const line = (pattern: RegExp): Promise<string[]> =>
    new Promise((resolve) => {
      const look = (): void => {
        const match = lines.map((text) => pattern.exec(text)).find((found) => found !== null);
        if (match) resolve([...match]);
      };
      waiting.push(look);
      look();
    });
  return { code, stop: () => stop.abort(), lines, errors, line };
}

it("serves an emulator until it is stopped, and says where and with which key", async () => {
  const program = start("emulator", "--port", "0");
  const [, endpoint = ""] = await program.line(/^Azure Files emulator: (http:\/\/127\.0\.0\.1:\d+\/devstoreaccount1)$/);
  const connectionString = await program.line(
    /^Connection string: .*AccountName=devstoreaccount1;AccountKey=Eby8[^;]+;FileEndpoint=(.*);$/,
  );
  await program.line(/public/);
  expect(connectionString[1]).toBe(endpoint);
  const response = await fetch(`${endpoint}?comp=list`);
  expect(response.headers.get("x-ms-error-code")).not.toBeNull();
  program.stop();
  expect(await program.code).toBe(0);
  await expect(fetch(endpoint)).rejects.toThrow(TypeError);
});

it("does not print a key that it was given", async () => {
  const key = Buffer.from("a key of my own").toString("base64");
  const program = start("emulator", "--port", "0", "--account", "mine", "--key", key);
  await program.line(/^Connection string: .*AccountName=mine;/);
  program.stop();
  await program.code;
  expect([...program.lines, ...program.errors].join("\n")).not.toContain(key);
});

it("writes what went over the wire at the end", async () => {
  const folder = await mkdtemp(join(tmpdir(), "azure-files-"));
  ends.push(() => rm(folder, { recursive: true }));
  const file = join(folder, "traffic.har");
  const program = start("emulator", "--port", "0", "--har", file);
  const [, endpoint = ""] = await program.line(/emulator: (.*)$/);
  await fetch(`${endpoint}/share/file?sv=2026-10-06&sig=verysecretsignature`);
  program.stop();
  expect(await program.code).toBe(0);
  const text = await readFile(file, "utf8");
  expect(JSON.parse(text).log.entries).toHaveLength(1);
  expect(text).not.toContain("verysecretsignature");
});

it("says in a sentence that the port is taken", async () => {
  const taken = await serve({ handle: async () => new Response(null) });
  ends.push(() => taken.close());
  const program = start("emulator", "--port", String(taken.port));
  expect(await program.code).toBe(1);
  expect(program.errors).toEqual([
    `azure-files: Port ${taken.port} of 127.0.0.1 is in use by another program; choose another with --port, or any free one with --port 0`,
  ]);
});

it.each([
  [[], "Say what to do: emulator"],
  [["serve"], 'There is no command "serve", only emulator'],
  [["emulator", "--speed"], "Unknown option '--speed'"],
  [["emulator", "--port"], "Option '--port <value>' argument missing"],
  [["emulator", "--port", "65536"], '--port takes a number from 0 to 65535, not "65536"'],
  [["emulator", "--port", "-1"], "Option '--port' argument is ambiguous"],
])("refuses %j in a sentence, with code 2", async (argv, sentence) => {
  const program = start(...argv);
  expect(await program.code).toBe(2);
  expect(program.errors).toHaveLength(1);
  expect(program.errors[0]).toContain(sentence);
  expect(program.lines).toEqual([]);
});

it("refuses a malformed key without repeating it", async () => {
  const program = start("emulator", "--port", "0", "--key", "not base64!");
  expect(await program.code).toBe(2);
  expect(program.errors.join()).not.toContain("not base64!");
});

it("helps, and knows its version", async () => {
  const help = start("--help");
  expect(await help.code).toBe(0);
  expect(help.lines.join()).toContain("--port NUMBER");
  const version = start("--version");
  expect(await version.code).toBe(0);
  const manifest = JSON.parse(await readFile(new URL("../../../package.json", import.meta.url), "utf8"));
  expect(version.lines).toEqual([manifest.version]);
});

it("serves HTTPS with --cert and --cert-key, where bearer tokens are taken", async () => {
  const file = (name: string): string => new URL(`../../vectors/tls-${name}.pem`, import.meta.url).pathname;
  const program = start("emulator", "--port", "0", "--cert", file("cert"), "--cert-key", file("key"), "--kind", "standard");
  const [, endpoint = ""] = await program.line(/^Azure Files emulator: (https:\/\/127\.0\.0\.1:\d+\/devstoreaccount1)$/);
  await program.line(/^Connection string: DefaultEndpointsProtocol=https;.*FileEndpoint=https:/);
  const headers = {
    authorization: `Bearer ${createEmulator().token()}`,
    "x-ms-version": "2026-10-06",
    "x-ms-file-request-intent": "backup",
  };
  const status = await new Promise<number | undefined>((resolve, reject) => {
    get(`${endpoint}?comp=list`, { ca: readFileSync(file("cert")), headers }, (answer) => resolve(answer.resume().statusCode)).on(
      "error",
      reject,
    );
  });
  expect(status).toBe(200);
  program.stop();
  expect(await program.code).toBe(0);
});

it("takes bearer tokens over plain HTTP only with --insecure-bearer", async () => {
  const headers = {
    authorization: `Bearer ${createEmulator().token()}`,
    "x-ms-version": "2026-10-06",
    "x-ms-file-request-intent": "backup",
  };
  for (const [argv, status] of [
    [[], 401],
    [["--insecure-bearer"], 200],
  ] as const) {
    const program = start("emulator", "--port", "0", ...argv);
    const [, endpoint = ""] = await program.line(/^Azure Files emulator: (http:.*)$/);
    expect((await fetch(`${endpoint}?comp=list`, { headers })).status).toBe(status);
    program.stop();
    await program.code;
  }
});

it.each([
  [["--cert", "a.pem"], "--cert and --cert-key come together"],
  [["--cert-key", "a.pem"], "--cert and --cert-key come together"],
  [
    ["--cert", new URL("../../vectors/tls-cert.pem", import.meta.url).pathname, "--cert-key", "no-such-key"],
    "--cert-key cannot be read: no-such-key",
  ],
  [["--cert", "no-such-file", "--cert-key", "no-such-file"], "--cert cannot be read: no-such-file"],
  [["--kind", "gold"], '--kind takes any, standard, premium, provisioned, not "gold"'],
  [["--soft-delete-days", "-1"], "--soft-delete-days"],
])("refuses %j", async (argv, message) => {
  const program = start("emulator", "--port", "0", ...argv);
  expect(await program.code).toBe(2);
  expect(program.errors.join()).toContain(message);
});

it("refuses a certificate that is none", async () => {
  const file = new URL("../../vectors/tls.md", import.meta.url).pathname;
  const program = start("emulator", "--port", "0", "--cert", file, "--cert-key", file);
  expect(await program.code).toBe(1);
  expect(program.errors.join()).toContain("no PEM certificate");
});
