/** Requests of every operation, valid but for what a seeded generator changed in them: nothing makes the emulator fail, and all are answered. */
import { expect, it } from "vitest";
import { accountSas, hmac, type CallOptions, type Caller } from "./account.js";
import { createStocked, type Stocked, type Template } from "./every-request.js";

const requests = 100_000;
/** An account is made anew after so many: what was done to it until then is part of what the next one meets. */
const batch = 500;

/** mulberry32: small, and the same everywhere. */
function generator(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296) * below);
  };
}

const methods = ["GET", "HEAD", "PUT", "DELETE", "POST", "OPTIONS", "PATCH"];
const paths = ["", "/", "/docs", "/docs/", "/docs/a", "/docs/dir", "/docs/dir/b", "/unix/f", "/unix/link", "/nothing", "/docs/nothing/x"];
const bits = [
  "%",
  "%2F",
  "%00",
  "%C3%28",
  "..",
  "./",
  "//",
  "%5C",
  "a.",
  "…",
  "%F0%9F%98%80",
  "x".repeat(260),
  "é",
  " ",
  "?",
  "&",
  "=",
  "#",
];
const values = [
  ..."0|-1|1|5|7|15|60|61|512|4194304|4398046511104|4398046511105|99999999999999999999|1e3|NaN|0x10|true|false|TRUE|*|none|None|now|Now".split(
    "|",
  ),
  ..."preserve|source|inherit|override|include|include-leased|leased|ReadOnly|ReadOnly \\| Hidden|Directory|Archive|SMB|NFS|Hot|Premium".split(
    "|",
  ),
  ..."bytes=0-4|bytes=5-1|bytes=0-|bytes=-5|bytes=0-99999999999999999999|bytes=4096-5000|acquire|renew|change|release|break|update|clear|abort".split(
    "|",
  ),
  ..."2026-01-01T12:00:00Z|2026-01-01T12:00:00.0000000Z|9999-12-31T23:59:59.9999999Z|0001-01-01T00:00:00Z|2026-13-45|2014-02-14|2026-10-06".split(
    "|",
  ),
  ..."11111111-2222-4333-8444-555555555555|{11111111222243338444555555555555}|1*2|0755|9999|7777|-rwxr-xr-x|O:SYG:SYD:(A;;FA;;;SY)|O:G:D:((((|binary".split(
    "|",
  ),
  ..."XSM/1.0; properties=crc64|AAAAAAAAAAA=|sQqNsWTgdUEFt6mb5y4/5Q==|http://127.0.0.1:10004/devstoreaccount1/docs/source|/docs/source|http://|file:///etc".split(
    "|",
  ),
  ..."1!4!eA--|1!8!ODE5Mg--|/devstoreaccount1/docs|list|range|lease|acl|metadata|share|directory|service|rename|copy|x|".split("|"),
  "x".repeat(9000),
  "é\u00FF",
];
const words =
  "restype comp prefix marker maxresults include sharesnapshot prevsharesnapshot copyid timeout api-version sv sr sig se sp si skoid x".split(
    " ",
  );
const xmlBits = [
  "<",
  ">",
  "&",
  "&#0;",
  "&lol;",
  "<!DOCTYPE a [<!ENTITY b 'c'>]>",
  "<![CDATA[",
  "]]>",
  "<a>".repeat(200),
  "</",
  "\u0000",
  "<?xml",
  "\uFEFF",
  '"',
  "9".repeat(40),
];

interface Draft {
  method: string;
  path: string;
  headers: Record<string, string>;
  body: Uint8Array<ArrayBuffer> | undefined;
}

type Below = (below: number) => number;

const pick = <T>(from: readonly T[], below: Below): T => from[below(from.length)] as T;

/** Text with something put in, cut out or doubled. */
function bent(text: string, below: Below, inserts: readonly string[]): string {
  const at = below(text.length + 1);
  switch (below(5)) {
    case 0:
      return text.slice(0, at) + text.slice(at + 1 + below(4));
    case 1:
      return text.slice(0, at);
    case 2:
      return text + text.slice(at);
    case 3:
      return text.slice(0, at) + String.fromCharCode(32 + below(95)) + text.slice(at + 1);
    default:
      return text.slice(0, at) + pick(inserts, below) + text.slice(at);
  }
}

function bendPath(draft: Draft, below: Below): void {
  const [path = "", query = ""] = draft.path.split("?");
  const parts = query.split("&").filter(Boolean);
  switch (below(6)) {
    case 0:
      draft.path = `${bent(path, below, bits)}?${query}`;
      return;
    case 1:
      draft.path = `${pick(paths, below)}?${query}`;
      return;
    case 2:
      parts.splice(below(parts.length + 1), 1);
      break;
    case 3:
      parts.push(`${pick(words, below)}=${encodeURIComponent(pick(values, below))}`);
      break;
    case 4: {
      const at = below(parts.length + 1);
      parts[at] = `${(parts[at] ?? pick(words, below)).split("=")[0]}=${encodeURIComponent(pick(values, below))}`;
      break;
    }
    default: {
      const at = below(parts.length + 1);
      parts[at] = bent(parts[at] ?? "", below, bits);
    }
  }
  draft.path = `${path}?${parts.join("&")}`;
}

