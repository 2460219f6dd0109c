/** Leases of files, shares and snapshots: two tables for each, state by call and state by use; then times, ids and texts. */
import { describe, expect, it } from "vitest";
import { accountSas, createCaller, createFile, errorCode, putRange, type Caller } from "./account.js";

const [A, B, C] = ["a", "b", "c"].map((letter) => `00000000-0000-4000-8000-00000000000${letter}`) as [string, string, string];

type State = "available" | "leased" | "breaking" | "broken" | "expired";
type Kind = "file" | "share" | "snapshot";

/** An account of one share, one file and one snapshot, and a way to lease one of them. */
interface Scene {
  readonly caller: Caller;
  /** Where it is leased, without `comp`. */
  readonly path: string;
  readonly lease: (action: string, words?: Words) => Promise<Response>;
  readonly look: () => Promise<Response>;
}

/** What a lease operation is sent with. */
interface Words {
  readonly id?: string | undefined;
  readonly proposed?: string | undefined;
  readonly duration?: number | string | undefined;
  readonly period?: number | string | undefined;
}

const withWord = (path: string, word: string): string => `${path}${path.includes("?") ? "&" : "?"}${word}`;

async function scene(kind: Kind): Promise<Scene> {
  const caller = createCaller({ kind: "standard" });
  await caller.call("PUT", "/docs?restype=share");
  await createFile(caller, "/docs/f", 1024);
  const time = (await caller.call("PUT", "/docs?restype=share&comp=snapshot")).headers.get("x-ms-snapshot");
  const path = { file: "/docs/f", share: "/docs?restype=share", snapshot: `/docs?restype=share&sharesnapshot=${time}` }[kind];
  return {
    caller,
    path,
    look: () => caller.call("HEAD", path),
    lease: (action, { id, proposed, duration, period } = {}) =>
      caller.call("PUT", withWord(path, "comp=lease"), {
        headers: {
          "x-ms-lease-action": action,
          ...(id === undefined ? {} : { "x-ms-lease-id": id }),
          ...(proposed === undefined ? {} : { "x-ms-proposed-lease-id": proposed }),
          ...(duration === undefined ? {} : { "x-ms-lease-duration": String(duration) }),
          ...(period === undefined ? {} : { "x-ms-lease-break-period": String(period) }),
        },
      }),
  };
}

/** Brings the lease into a state; but for `available`, `A` has or had it. */
async function bring(kind: Kind, state: State, { caller, lease, look }: Scene): Promise<void> {
  if (state !== "available") {
    expect((await lease("acquire", { proposed: A, duration: kind === "file" ? -1 : 60 })).status).toBe(201);
  }
  if (state === "breaking") expect((await lease("break", { period: 30 })).status).toBe(202);
  if (state === "broken") expect((await lease("break", kind === "file" ? {} : { period: 0 })).status).toBe(202);
  if (state === "expired") caller.advance(60_000);
  expect((await look()).headers.get("x-ms-lease-state")).toBe(state);
}

type Call = readonly [action: string, words: Words];

const acquires: Record<string, Call> = {
  "acquire without an id": ["acquire", {}],
  "acquire A": ["acquire", { proposed: A }],
  "acquire B": ["acquire", { proposed: B }],
};
const changes: Record<string, Call> = {
  "change A to B": ["change", { id: A, proposed: B }],
  "change B to A": ["change", { id: B, proposed: A }],
  "change B to C": ["change", { id: B, proposed: C }],
};
const releases: Record<string, Call> = { "release A": ["release", { id: A }], "release B": ["release", { id: B }] };
const fileCalls: Record<string, Call> = {
  ...acquires,
  ...changes,
  ...releases,
  break: ["break", {}],
  "break with A": ["break", { id: A }],
  "break with B": ["break", { id: B }],
};
const shareCalls: Record<string, Call> = {
  ...acquires,
  "renew A": ["renew", { id: A }],
  "renew B": ["renew", { id: B }],
  ...changes,
  ...releases,
  "break at once": ["break", { period: 0 }],
  "break in a while": ["break", { period: 10 }],
  "break with A": ["break", { id: A, period: 10 }],
  "break with B": ["break", { id: B, period: 10 }],
};

