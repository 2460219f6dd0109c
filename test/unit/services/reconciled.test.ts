/** Calls that make or move something and whose answer was lost: they look before they fail, and never take another's work for theirs. */
import { describe, expect, it } from "vitest";
import { connect, derive } from "../../../src/connect.js";
import { TransportError } from "../../../src/errors.js";
import * as directories from "../../../src/services/directories.js";
import * as files from "../../../src/services/files.js";
import * as shares from "../../../src/services/shares.js";
import { createEmulator } from "../../../src/simulation/index.js";
import { sharedKey } from "../../../src/auth/shared-key.js";
import { upload } from "../../../src/streaming/index.js";
import type { Connection, Middleware } from "../../../src/types/connection.js";
import type { OperationName } from "../../../src/types/requests.js";
import type { WireResponse } from "../../../src/types/responses.js";
import { ending } from "../wire-double.js";

/** When the emulator's time begins. */
const START = Date.parse("2026-01-01T00:00:00Z");

interface Scene {
  /** The owner's connection; its network loses nothing. */
  readonly owner: Connection;
  /** One that loses the answer to the first try of an operation, or that try itself. */
  losing(operation: OperationName, what?: "answer" | "request"): Connection;
  /** Lets time pass for the service. */
  pass(milliseconds: number): void;
  /** Operations that were sent. */
  readonly sent: OperationName[];
}

async function scene(enabledProtocols: "SMB" | "NFS" = "SMB", skew = 0): Promise<Scene> {
  let now = START;
  const emulator = createEmulator({ clock: { now: () => now + skew } });
  const { account, key, endpoint, fetch } = emulator;
  const sent: OperationName[] = [];
  const clock = {
    now: () => now,
    setTimeout: (callback: () => void) => setTimeout(callback, 0),
    clearTimeout: (handle: unknown) => clearTimeout(handle as NodeJS.Timeout),
  };
  const owner = connect({
    endpoint,
    share: "share",
    credential: sharedKey({ account, key }),
    fetch,
    clock,
    timeouts: { firstByte: Infinity, idle: Infinity },
    retry: { baseDelay: 0 },
  });
  await shares.create(owner, { enabledProtocols });
  return {
    owner,
    sent,
    losing(operation, what = "answer") {
      let isLost = false;
      const middleware: Middleware = (next) => async (request) => {
        sent.push(request.operation);
        const loses = request.operation === operation && !isLost;
        if (loses) isLost = true;
        const answer = loses && what === "request" ? undefined : await next(request);
        if (loses) throw new TransportError("network", "the line is cut", { request });
        return answer as WireResponse;
      };
      return derive(owner, { middleware: [middleware] });
    },
    pass: (milliseconds) => void (now += milliseconds),
  };
}

const content = new Uint8Array([1, 2, 3]);

describe("a call whose first answer is lost", () => {
  const cases: Record<
    string,
    [OperationName, "SMB" | "NFS", (owner: Connection) => Promise<unknown>, (losing: Connection) => Promise<unknown>]
  > = {
    "create of a share": [
      "Create Share",
      "SMB",
      async () => undefined,
      (losing) => shares.create(losing, { share: "other", metadata: { a: "b" }, quotaGiB: 7 }),
    ],
    "create of a directory": [
      "Create Directory",
      "SMB",
      async () => undefined,
      (losing) => directories.create(losing, { path: "a", metadata: { Name: "b" } }),
    ],
    "create of a directory with times of its own": [
      "Create Directory",
      "SMB",
      async () => undefined,
      (losing) => directories.create(losing, { path: "a", smb: { creationTime: "2001-01-01T00:00:00.0000000Z" } }),
    ],
    "create of a directory with its parents": [
      "Create Directory",
      "SMB",
      async () => undefined,
      (losing) => directories.create(losing, { path: "a/b", recursive: true }),
    ],
    "rename of a file": [
      "Rename File",
      "SMB",
      (owner) => files.write(owner, { path: "a", body: content }),
      (losing) => files.rename(losing, { path: "a", to: "b" }),
    ],
    "rename of a file over another": [
      "Rename File",
      "SMB",
      async (owner) => {
        await files.write(owner, { path: "a", body: content });
        await files.write(owner, { path: "b", body: "old" });
      },
      (losing) => files.rename(losing, { path: "a", to: "b", replaceIfExists: true }),
    ],
    "rename of a directory": [
      "Rename Directory",
      "SMB",
      (owner) => directories.create(owner, { path: "a" }),
      (losing) => directories.rename(losing, { path: "a", to: "b" }),
    ],
    "create of a symbolic link": [
      "Create Symbolic Link",
      "NFS",
      async () => undefined,
      (losing) => files.createSymbolicLink(losing, { path: "a", text: "grüße/50%" }),
    ],
    "create of a hard link": [
      "Create Hard Link",
      "NFS",
      (owner) => files.write(owner, { path: "a", body: content }),
      (losing) => files.createHardLink(losing, { path: "b", existing: "a" }),
    ],
  };

  it.each(Object.entries(cases))("%s, has succeeded", async (_, [operation, protocol, before, act]) => {
    for (const what of ["answer", "request"] as const) {
      const { owner, losing, sent, pass } = await scene(protocol, 600_000);
      await before(owner);
      pass(60_000);
      const result = await ending(act(losing(operation, what)));
      expect(result).toMatchObject({ etag: expect.any(String) });
      if ("created" in (result as object)) expect(result).toMatchObject({ created: true });
      expect(sent.filter((one) => one === operation).length).toBeGreaterThanOrEqual(2);
    }
  });

  it("an atomic upload, has succeeded", async () => {
    const { owner, losing } = await scene();
    const body = new Uint8Array(2048).fill(7);
    const result = await upload(losing("Rename File"), { path: "a", body, atomic: true, rangeSize: 512 });
    // Of what the lost answer said, nothing is known.
    expect(result).toEqual({ path: "a", size: 2048, etag: undefined, lastModified: undefined });
    expect((await files.getProperties(owner, { path: "a" })).metadata).toEqual({});
  });
});

