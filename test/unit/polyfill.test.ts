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