const present = "409 LeaseAlreadyPresent";
const absent = "409 LeaseNotPresentWithLeaseOperation";
const mismatch = "409 LeaseIdMismatchWithLeaseOperation";
const notRenewed = "409 LeaseIsBrokenAndCannotBeRenewed";

/** Status, and the state and the holder that it leaves; or status and code, and nothing changes. */
type Row<States extends string> = Record<States, string>;

const fileTable: Record<string, Row<"available" | "leased" | "broken">> = {
  "acquire without an id": { available: "201 leased new", leased: present, broken: "201 leased new" },
  "acquire A": { available: "201 leased A", leased: "201 leased A", broken: "201 leased A" },
  "acquire B": { available: "201 leased B", leased: present, broken: "201 leased B" },
  "change A to B": { available: absent, leased: "200 leased B", broken: absent },
  "change B to A": { available: absent, leased: "200 leased A", broken: absent },
  "change B to C": { available: absent, leased: mismatch, broken: absent },
  "release A": { available: mismatch, leased: "200 available", broken: "200 available" },
  "release B": { available: mismatch, leased: mismatch, broken: mismatch },
  break: { available: absent, leased: "202 broken A", broken: "202 broken A" },
  "break with A": { available: absent, leased: "202 broken A", broken: "202 broken A" },
  "break with B": { available: absent, leased: mismatch, broken: mismatch },
};

const shareTable: Record<string, Row<State>> = {
  "acquire without an id": {
    available: "201 leased new",
    leased: present,
    breaking: present,
    broken: "201 leased new",
    expired: "201 leased new",
  },
  "acquire A": {
    available: "201 leased A",
    leased: "201 leased A",
    breaking: "409 LeaseIsBreakingAndCannotBeAcquired",
    broken: "201 leased A",
    expired: "201 leased A",
  },
  "acquire B": { available: "201 leased B", leased: present, breaking: present, broken: "201 leased B", expired: "201 leased B" },
  "renew A": { available: mismatch, leased: "200 leased A", breaking: notRenewed, broken: notRenewed, expired: "200 leased A" },
  "renew B": { available: mismatch, leased: mismatch, breaking: mismatch, broken: mismatch, expired: mismatch },
  "change A to B": {
    available: absent,
    leased: "200 leased B",
    breaking: "409 LeaseIsBreakingAndCannotBeChanged",
    broken: absent,
    expired: absent,
  },
  // The wire page names no code for a change while the lease breaks, but where A is changed.
  "change B to A": {
    available: absent,
    leased: "200 leased A",
    breaking: "409 LeaseIsBreakingAndCannotBeChanged",
    broken: absent,
    expired: absent,
  },
  "change B to C": { available: absent, leased: mismatch, breaking: mismatch, broken: absent, expired: absent },
  "release A": {
    available: mismatch,
    leased: "200 available",
    breaking: "200 available",
    broken: "200 available",
    expired: "200 available",
  },
  "release B": { available: mismatch, leased: mismatch, breaking: mismatch, broken: mismatch, expired: mismatch },
  "break at once": { available: absent, leased: "202 broken A", breaking: "202 broken A", broken: "202 broken A", expired: "202 broken A" },
  "break in a while": {
    available: absent,
    leased: "202 breaking A",
    breaking: "202 breaking A",
    broken: "202 broken A",
    expired: "202 broken A",
  },
  "break with A": {
    available: absent,
    leased: "202 breaking A",
    breaking: "202 breaking A",
    broken: "202 broken A",
    expired: "202 broken A",
  },
  "break with B": { available: absent, leased: mismatch, breaking: mismatch, broken: mismatch, expired: mismatch },
};