describe("what another made", () => {
  it("before is not taken for this call's, with a lost answer or without", async () => {
    const { owner, losing, pass } = await scene();
    await directories.create(owner, { path: "a" });
    await shares.create(owner, { share: "other" });
    pass(60_000);
    const acts = [
      () => directories.create(losing("Create Directory"), { path: "a" }),
      () => shares.create(losing("Create Share"), { share: "other" }),
      () => directories.create(owner, { path: "a" }),
    ];
    for (const act of acts) expect(await ending(act())).toMatchObject({ status: 409, code: expect.stringMatching(/AlreadyExists$/) });
    expect(await directories.createIfMissing(losing("Create Directory"), { path: "a" })).toMatchObject({ created: false });
  });

  it("meanwhile with other metadata or another limit is not either, nor a file in a directory's place", async () => {
    for (const theirs of [{ metadata: { a: "c" } }, { metadata: {} }, { metadata: { a: "b", c: "d" } }]) {
      const { owner, losing } = await scene();
      const act = directories.create(losing("Create Directory", "request"), { path: "a", metadata: { a: "b" } });
      await directories.create(owner, { path: "a", ...theirs });
      expect(await ending(act)).toMatchObject({ code: "ResourceAlreadyExists", attempts: { length: 2 } });
    }
    const { owner, losing } = await scene();
    const share = shares.create(losing("Create Share", "request"), { share: "other", quotaGiB: 7 });
    await shares.create(owner, { share: "other", quotaGiB: 8 });
    expect(await ending(share)).toMatchObject({ code: "ShareAlreadyExists" });
    const directory = directories.create(losing("Create Directory", "request"), { path: "a" });
    await files.create(owner, { path: "a", size: 0 });
    expect(await ending(directory)).toMatchObject({ code: "ResourceAlreadyExists" });
  });

  it("or took away is not a rename of this call's", async () => {
    const { owner, losing, pass } = await scene();
    expect(await ending(files.rename(losing("Rename File"), { path: "none", to: "b" }))).toMatchObject({ code: "ResourceNotFound" });
    await files.write(owner, { path: "b", body: content });
    pass(60_000);
    expect(await ending(files.rename(losing("Rename File"), { path: "none", to: "b" }))).toMatchObject({ status: 404 });
    await files.write(owner, { path: "a", body: content });
    pass(60_000);
    expect(await ending(files.rename(losing("Rename File"), { path: "a", to: "b" }))).toMatchObject({ code: "ResourceAlreadyExists" });
  });

  it("cannot be told where the service's time is hidden, and then the refusal stands", async () => {
    const { losing } = await scene();
    const hiding: Middleware = (next) => async (request) => {
      const { status, headers, body } = await next(request);
      const seen = new Headers();
      headers.forEach((value, name) => name === "date" || seen.set(name, value));
      return { status, headers: seen, body };
    };
    const connection = losing("Create Directory");
    const page = derive(connection, { middleware: [hiding, ...connection.middleware] });
    expect(await ending(directories.create(page, { path: "a" }))).toMatchObject({ code: "ResourceAlreadyExists", attempts: { length: 2 } });
  });
});
