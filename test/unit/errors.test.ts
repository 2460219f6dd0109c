import { runInNewContext } from "node:vm";
import { describe, expect, it } from "vitest";
import {
  AzureFilesError,
  IntegrityError,
  isAzureFilesError,
  isIntegrityError,
  isRetryable,
  isServiceError,
  isTransportError,
  retryAfter,
  ServiceError,
  TransportError,
} from "../../src/errors.js";
import { request } from "./auth/request.js";

const service = (status: number, code = "Any", wait?: number): ServiceError =>
  new ServiceError(
    "No.",
    { status, code, requestId: "0000-f00d", retryAfter: wait, details: { HeaderName: "x-ms-range" } },
    { request: request({ attempt: 3 }) },
  );

/** What is no error of ours, and what looks a little like one. */
const strangers = [
  undefined,
  null,
  0,
  "",
  "ServiceError",
  Symbol("a"),
  {},
  [],
  new Error("a"),
  new TypeError("a"),
  new DOMException("a", "AbortError"),
  { name: "ServiceError" },
  { name: {}, attempts: [] },
  () => "x",
];

describe("an error", () => {
  it("says operation, status, code, message, request id and try", () => {
    expect(service(412, "LeaseIdMissing").message).toBe("Get File failed: 412 LeaseIdMissing - No. (request 0000-f00d) (attempt 3)");
    expect(new TransportError("timeout", "no answer", { request: request() }).message).toBe("Get File failed: no answer (attempt 1)");
    expect(new IntegrityError("listing", "no XML").message).toBe("no XML");
  });

  it("is what its class says, by class, by name and by what it carries", () => {
    const errors = [service(500), new TransportError("stalled", "a"), new IntegrityError("changed", "a"), new AzureFilesError("a")];
    expect(errors.map((error) => error.name)).toEqual(["ServiceError", "TransportError", "IntegrityError", "AzureFilesError"]);
    for (const error of errors) {
      expect(error).toBeInstanceOf(AzureFilesError);
      expect(error).toBeInstanceOf(Error);
      expect(error.attempts).toEqual([]);
      expect(Object.hasOwn(error, "cause")).toBe(false);
    }
    expect(service(404)).toMatchObject({
      status: 404,
      code: "Any",
      requestId: "0000-f00d",
      retryAfter: undefined,
      details: { HeaderName: "x-ms-range" },
      operation: "Get File",
    });
    expect(service(404).request).toEqual({
      method: "GET",
      url: "https://account.file.core.windows.net/share/file.txt",
      headers: { "x-ms-version": "2026-10-06" },
    });
  });

  it("goes through JSON with what a log needs", () => {
    expect(JSON.parse(JSON.stringify(service(503, "ServerBusy", 2000)))).toMatchObject({
      name: "ServiceError",
      status: 503,
      code: "ServerBusy",
      operation: "Get File",
      retryAfter: 2000,
      attempts: [],
    });
  });
});

describe("guards", () => {
  it("tell kinds, codes and reasons apart", () => {
    const [refused, broken, changed, base] = [
      service(404, "ResourceNotFound"),
      new TransportError("network", "a"),
      new IntegrityError("changed", "a"),
      new AzureFilesError("a"),
    ];
    expect(
      [refused, broken, changed, base].map((error) => [
        isAzureFilesError(error),
        isServiceError(error),
        isTransportError(error),
        isIntegrityError(error),
      ]),
    ).toEqual([
      [true, true, false, false],
      [true, false, true, false],
      [true, false, false, true],
      [true, false, false, false],
    ]);
    expect([isServiceError(refused, "ResourceNotFound"), isServiceError(refused, "ShareNotFound")]).toEqual([true, false]);
    expect([isTransportError(broken, "network"), isTransportError(broken, "timeout")]).toEqual([true, false]);
    expect([isIntegrityError(changed, "changed"), isIntegrityError(changed, "length")]).toEqual([true, false]);
  });

  it("know an error of another realm or of a second copy of the package", () => {
    const foreign: unknown = runInNewContext(
      'Object.assign(new Error("No."), { name: "ServiceError", status: 503, code: "ServerBusy", attempts: [], retryAfter: 7, details: {} })',
    );
    expect(foreign).not.toBeInstanceOf(Error);
    expect([isServiceError(foreign, "ServerBusy"), isAzureFilesError(foreign), isRetryable(foreign), retryAfter(foreign)]).toEqual([
      true,
      true,
      true,
      7,
    ]);
  });

  it.each(strangers)("take %s for none of ours, and never throw", (stranger) => {
    expect([isAzureFilesError, isServiceError, isTransportError, isIntegrityError, isRetryable].map((guard) => guard(stranger))).toEqual([
      false,
      false,
      false,
      false,
      false,
    ]);
    expect(retryAfter(stranger)).toBeUndefined();
  });
});

describe("what may succeed later", () => {
  it.each([
    [service(408), true],
    [service(429), true],
    [service(500), true],
    [service(503), true],
    [service(599), true],
    [service(501), false],
    [service(505), false],
    [service(400), false],
    [service(400, "Md5Mismatch"), true],
    [service(403), false],
    [service(404), false],
    [service(409), false],
    [new TransportError("network", "a"), true],
    [new TransportError("timeout", "a"), true],
    [new TransportError("stalled", "a"), true],
    [new TransportError("truncated", "a"), true],
    [new TransportError("redirect", "a"), false],
    [new TransportError("certificate", "a"), false],
    [new IntegrityError("changed", "a"), false],
    [new AzureFilesError("a"), false],
  ])("%s: %s", (error, expected) => expect(isRetryable(error)).toBe(expected));

  it("and when, where the service says it", () => {
    expect(retryAfter(service(503, "ServerBusy", 2000))).toBe(2000);
    expect(retryAfter(service(503))).toBeUndefined();
    expect(retryAfter(new TransportError("network", "a"))).toBeUndefined();
  });
});