/** Every cell of a table. */
function cells<States extends string>(
  kind: Kind,
  table: Record<string, Row<States>>,
): [kind: Kind, call: string, state: State, expected: string][] {
  return Object.entries(table).flatMap(([call, row]) =>
    Object.entries<string>(row).map(([state, expected]): [Kind, string, State, string] => [kind, call, state as State, expected]),
  );
}

describe("a lease operation", () => {
  it.each([...cells("file", fileTable), ...cells("share", shareTable), ...cells("snapshot", shareTable)])(
    "on a %s: %s while %s is %s",
    async (kind, name, state, expected) => {
      const at = await scene(kind);
      await bring(kind, state, at);
      const before = await at.look();
      const [action, words] = (kind === "file" ? fileCalls : shareCalls)[name] as Call;
      const answer = await at.lease(action, action === "acquire" && kind !== "file" ? { ...words, duration: 15 } : words);
      const text = await answer.text();
      const after = await at.look();
      expect(after.headers.get("etag")).toBe(before.headers.get("etag"));
      expect(after.headers.get("last-modified")).toBe(before.headers.get("last-modified"));
      const [status, left, holder] = expected.split(" ");
      expect(answer.status).toBe(Number(status));
      if (answer.status >= 400) {
        expect(answer.headers.get("x-ms-error-code")).toBe(left);
        expect(after.headers.get("x-ms-lease-state")).toBe(state);
        for (const [spoken] of text.matchAll(/the file\b( share)?/g)) expect(spoken).toBe(kind === "file" ? "the file" : "the file share");
        return;
      }
      expect(answer.headers.get("etag")).toBe(before.headers.get("etag"));
      expect(answer.headers.get("last-modified")).toBe(before.headers.get("last-modified"));
      expect(after.headers.get("x-ms-lease-state")).toBe(left);
      expect(after.headers.get("x-ms-lease-status")).toBe(left === "leased" || left === "breaking" ? "locked" : "unlocked");
      const duration = left === "leased" ? (kind === "file" ? "infinite" : "fixed") : null;
      expect(after.headers.get("x-ms-lease-duration")).toBe(duration);
      const answered = answer.headers.get("x-ms-lease-id");
      const ids: Record<string, string> = { A, B };
      if (left === "leased") {
        if (holder === "new") expect([A, B, C, null]).not.toContain(answered);
        else expect(answered).toBe(ids[holder ?? ""]);
      } else expect(answered).toBeNull();
      // Whoever has it can let go of it.
      if (left !== "available") expect((await at.lease("release", { id: answered ?? A })).status).toBe(200);
      else expect(await errorCode(at.lease("release", { id: A }))).toEqual([409, "LeaseIdMismatchWithLeaseOperation"]);
    },
  );
});

type Use = (scene: Scene, headers: Record<string, string>) => Promise<Response>;

const to =
  (method: string, words: string, more: Record<string, string> = {}): Use =>
  ({ caller, path }, headers) =>
    caller.call(method, words === "" ? path : withWord(path, words), { headers: { ...more, ...headers } });

/** The id in another header. */
const idAs = (headers: Record<string, string>, name: string): Record<string, string> =>
  headers["x-ms-lease-id"] === undefined ? {} : { [name]: headers["x-ms-lease-id"] };

