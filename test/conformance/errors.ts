/** What an error tells, and what it never tells; what middleware sees. */
import {
  AzureFilesError,
  derive,
  isAzureFilesError,
  isRetryable,
  isServiceError,
  isTransportError,
  type Middleware,
  retryAfter,
  sas,
  ServiceError,
  TransportError,
} from "azure-files";
import * as directories from "azure-files/directories";
import * as files from "azure-files/files";
import * as shares from "azure-files/shares";
import { type Case, inShare } from "./case.js";
import { deepEqual, equal, ok, rejects } from "./check.js";
import { answer, during, first, refusal } from "./wire.js";

const path = "file.txt";

export const errorCases: readonly Case[] = [
  inShare("a refusal tells operation, status, code, request id, message and tries", async ({ connection }) => {
    const error = (await rejects(directories.create(connection, { path: "a/b" }), { name: "ServiceError" })) as unknown as ServiceError;
    ok(error instanceof ServiceError && error instanceof AzureFilesError && error instanceof Error, "its classes");
    equal(error.operation, "Create Directory");
    equal(error.status, 404);
    equal(error.code, "ParentNotFound");
    ok(error.requestId, "a request id");
    ok(/^Create Directory failed: 404 ParentNotFound - .+ \(request .+\) \(attempt 1\)$/.test(error.message), error.message);
    equal(error.attempts.length, 1);
    equal(error.attempts[0]?.status, 404);
    equal(error.attempts[0]?.code, "ParentNotFound");
    equal(error.request?.method, "PUT");
    ok(isServiceError(error) && isServiceError(error, "ParentNotFound") && !isServiceError(error, "ShareNotFound"), "guards");
    ok(isAzureFilesError(error) && !isTransportError(error) && !isRetryable(error) && retryAfter(error) === undefined, "more guards");
    // Of another realm, or a second copy of the package.
    ok(isServiceError({ name: "ServiceError", code: "ParentNotFound", attempts: [] }, "ParentNotFound"), "guards compare names");
    ok(!isServiceError(new Error("no")) && !isServiceError(undefined), "guards know strangers");
  }),

  inShare("details of a refusal come along", async ({ connection }) => {
    await files.create(connection, { path, size: 1 });
    const error = await rejects(files.putRange(connection, { path, offset: 0, body: "x", leaseId: "no-guid" }), {
      name: "ServiceError",
      status: 400,
      code: "InvalidHeaderValue",
    });
    deepEqual(error["details"], { HeaderName: "x-ms-lease-id", HeaderValue: "no-guid" });
  }),

  inShare("a refused HEAD is told although it has no body", async ({ connection }) => {
    await rejects(files.getProperties(connection, { path }), {
      name: "ServiceError",
      status: 404,
      code: "ResourceNotFound",
    });
  }),

  inShare("an answer of a proxy is no riddle", async ({ connection }) => {
    const proxy = derive(connection, {
      retry: false,
      middleware: [
        first("Get Share Properties", [() => answer(403, { "content-type": "text/html" }, "<html><body>Go away</body></html>")]),
      ],
    });
    await rejects(shares.getProperties(proxy), { name: "ServiceError", status: 403, code: "Unknown" });
  }),

  inShare("a listing that does not advance is an error and no loop", async ({ connection }) => {
    const xml = '<?xml version="1.0"?><EnumerationResults><Entries /><NextMarker>same</NextMarker></EnumerationResults>';
    const stuck = derive(connection, { middleware: [during("List Directories and Files", () => answer(200, {}, xml))] });
    const work = async (): Promise<void> => {
      for await (const page of directories.list(stuck).pages()) ok(page.marker === "same", "goes on");
    };
    await rejects(work, { name: "IntegrityError", reason: "listing" });
    const html = derive(connection, {
      middleware: [during("List Directories and Files", () => answer(200, {}, "<html><body>hello</body></html>"))],
    });
    await rejects(directories.list(html)[Symbol.asyncIterator]().next(), { name: "IntegrityError" });
  }),

  inShare("middleware wraps each try, the first one outermost, after the credential", async ({ connection }) => {
    const order: string[] = [];
    const named =
      (name: string): Middleware =>
      (next) =>
      async (request) => {
        order.push(`${name} ${request.attempt}`);
        ok(request.headers["authorization"] !== undefined || request.url.includes("sig="), "signed already");
        const response = await next({ ...request, headers: { ...request.headers, [`x-ms-meta-${name}`]: "was here" } });
        order.push(`${name} ${response.status}`);
        return response;
      };
    const credential = sas("sv=2026-10-06&sp=r&se=2100-01-01T00:00:00Z&sr=s&sig=AAAA");
    const seen: Record<string, string>[] = [];
    const answers: Middleware = () => async (request) => {
      seen.push({ ...request.headers });
      return request.attempt === 1 ? refusal(503, "ServerBusy") : answer(200, { etag: '"1"' });
    };
    const watched = derive(connection, { credential, random: () => 0, middleware: [named("outer"), named("inner"), answers] });
    equal((await shares.getProperties(watched)).etag, '"1"');
    deepEqual(order, ["outer 1", "inner 1", "inner 503", "outer 503", "outer 2", "inner 2", "inner 200", "outer 200"]);
    equal(seen[1]?.["x-ms-meta-inner"], "was here");
    equal(seen[1]?.["x-ms-meta-outer"], "was here");
  }),

  inShare("what middleware throws reaches the caller", async ({ connection, wire }) => {
    const reason = new Error("the caller's own");
    const failing = derive(connection, {
      middleware: [
        wire.middleware,
        during("Get Share Properties", () => {
          throw reason;
        }),
      ],
    });
    equal(await rejects(shares.getProperties(failing), { message: /own/ }), reason);
    equal(wire.count(), 1);
  }),

  inShare("signatures are in no text, stack, JSON or cause of an error", async (space) => {
    const token = await space.serviceToken({ share: space.share, permissions: "r" });
    const signature = decodeURIComponent(/sig=([^&]+)/.exec(token)?.[1] ?? "");
    ok(signature.length > 20, "there is one");
    const leaking = (request: { url: string }): never => {
      throw new TransportError("network", `could not reach ${request.url}`, {
        cause: new Error(`connect ${request.url}`, { cause: { message: request.url } }),
      });
    };
    const faults: Middleware[] = [
      during("Get File", () => refusal(403, "AuthorizationFailure")),
      during("Get File", leaking),
      during("Get File", (request) =>
        answer(
          400,
          { "x-ms-error-code": "InvalidInput" },
          `<Error><Message>${request.url.replaceAll("&", "&amp;")}</Message><Detail>${request.url.replaceAll("&", "&amp;")}</Detail></Error>`,
        ),
      ),
    ];
    for (const [index, fault] of faults.entries()) {
      const connection = derive(space.connection, { credential: sas(token), retry: false, middleware: [fault] });
      const error = await rejects(files.read(connection, { path }), {});
      const texts: string[] = [];
      for (let one: unknown = error; one instanceof Error; one = one.cause) {
        texts.push(
          String(one),
          one.stack ?? "",
          JSON.stringify(one),
          JSON.stringify(Object.getOwnPropertyNames(one).map((name) => String((one as unknown as Record<string, unknown>)[name]))),
        );
      }
      const text = texts.join("\n");
      ok(!text.includes(signature) && !text.includes(encodeURIComponent(signature)), `no signature in ${error.message}`);
      // Where the text had the whole URL, all but the signature is still there.
      if (index > 0) ok(/sp=r\b/.test(text) && /sig=REDACTED/.test(text), "the place where it stood");
      ok(!JSON.stringify(connection).includes(signature), "nor in the connection");
    }
  }),
];
