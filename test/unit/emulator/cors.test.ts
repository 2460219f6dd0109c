import { describe, expect, it } from "vitest";
import { createCaller, createShareCaller } from "./account.js";

const origin = "https://app.example";

function preflight(headers: Record<string, string>): RequestInit {
  return { method: "OPTIONS", headers };
}

describe("preflight", () => {
  it("is granted by the default rule, without credentials and for things that do not exist", async () => {
    const { emulator } = createCaller();
    const response = await emulator.fetch(
      `${emulator.endpoint}/nowhere/at/all?comp=range`,
      preflight({
        origin,
        "access-control-request-method": "PUT",
        "access-control-request-headers": "content-type,x-ms-range,X-MS-Write",
      }),
    );
    expect(response.status).toBe(200);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      "access-control-allow-origin": "*",
      "access-control-allow-methods": "PUT",
      "access-control-allow-headers": "content-type,x-ms-range,X-MS-Write",
      "access-control-max-age": "300",
    });
    expect(emulator.requestCount).toBe(1);
  });

  it.each([
    ["a header that is not allowed", { "access-control-request-method": "PUT", "access-control-request-headers": "authorization" }],
    ["a method that is not allowed", { "access-control-request-method": "POST" }],
  ])("is refused for %s", async (_, headers) => {
    const { emulator } = createCaller();
    const response = await emulator.fetch(emulator.endpoint, preflight({ origin, ...headers }));
    expect([response.status, response.headers.get("x-ms-error-code")]).toEqual([403, "CorsPreflightFailure"]);
    expect(response.headers.get("access-control-allow-methods")).toBeNull();
  });

  it("is refused when there are no rules, and is none without its two headers", async () => {
    const { emulator } = createCaller({ cors: [] });
    const full = { origin, "access-control-request-method": "GET" };
    expect((await emulator.fetch(emulator.endpoint, preflight(full))).status).toBe(403);
    expect((await emulator.fetch(emulator.endpoint, preflight({ origin }))).status).toBe(400);
    expect((await emulator.fetch(emulator.endpoint, preflight({ "access-control-request-method": "GET" }))).status).toBe(400);
  });

  it("is decided by the first rule for the origin and method", async () => {
    const { emulator } = createCaller();
    const rule = { allowedOrigins: [origin], allowedMethods: ["PUT"], exposedHeaders: [], maxAgeSeconds: 5 };
    emulator.setCors([
      { ...rule, allowedHeaders: ["content-type"] },
      { ...rule, allowedHeaders: ["*"] },
    ]);
    const ask = async (header: string, from = origin): Promise<number> =>
      (
        await emulator.fetch(
          emulator.endpoint,
          preflight({ origin: from, "access-control-request-method": "PUT", "access-control-request-headers": header }),
        )
      ).status;
    expect(await ask("content-type")).toBe(200);
    expect(await ask("x-ms-range")).toBe(403);
    expect(await ask("content-type", "https://APP.example")).toBe(403);
  });
});

describe("answers across origins", () => {
  it("expose what the rule names and the answer has, errors too", async () => {
    const caller = await createShareCaller();
    for (const path of ["/docs?restype=share", "/none?restype=share"]) {
      const { headers } = await caller.call("HEAD", path, { headers: { origin } });
      const exposed = (headers.get("access-control-expose-headers") ?? "").split(",");
      expect(headers.get("access-control-allow-origin")).toBe("*");
      expect(exposed).toContain("x-ms-request-id");
      expect(exposed.includes("ETag")).toBe(headers.has("etag"));
      expect(exposed.includes("x-ms-error-code")).toBe(headers.has("x-ms-error-code"));
      expect(exposed).not.toContain("Last-Modified");
    }
  });

  it("have the headers without Origin on GET and HEAD only, as recorded", async () => {
    const caller = await createShareCaller();
    expect((await caller.call("GET", "/docs?restype=share")).headers.get("access-control-allow-origin")).toBe("*");
    const put = await caller.call("PUT", "/docs?restype=share&comp=metadata");
    expect(put.headers.get("access-control-allow-origin")).toBeNull();
    const cross = await caller.call("PUT", "/docs?restype=share&comp=metadata", { headers: { origin } });
    expect(cross.headers.get("access-control-allow-origin")).toBe("*");
  });

  it("end the list of a rule that exposes all as the service does", async () => {
    const caller = createCaller();
    caller.emulator.setCors([
      { allowedOrigins: ["*"], allowedMethods: ["GET"], allowedHeaders: ["*"], exposedHeaders: ["*"], maxAgeSeconds: 1 },
    ]);
    const { headers } = await caller.call("GET", "/?comp=list", { headers: { "x-ms-client-request-id": "mine" } });
    expect(headers.get("access-control-expose-headers")).toBe(
      "x-ms-request-id,x-ms-client-request-id,Server,x-ms-version,Content-Type,Content-Length,Date,Transfer-Encoding",
    );
  });

  it("of a rule for one origin say so, and vary", async () => {
    const caller = await createShareCaller();
    caller.emulator.setCors([
      { allowedOrigins: [origin], allowedMethods: ["GET"], allowedHeaders: [], exposedHeaders: ["ETag"], maxAgeSeconds: 1 },
    ]);
    const own = await caller.call("GET", "/docs?restype=share", { headers: { origin } });
    expect(Object.fromEntries(own.headers)).toMatchObject({
      "access-control-allow-origin": origin,
      "access-control-allow-credentials": "true",
      "access-control-expose-headers": "ETag",
      vary: "Origin",
    });
    const other = await caller.call("GET", "/docs?restype=share", { headers: { origin: "https://other.example" } });
    expect([other.status, other.headers.get("access-control-allow-origin"), other.headers.get("vary")]).toEqual([200, null, "Origin"]);
  });
});