const fileWrites: Record<string, Use> = {
  "Create File": to("PUT", "", { "x-ms-type": "file", "x-ms-content-length": "5" }),
  "Set File Properties": to("PUT", "comp=properties", { "x-ms-content-length": "5" }),
  "Set File Metadata": to("PUT", "comp=metadata", { "x-ms-meta-a": "1" }),
  "Put Range": ({ caller }, headers) => putRange(caller, "/docs/f", 0, "x", headers),
  "Clear Range": to("PUT", "comp=range", { "x-ms-write": "clear", "x-ms-range": "bytes=0-511" }),
  "Put Range from URL": async ({ caller, path }, headers) => {
    await createFile(caller, "/docs/source", 10);
    const source = `${caller.emulator.endpoint}/docs/source?${accountSas(caller)}`;
    const from = { "x-ms-copy-source": source, "x-ms-source-range": "bytes=0-9" };
    return caller.call("PUT", `${path}?comp=range`, {
      headers: { "x-ms-write": "update", "x-ms-range": "bytes=0-9", ...from, ...headers },
    });
  },
  "Copy File": async ({ caller, path }, headers) => {
    await createFile(caller, "/docs/source", 10);
    return caller.call("PUT", path, { headers: { "x-ms-copy-source": `${caller.emulator.endpoint}/docs/source`, ...headers } });
  },
  "Delete File": to("DELETE", ""),
  "Rename File, of its source": ({ caller }, headers) =>
    caller.call("PUT", "/docs/g?comp=rename", {
      headers: { "x-ms-file-rename-source": `${caller.emulator.endpoint}/docs/f`, ...idAs(headers, "x-ms-source-lease-id") },
    }),
  "Rename File, of its target": async ({ caller }, headers) => {
    await createFile(caller, "/docs/source", 10);
    return caller.call("PUT", "/docs/f?comp=rename", {
      headers: {
        "x-ms-file-rename-source": `${caller.emulator.endpoint}/docs/source`,
        "x-ms-file-rename-replace-if-exists": "true",
        ...idAs(headers, "x-ms-destination-lease-id"),
      },
    });
  },
};

const fileReads: Record<string, Use> = {
  "Get File": to("GET", ""),
  "Get File Properties": to("HEAD", ""),
  "Get File Metadata": to("GET", "comp=metadata"),
  "List Ranges": to("GET", "comp=rangelist"),
};

const snapshotUses: Record<string, Use> = {
  "Get Share Properties": to("GET", ""),
  "Get Share Metadata": to("GET", "comp=metadata"),
};

const shareUses: Record<string, Use> = {
  ...snapshotUses,
  "Set Share Properties": to("PUT", "comp=properties", { "x-ms-share-quota": "5" }),
  "Set Share Metadata": to("PUT", "comp=metadata", { "x-ms-meta-a": "1" }),
  "Get Share ACL": to("GET", "comp=acl"),
  "Set Share ACL": to("PUT", "comp=acl"),
  "Get Share Stats": to("GET", "comp=stats"),
  "Snapshot Share": to("PUT", "comp=snapshot"),
};

const deletion: Record<"share" | "snapshot", Record<string, Use>> = {
  share: { "Delete Share": to("DELETE", "", { "x-ms-delete-snapshots": "include" }) },
  snapshot: { "Delete Share": to("DELETE", "") },
};

type UseTable = Record<"A" | "B" | "none", Partial<Row<State>>>;

const fileAbsent = "412 LeaseNotPresentWithFileOperation";
const fileMismatch = "412 LeaseIdMismatchWithFileOperation";
const shareAbsent = "412 LeaseNotPresentWithContainerOperation";
const shareMismatch = "412 LeaseIdMismatchWithContainerOperation";
const lost = "412 LeaseLost";
const missing = "412 LeaseIdMissing";

const ofFileWrites: UseTable = {
  A: { available: fileAbsent, leased: "ok", broken: lost },
  B: { available: fileAbsent, leased: fileMismatch, broken: fileAbsent },
  none: { available: "ok", leased: missing, broken: "ok" },
};
const ofFileReads: UseTable = { ...ofFileWrites, none: { available: "ok", leased: "ok", broken: "ok" } };
const ofDeletion: UseTable = {
  A: { available: shareAbsent, leased: "ok", breaking: "ok", broken: lost, expired: lost },
  B: { available: shareAbsent, leased: shareMismatch, breaking: shareMismatch, broken: shareAbsent, expired: shareAbsent },
  none: { available: "ok", leased: missing, breaking: missing, broken: "ok", expired: "ok" },
};
const ofShareUses: UseTable = {
  ...ofDeletion,
  none: { available: "ok", leased: "ok", breaking: "ok", broken: "ok", expired: "ok" },
};

