/** What a range travels with under `md5()`, by where it is sent from. */
import { createHash } from "node:crypto";
import { afterEach, expect, it, vi } from "vitest";
import { md5 } from "../../../src/streaming/checksum.js";

afterEach(() => vi.unstubAllGlobals());

const part = new TextEncoder().encode("hello");
const sum = createHash("md5").update(part).digest("base64");

it.each([
  ["Node", "Node.js/24", undefined, { "content-md5": sum }],
  ["Deno that was given a location", "Deno/2.9.6", { href: "https://example.org/" }, { "content-md5": sum }],
  ["an engine that names itself nowhere", undefined, undefined, { "content-md5": sum }],
  ["a page, where a CORS rule may not let it through", "Mozilla/5.0 (X11) Gecko", { href: "https://example.org/" }, {}],
])("is sent along in %s", (_where, userAgent, location, headers) => {
  vi.stubGlobal("navigator", userAgent === undefined ? undefined : { userAgent });
  vi.stubGlobal("location", location);
  const guarded = md5().protect(part);
  expect(guarded.headers).toEqual(headers);
  expect(guarded.body).toBe(part);
});
