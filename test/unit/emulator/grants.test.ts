/** What a SAS may do: every operation with the letters that are enough for it, and without them. */
import { describe, expect, it } from "vitest";
import type { OperationName } from "../../../src/types/requests.js";
import { accountSas, createFile, errorCode, serviceSas, type Caller } from "./account.js";
import { createStocked, type Template } from "./every-request.js";

/** Of letters with "|" between, one is enough; of others, all are needed. */
type Letters = string;

/** The resource type and the letters that an account SAS needs, those of a share's SAS and those of a file's. What is missing is never allowed. */
type Row = readonly [resourceType?: "s" | "c" | "o", account?: Letters, share?: Letters, file?: Letters];

// Links are not in Microsoft's tables of operations and letters; they are held to be files.
const rows: Readonly<Record<OperationName, Row>> = {
  "List Shares": ["s", "l"],
  "Get File Service Properties": ["s", "r"],
  "Set File Service Properties": ["s", "w"],
  "Get User Delegation Key": [],
  "Create Share": ["c", "c|w"],
  "Snapshot Share": ["c", "c|w"],
  "Get Share Properties": ["c", "r"],
  "Get Share Metadata": ["c", "r"],
  "Get Share Stats": ["c", "r"],
  "Set Share Properties": ["c", "w"],
  "Set Share Metadata": ["c", "w"],
  "Delete Share": ["c", "d"],
  "Restore Share": ["c", "w"],
  "Get Share ACL": [],
  "Set Share ACL": [],
  "Acquire Share Lease": ["c", "w"],
  "Renew Share Lease": ["c", "w"],
  "Change Share Lease": ["c", "w"],
  "Release Share Lease": ["c", "w"],
  "Break Share Lease": ["c", "w|d"],
  "Create Permission": ["c", "wd", "wd"],
  "Get Permission": ["c", "r", "r"],
  "List Directories and Files": ["c", "l", "l"],
  "Create Directory": ["o", "c|w", "c|w"],
  "Get Directory Properties": ["o", "r", "r"],
  "Get Directory Metadata": ["o", "r", "r"],
  "Set Directory Properties": ["o", "w", "w"],
  "Set Directory Metadata": ["o", "w", "w"],
  "Delete Directory": ["o", "d", "d"],
  "Rename Directory": ["o", "wd", "wd"],
  "List Handles": ["o", "r|l"],
  "Force Close Handles": ["o", "w|d"],
  "Create File": ["o", "c|w", "c|w", "c|w"],
  "Get File": ["o", "r", "r", "r"],
  "Get File Properties": ["o", "r", "r", "r"],
  "Get File Metadata": ["o", "r", "r", "r"],
  "List Ranges": ["o", "r", "r", "r"],
  "Set File Properties": ["o", "w", "w", "w"],
  "Set File Metadata": ["o", "w", "w", "w"],
  "Put Range": ["o", "w", "w", "w"],
  "Clear Range": ["o", "w", "w", "w"],
  "Put Range from URL": ["o", "w", "w", "w"],
  "Acquire File Lease": ["o", "w", "w", "w"],
  "Change File Lease": ["o", "w", "w", "w"],
  "Release File Lease": ["o", "w", "w", "w"],
  "Break File Lease": ["o", "w", "w", "w"],
  "Copy File": ["o", "c|w", "c|w", "c|w"],
  "Abort Copy File": ["o", "w", "w", "w"],
  "Delete File": ["o", "d", "d", "d"],
  "Rename File": ["o", "wd", "wd", "w"],
  "Create Symbolic Link": ["o", "c|w", "c|w", "c|w"],
  "Get Symbolic Link": ["o", "r", "r", "r"],
  "Create Hard Link": ["o", "c|w", "c|w", "c|w"],
};

const names = Object.keys(rows) as OperationName[];
const all = [..."rcwdl"];

/** The sets of letters each of which is enough. */
const enough = (letters: Letters): string[] => letters.split("|");