const uses: readonly [kind: Kind, group: Record<string, Use>, table: UseTable][] = [
  ["file", fileWrites, ofFileWrites],
  ["file", fileReads, ofFileReads],
  ["share", deletion.share, ofDeletion],
  ["share", shareUses, ofShareUses],
  ["snapshot", deletion.snapshot, ofDeletion],
  ["snapshot", snapshotUses, ofShareUses],
];

describe("a lease", () => {
  it.each(uses.flatMap(([kind, group, table]) => Object.entries(group).map(([name, use]) => ({ kind, name, use, table }))))(
    "of a $kind met by $name",
    async ({ kind, use, table }) => {
      for (const [given, row] of Object.entries(table)) {
        for (const [state, expected] of Object.entries(row)) {
          const at = await scene(kind);
          await bring(kind, state as State, at);
          const answer = await use(at, given === "none" ? {} : { "x-ms-lease-id": given === "A" ? A : B });
          const text = await answer.text();
          const code = answer.headers.get("x-ms-error-code");
          const seen = answer.status < 300 ? "ok" : `${answer.status} ${code}`;
          expect([state, given, seen]).toEqual([state, given, expected]);
          for (const [spoken] of text.matchAll(/(?<=<Message>[^<]*)the file\b( share)?/g)) {
            expect(spoken).toBe(kind === "file" ? "the file" : "the file share");
          }
        }
      }
    },
  );

  it("of the target of a pending copy is met by its abortion", async () => {
    for (const [id, expected] of [
      [A, [204, null]],
      [B, [412, "LeaseIdMismatchWithFileOperation"]],
      [undefined, [412, "LeaseIdMissing"]],
    ] as const) {
      const at = await scene("file");
      at.caller.emulator.copies = "pending";
      const started = await fileWrites["Copy File"]?.(at, {});
      expect((await at.lease("acquire", { proposed: A, duration: -1 })).status).toBe(201);
      const aborted = at.caller.call("PUT", `/docs/f?comp=copy&copyid=${started?.headers.get("x-ms-copy-id")}`, {
        headers: { "x-ms-copy-action": "abort", ...(id === undefined ? {} : { "x-ms-lease-id": id }) },
      });
      expect(await errorCode(aborted)).toEqual(expected);
    }
  });

  it("of a file stays when the file is created anew, and does not keep the share from being deleted", async () => {
    const { caller, lease, look } = await scene("file");
    await lease("acquire", { proposed: A, duration: -1 });
    expect((await createFile(caller, "/docs/f", 1, { "x-ms-lease-id": A })).status).toBe(201);
    expect((await look()).headers.get("x-ms-lease-state")).toBe("leased");
    expect(await errorCode(createFile(caller, "/docs/f", 1))).toEqual([412, "LeaseIdMissing"]);
    expect((await caller.call("DELETE", "/docs?restype=share", { headers: { "x-ms-delete-snapshots": "include" } })).status).toBe(202);
  });

  it("of a share is not that of its snapshot", async () => {
    const share = await scene("share");
    const time = (await share.caller.call("PUT", "/docs?restype=share&comp=snapshot")).headers.get("x-ms-snapshot");
    await share.lease("acquire", { proposed: A, duration: -1 });
    const snapshot = `/docs?restype=share&sharesnapshot=${time}`;
    expect((await share.caller.call("HEAD", snapshot)).headers.get("x-ms-lease-state")).toBe("available");
    expect((await share.caller.call("DELETE", snapshot)).status).toBe(202);
    expect(await errorCode(share.caller.call("DELETE", "/docs?restype=share"))).toEqual([412, "LeaseIdMissing"]);
  });
});