function bendHeaders(draft: Draft, below: Below, names: readonly string[]): void {
  const own = Object.keys(draft.headers);
  const name = own.length > 0 && below(3) > 0 ? pick(own, below) : pick(names, below);
  switch (below(4)) {
    case 0:
      delete draft.headers[name];
      return;
    case 1:
      draft.headers[name] = bent(draft.headers[name] ?? "", below, values);
      return;
    default:
      draft.headers[name] = pick(values, below);
  }
}

function bendBody(draft: Draft, below: Below): void {
  const text = new TextDecoder().decode(draft.body);
  if (below(4) === 0) draft.body = Uint8Array.from({ length: below(600) }, () => below(256));
  else draft.body = below(8) === 0 ? undefined : new TextEncoder().encode(bent(text, below, xmlBits));
}

function mutated(template: Template, below: Below, names: readonly string[]): Draft {
  const body = typeof template.body === "string" ? new TextEncoder().encode(template.body) : template.body;
  const draft: Draft = { method: template.method, path: template.path, headers: { ...template.headers }, body };
  for (let changes = 1 + below(3); changes > 0; changes--) {
    const kind = below(10);
    if (kind === 0) draft.method = pick(methods, below);
    else if (kind < 4) bendPath(draft, below);
    else if (kind < 8 || draft.body === undefined) bendHeaders(draft, below, names);
    else bendBody(draft, below);
  }
  return draft;
}

/** What no `Request` can be made of does not reach a server either. */
function requestOf(draft: Draft, caller: Caller, below: Below, sas: string, bearer: boolean): Request | undefined {
  const carries = draft.body !== undefined && draft.method !== "GET" && draft.method !== "HEAD";
  const door = below(20);
  const options: CallOptions = {
    headers: draft.headers,
    ...(carries && draft.body ? { body: draft.body } : {}),
    ...(door < 4 ? { sas } : {}),
    ...(door === 4 || bearer ? { anonymous: true } : {}),
  };
  try {
    const request = caller.signed(draft.method, draft.path, options);
    if (bearer) {
      request.headers.set("authorization", `Bearer ${caller.emulator.token()}`);
      request.headers.set("x-ms-file-request-intent", "backup");
    }
    if (door === 5)
      request.headers.set("authorization", pick([`SharedKey devstoreaccount1:${hmac("AAAA", "x")}`, "Bearer x.y.z", "Basic", ""], below));
    return request;
  } catch {
    return undefined;
  }
}

/** The first piece of a body; the rest of a file of terabytes is not asked for. */
async function taste(response: Response): Promise<void> {
  const reader = response.body?.getReader();
  await reader?.read();
  await reader?.cancel();
}

it("every operation answers its request on the account with everything in it", async () => {
  const { requests: templates } = await createStocked();
  for (const [name, template] of Object.entries(templates)) {
    const stocked = await createStocked();
    const request = requestOf(sent(template), stocked.caller, () => 19, "", template.bearer === true);
    const response = await stocked.caller.emulator.handle(request as Request);
    expect([name, response.status < 300, response.headers.get("x-ms-error-code")]).toEqual([name, true, null]);
  }
});

function sent({ method, path, headers = {}, body }: Template): Draft {
  return { method, path, headers: { ...headers }, body: typeof body === "string" ? new TextEncoder().encode(body) : body };
}

it(`${requests} mutated requests are answered, none with an internal error`, { timeout: 120_000 }, async () => {
  const below = generator(20261006);
  const statuses = new Map<number, number>();
  const codes = new Set<string>();
  const reached = new Set<string>();
  let stocked: Stocked = await createStocked();
  let sas = accountSas(stocked.caller);
  const names = [...new Set(Object.values(stocked.requests).flatMap(({ headers = {} }) => Object.keys(headers)))];
  let answered = 0;
  for (let count = 0; count < requests; count++) {
    if (count % batch === 0) {
      stocked = await createStocked();
      sas = accountSas(stocked.caller);
    }
    const [name, template] = pick(Object.entries(stocked.requests), below);
    const draft = mutated(template, below, names);
    const request = requestOf(draft, stocked.caller, below, sas, template.bearer === true);
    if (request === undefined) continue;
    if (below(50) === 0) stocked.caller.advance(below(30_000));
    const response = await stocked.caller.emulator.handle(request);
    answered++;
    if (response.status >= 500) {
      throw new Error(`${name}: ${draft.method} ${draft.path} ${JSON.stringify(draft.headers)}: ${await response.text()}`);
    }
    await taste(response);
    statuses.set(response.status, (statuses.get(response.status) ?? 0) + 1);
    codes.add(response.headers.get("x-ms-error-code") ?? "");
    if (response.ok) reached.add(name);
  }
  expect(answered).toBeGreaterThan(requests * 0.9);
  // The mutations reach the operations, and not only their doors.
  expect(reached.size).toBe(Object.keys(stocked.requests).length);
  for (const status of [200, 201, 202, 206, 400, 403, 404, 405, 409, 412, 416]) expect([...statuses.keys()]).toContain(status);
  expect(codes.size).toBeGreaterThan(40);
});