/** The largest sets of letters that are not enough. */
function tooFew(letters: Letters): string[] {
  const without = (missing: string): string => all.filter((letter) => !missing.includes(letter)).join("");
  return letters.includes("|") ? [without(letters)] : [...letters].map(without);
}

const words = ({ path }: Template): string => decodeURIComponent(path.split("?", 1)[0] ?? "").slice(1);

type Kind = "account" | "share" | "file";

/** A SAS for what a request addresses, signed with all that it says. */
function sasFor(caller: Caller, kind: Kind, template: Template, sp: string): string {
  if (kind === "account") return accountSas(caller, { sp });
  const resource = words(template);
  return kind === "share"
    ? serviceSas(caller, resource.split("/")[0] ?? "", { sp, sr: "s" })
    : serviceSas(caller, resource, { sp, sr: "f" });
}

/** The request as somebody sends it who has but a SAS for its target: sources of other files come with their own. */
function withSource(caller: Caller, kind: Kind, name: OperationName, { headers = {}, ...rest }: Template): Template {
  const [header, sp] = name === "Copy File" ? ["x-ms-copy-source", "r"] : ["x-ms-file-rename-source", "d"];
  const source = headers[header];
  if (source === undefined || (kind !== "file" && name !== "Copy File")) return { ...rest, headers };
  const resource = decodeURIComponent(new URL(source).pathname).replace(`/${caller.emulator.account}/`, "");
  return { ...rest, headers: { ...headers, [header]: `${source}?${serviceSas(caller, resource, { sp })}` } };
}

/** Sends the request of an operation with a SAS instead of the key. */
async function ask(
  stocked: Awaited<ReturnType<typeof createStocked>>,
  name: OperationName,
  kind: Kind,
  sas: (template: Template) => string,
) {
  const { caller, requests } = stocked;
  const template = withSource(caller, kind, name, requests[name]);
  const { method, path, headers = {}, body } = template;
  return errorCode(caller.call(method, path, { headers, ...(body === undefined ? {} : { body }), sas: sas(template) }));
}

const refused = (code: string): unknown => [403, code];

describe.each<[Kind, 1 | 2 | 3]>([
  ["account", 1],
  ["share", 2],
  ["file", 3],
])("a SAS for one %s", (kind, column) => {
  it.each(names.filter((name) => rows[name][column] !== undefined))(
    "does %s with letters that are enough, and with no others",
    async (name) => {
      const letters = rows[name][column] ?? "";
      const stocked = await createStocked();
      for (const sp of tooFew(letters)) {
        const answer = await ask(stocked, name, kind, (template) => sasFor(stocked.caller, kind, template, sp));
        expect([sp, answer]).toEqual([sp, refused("AuthorizationPermissionMismatch")]);
      }
      for (const sp of enough(letters)) {
        const fresh = await createStocked();
        const [status, code] = await ask(fresh, name, kind, (template) => sasFor(fresh.caller, kind, template, sp));
        expect([sp, status < 300, code]).toEqual([sp, true, null]);
      }
    },
  );

  it.each(names.filter((name) => rows[name][column] === undefined))("never does %s", async (name) => {
    const stocked = await createStocked();
    const answer = await ask(stocked, name, kind, (template) => sasFor(stocked.caller, kind, template, all.join("")));
    expect(answer).toEqual(refused("AuthorizationFailure"));
  });
});

describe("an account SAS", () => {
  it("is held to its services and resource types, before its letters", async () => {
    const stocked = await createStocked();
    const withWords = (name: OperationName, said: Record<string, string>): ReturnType<typeof ask> =>
      ask(stocked, name, "account", () => accountSas(stocked.caller, said));
    for (const name of names) {
      const [type] = rows[name];
      expect([name, await withWords(name, { ss: "bqt", srt: "sco" })]).toEqual([name, refused("AuthorizationServiceMismatch")]);
      if (type === undefined) continue;
      const srt = "sco".replace(type, "");
      expect([name, await withWords(name, { srt })]).toEqual([name, refused("AuthorizationResourceTypeMismatch")]);
      expect([name, await withWords(name, { srt, sp: "p" })]).toEqual([name, refused("AuthorizationResourceTypeMismatch")]);
      expect([name, await withWords(name, { ss: "bqt", srt, sp: "p" })]).toEqual([name, refused("AuthorizationServiceMismatch")]);
    }
  });
});