describe("the time of a share's lease", () => {
  const state = async ({ look }: Scene): Promise<string | null> => (await look()).headers.get("x-ms-lease-state");
  const waiting = async (answer: Promise<Response>): Promise<string | null> => (await answer).headers.get("x-ms-lease-time");

  it.each(["share", "snapshot"] as const)("of a %s runs out to the millisecond", async (kind) => {
    for (const seconds of [15, 60]) {
      const at = await scene(kind);
      await at.lease("acquire", { proposed: A, duration: seconds });
      at.caller.advance(seconds * 1000 - 1);
      expect(await state(at)).toBe("leased");
      at.caller.advance(1);
      expect(await state(at)).toBe("expired");
    }
  });

  it("does not run where none is given", async () => {
    for (const duration of [undefined, -1]) {
      const at = await scene("share");
      await at.lease("acquire", { proposed: A, duration });
      at.caller.advance(1e12);
      expect(await state(at)).toBe("leased");
      expect((await at.look()).headers.get("x-ms-lease-duration")).toBe("infinite");
    }
  });

  it("begins anew with renew, also after its end, unless somebody else had it", async () => {
    const at = await scene("share");
    await at.lease("acquire", { proposed: A, duration: 20 });
    at.caller.advance(19_000);
    expect((await at.lease("renew", { id: A })).headers.get("x-ms-lease-id")).toBe(A);
    at.caller.advance(19_000);
    expect(await state(at)).toBe("leased");
    at.caller.advance(1000);
    expect(await state(at)).toBe("expired");
    expect((await at.lease("renew", { id: A })).status).toBe(200);
    at.caller.advance(19_999);
    expect(await state(at)).toBe("leased");
    at.caller.advance(1);
    await at.lease("acquire", { proposed: B, duration: 15 });
    at.caller.advance(15_000);
    expect(await errorCode(at.lease("renew", { id: A }))).toEqual([409, "LeaseIdMismatchWithLeaseOperation"]);
    expect((await at.lease("renew", { id: B })).status).toBe(200);
  });

  it("is that of the last acquisition, and goes on through a change", async () => {
    const at = await scene("share");
    await at.lease("acquire", { proposed: A, duration: 15 });
    at.caller.advance(10_000);
    await at.lease("acquire", { proposed: A, duration: 30 });
    at.caller.advance(10_000);
    expect((await at.lease("change", { id: A, proposed: B })).status).toBe(200);
    at.caller.advance(19_999);
    expect(await state(at)).toBe("leased");
    at.caller.advance(1);
    expect(await state(at)).toBe("expired");
    await at.lease("renew", { id: B });
    at.caller.advance(29_999);
    expect(await state(at)).toBe("leased");
  });

  it.each([
    // duration, seconds before the break, period, answer, state
    [60, 10, undefined, "50", "breaking"],
    [60, 10, 60, "50", "breaking"],
    [60, 10, 5, "5", "breaking"],
    [60, 10, 0, "0", "broken"],
    [15, 0.5, undefined, "15", "breaking"],
    [-1, 10, undefined, "0", "broken"],
    [-1, 10, 60, "60", "breaking"],
    [-1, 10, 0, "0", "broken"],
    [15, 15, 60, "0", "broken"],
    [15, 15, undefined, "0", "broken"],
  ])("of %i s, broken after %d s with the period %s: %s s are left", async (duration, passed, period, left, expected) => {
    const at = await scene("share");
    await at.lease("acquire", { proposed: A, duration });
    at.caller.advance(passed * 1000);
    expect(await waiting(at.lease("break", { period }))).toBe(left);
    expect(await state(at)).toBe(expected);
    if (expected !== "breaking") return;
    // What is told is rounded up: half a second before, it is still breaking.
    at.caller.advance(Number(left) * 1000 - 501);
    expect(await state(at)).toBe("breaking");
    at.caller.advance(501);
    expect(await state(at)).toBe("broken");
  });

  it("of a break is only shortened by a second one", async () => {
    const at = await scene("share");
    await at.lease("acquire", { proposed: A, duration: -1 });
    expect(await waiting(at.lease("break", { period: 40 }))).toBe("40");
    at.caller.advance(10_000);
    expect(await waiting(at.lease("break", { period: 60 }))).toBe("30");
    expect(await waiting(at.lease("break"))).toBe("30");
    expect(await waiting(at.lease("break", { period: 3, id: A }))).toBe("3");
    at.caller.advance(2000);
    expect(await waiting(at.lease("break", { period: 3 }))).toBe("1");
    at.caller.advance(1000);
    expect(await state(at)).toBe("broken");
    expect(await waiting(at.lease("break", { period: 3 }))).toBe("0");
  });

  it("is told by a release as nothing, and by no release of a file's", async () => {
    for (const [kind, expected] of [
      ["share", "0"],
      ["snapshot", "0"],
      ["file", null],
    ] as const) {
      const at = await scene(kind);
      await at.lease("acquire", { proposed: A, duration: -1 });
      expect(await waiting(at.lease("release", { id: A }))).toBe(expected);
    }
    const file = await scene("file");
    await file.lease("acquire", { proposed: A, duration: -1 });
    expect(await waiting(file.lease("break"))).toBe("0");
  });
});

