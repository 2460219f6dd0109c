import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterEach, expect, it, vi } from "vitest";

const natives = { ReadableStream, TransformStream };
afterEach(() => {
  Object.assign(globalThis, natives);
  vi.resetModules();
});

it("installs what is missing, working, and leaves what is there", async () => {
  Reflect.deleteProperty(globalThis, "TransformStream");
  await import("../../src/polyfill.js");
  expect(ReadableStream).toBe(natives.ReadableStream);
  expect(TransformStream).not.toBe(natives.TransformStream);
  expect(Object.keys(globalThis)).not.toContain("TransformStream");
  const { readable, writable } = new TransformStream<string, string>({ transform: (chunk, controller) => controller.enqueue(`${chunk}!`) });
  const writer = writable.getWriter();
  const written = writer.write("streams");
  expect(await readable.getReader().read()).toEqual({ done: false, value: "streams!" });
  await written;
});

it("changes nothing where everything is there", async () => {
  await import("../../src/polyfill.js");
  expect({ ReadableStream, TransformStream }).toEqual(natives);
  expect(TransformStream).toBe(natives.TransformStream);
});

/** What the built package does in a process whose engine has no streams, or none in its answers. */
async function whereStreamsAreMissing(kind: "with" | "without" | "bodiless"): Promise<Record<string, unknown>> {
  const program = fileURLToPath(new URL("polyfill-program.mjs", import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [program, kind], { timeout: 30_000 });
  return JSON.parse(stdout) as Record<string, unknown>;
}

it.each(["with", "bodiless"] as const)("makes streams go up and down where the engine has none (%s)", async (kind) => {
  expect(await whereStreamsAreMissing(kind)).toEqual({
    missing: "undefined",
    "upload of bytes": 10,
    "upload of an iterable": 5_000_000,
    "upload of a stream": 5_000_000,
    "download as a stream": 15_000_000,
    "download as an iteration": 15_000_000,
    "reading of a file": 10,
  });
});

it("is asked for by name where something is to be read as a stream and there is none, before the network", async () => {
  const asked = 'TypeError: this engine has no ReadableStream: import "azure-files/polyfill" first (0 requests)';
  expect(await whereStreamsAreMissing("without")).toEqual({
    missing: "undefined",
    "download as a stream": asked,
    "download as an iteration": asked,
    "reading of a file": asked,
  });
});