describe("a SAS that may only create", () => {
  it.each<Kind>(["account", "share", "file"])("for one %s does not replace a file, by content or by a copy", async (kind) => {
    const { caller } = await createStocked();
    await createFile(caller, "/docs/there", 7);
    const create = { "x-ms-type": "file", "x-ms-content-length": "1" };
    const copy = { "x-ms-copy-source": `${caller.emulator.endpoint}/docs/source?${serviceSas(caller, "docs/source")}` };
    for (const headers of [create, copy]) {
      const put = (path: string, sp: string): Promise<[number, string | null]> =>
        errorCode(caller.call("PUT", path, { headers, sas: sasFor(caller, kind, { method: "PUT", path }, sp) }));
      expect(await put("/docs/there", "rcdl")).toEqual(refused("AuthorizationPermissionMismatch"));
      expect((await caller.call("HEAD", "/docs/there")).headers.get("content-length")).toBe("7");
    }
    for (const headers of [create, copy]) {
      const path = "/docs/there";
      const response = await caller.call("PUT", path, { headers, sas: sasFor(caller, kind, { method: "PUT", path }, "w") });
      expect(response.ok).toBe(true);
    }
  });
});

describe("the source", () => {
  it("of a rename needs leave to delete of its own, where the SAS is one for the target", async () => {
    const { caller, requests } = await createStocked();
    const { method, path, headers = {} } = requests["Rename File"];
    const source = headers["x-ms-file-rename-source"] ?? "";
    const rename = (from: string): Promise<[number, string | null]> =>
      errorCode(
        caller.call(method, path, {
          headers: { ...headers, "x-ms-file-rename-source": from },
          sas: serviceSas(caller, "docs/leased", { sp: "rcwdl" }),
        }),
      );
    expect(await rename(source)).toEqual(refused("AuthorizationFailure"));
    expect(await rename(`${source}?${serviceSas(caller, "docs/mobile.bin", { sp: "rcwl" })}`)).toEqual(
      refused("AuthorizationPermissionMismatch"),
    );
    expect(await rename(`${source}?${serviceSas(caller, "docs/leased", { sp: "d", sr: "f" })}`)).toEqual(refused("AuthenticationFailed"));
    expect(await rename(`${source}?${serviceSas(caller, "docs/mobile.bin", { sp: "d" })}`)).toEqual([200, null]);
  });

  it("of a copy needs leave to read of its own", async () => {
    const { caller } = await createStocked();
    const source = `${caller.emulator.endpoint}/docs/source`;
    const copy = (from: string): Promise<[number, string | null]> =>
      errorCode(caller.call("PUT", "/docs/copy", { headers: { "x-ms-copy-source": from }, sas: accountSas(caller) }));
    expect(await copy(source)).toEqual([401, "CannotVerifyCopySource"]);
    expect(await copy(`${source}?${serviceSas(caller, "docs/source", { sp: "wcd" })}`)).toEqual([403, "CannotVerifyCopySource"]);
    expect(await copy(`${source}?${serviceSas(caller, "docs/source", { sp: "r" })}`)).toEqual([202, null]);
  });
});

describe("a SAS of a share", () => {
  it("is not even authentic at the service, at another share, or, of a file, at another file", async () => {
    const { caller } = await createStocked();
    const share = serviceSas(caller, "docs", { sp: "rcwdl" });
    const file = serviceSas(caller, "docs/a", { sp: "rcwdl" });
    for (const [path, sas] of [
      ["/?comp=list", share],
      ["/unix/f", share],
      ["/docs/old", file],
      ["/docs?restype=share", file],
      ["/docs?restype=directory&comp=list", file],
    ] as const) {
      expect([path, await errorCode(caller.call("GET", path, { sas }))]).toEqual([path, refused("AuthenticationFailed")]);
    }
  });
});