describe("the words of a lease operation", () => {
  const refusal = async (answer: Promise<Response>): Promise<string> => {
    const response = await answer;
    const [, name = ""] = /<HeaderName>([^<]*)/.exec(await response.text()) ?? [];
    return `${response.status} ${response.headers.get("x-ms-error-code")} ${name}`;
  };

  it.each([
    ["file", ["15", "60", "0", "-2", "x", ""]],
    ["share", ["14", "61", "0", "-2", "x", "15.5", ""]],
    ["snapshot", ["14", "61", "0", "-2", "x", "15.5", ""]],
  ] as const)("refuse a %s the durations %j", async (kind, durations) => {
    const at = await scene(kind);
    for (const duration of durations) {
      expect([duration, await refusal(at.lease("acquire", { duration }))]).toEqual([
        duration,
        "400 InvalidHeaderValue x-ms-lease-duration",
      ]);
    }
    expect((await at.look()).headers.get("x-ms-lease-state")).toBe("available");
  });

  it("refuse break periods below 0 s and beyond 60 s", async () => {
    const at = await scene("share");
    await at.lease("acquire", { proposed: A, duration: -1 });
    for (const period of ["-1", "61", "1.5", "soon"]) {
      expect(await refusal(at.lease("break", { period }))).toBe("400 InvalidHeaderValue x-ms-lease-break-period");
    }
    expect((await at.look()).headers.get("x-ms-lease-state")).toBe("leased");
  });

  it.each(["change", "release", "renew"])("ask %s for the id", async (action) => {
    expect(await refusal((await scene("share")).lease(action, { proposed: B }))).toBe("400 MissingRequiredHeader x-ms-lease-id");
  });

  it("know five actions for shares and four for files", async () => {
    const [share, file] = [await scene("share"), await scene("file")];
    expect(await refusal(share.lease("borrow"))).toBe("400 InvalidHeaderValue x-ms-lease-action");
    expect(await refusal(file.lease("renew", { id: A }))).toBe("400 InvalidHeaderValue x-ms-lease-action");
    expect(await refusal(share.caller.call("PUT", "/docs/f?comp=lease"))).toBe("400 MissingRequiredHeader x-ms-lease-action");
    expect((await file.lease("Acquire", { duration: -1 })).status).toBe(201);
  });

  const spellings = [
    "0a0b0c0d-0000-4000-8000-00000000000f",
    "0A0B0C0D-0000-4000-8000-00000000000F",
    "{0a0b0c0d-0000-4000-8000-00000000000f}",
    "(0a0b0c0d-0000-4000-8000-00000000000f)",
    "0a0b0c0d00004000800000000000000f",
  ];

  it.each(spellings)("take an id as %s", async (spelling) => {
    const at = await scene("file");
    const [plain = ""] = spellings;
    const taken = await at.lease("acquire", { proposed: spelling, duration: -1 });
    expect(taken.headers.get("x-ms-lease-id")).toBe(plain);
    for (const other of spellings) {
      expect((await at.caller.call("PUT", "/docs/f?comp=metadata", { headers: { "x-ms-lease-id": other } })).status).toBe(200);
    }
    expect((await at.lease("change", { id: spelling, proposed: spelling })).headers.get("x-ms-lease-id")).toBe(plain);
    expect((await at.lease("release", { id: spelling })).status).toBe(200);
  });

  it.each([
    "mine",
    "",
    "0a0b0c0d-0000-4000-8000-00000000000",
    "0a0b0c0d-0000-4000-8000-00000000000g",
    "{0a0b0c0d-0000-4000-8000-00000000000f)",
    "{0a0b0c0d-0000-4000-8000-00000000000f",
    "{0a0b0c0d00004000800000000000000f}",
    "0a0b0c0d-000040008000-00000000000f",
  ])("do not take an id as %j", async (spelling) => {
    for (const kind of ["file", "share", "snapshot"] as const) {
      const at = await scene(kind);
      expect(await refusal(at.lease("acquire", { proposed: spelling, duration: -1 }))).toBe(
        "400 InvalidHeaderValue x-ms-proposed-lease-id",
      );
      expect(await refusal(at.lease("release", { id: spelling }))).toBe("400 InvalidHeaderValue x-ms-lease-id");
      expect(await refusal(at.lease("break", { id: spelling }))).toBe("400 InvalidHeaderValue x-ms-lease-id");
      expect((await at.look()).headers.get("x-ms-lease-state")).toBe("available");
    }
  });

  it("make an id where none is given, each time another", async () => {
    let count = 0;
    const caller = createCaller({ random: () => (count++ % 97) / 97 });
    await caller.call("PUT", "/docs?restype=share");
    const ids: string[] = [];
    for (const action of ["acquire", "change", "change"]) {
      const headers = { "x-ms-lease-action": action, ...(action === "change" ? { "x-ms-lease-id": ids.at(-1) ?? "" } : {}) };
      ids.push((await caller.call("PUT", "/docs?restype=share&comp=lease", { headers })).headers.get("x-ms-lease-id") ?? "");
    }
    expect(new Set(ids).size).toBe(3);
    for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  });

  it("find nothing to lease where there is nothing, and no lease on a directory or a file of a snapshot", async () => {
    const { caller } = await scene("file");
    await caller.call("PUT", "/docs/d?restype=directory");
    const time = (await caller.call("PUT", "/docs?restype=share&comp=snapshot")).headers.get("x-ms-snapshot");
    const acquire = (path: string): Promise<[number, string | null]> =>
      errorCode(caller.call("PUT", path, { headers: { "x-ms-lease-action": "acquire", "x-ms-lease-duration": "-1" } }));
    expect(await acquire("/docs/none?comp=lease")).toEqual([404, "ResourceNotFound"]);
    expect(await acquire("/docs/none/f?comp=lease")).toEqual([404, "ParentNotFound"]);
    expect(await acquire("/none/f?comp=lease")).toEqual([404, "ShareNotFound"]);
    expect(await acquire("/none?restype=share&comp=lease")).toEqual([404, "ShareNotFound"]);
    expect(await acquire("/docs?restype=share&comp=lease&sharesnapshot=2020-01-01T00:00:00.0000000Z")).toEqual([
      404,
      "ShareSnapshotNotFound",
    ]);
    expect(await acquire("/docs/d?comp=lease")).toEqual([409, "ResourceTypeMismatch"]);
    expect(await acquire(`/docs/f?comp=lease&sharesnapshot=${time}`)).toEqual([400, "InvalidQueryParameterValue"]);
    expect((await caller.call("HEAD", "/docs/d?restype=directory")).headers.has("x-ms-lease-state")).toBe(false);
  });
});
