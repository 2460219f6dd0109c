/**
 * The emulator against a recording: the requests of a file are played in order, and each answer is held against the recorded one.
 */
import { isDeepStrictEqual } from "node:util";
import { createEmulator, type Emulator } from "../../src/simulation/index.js";
import { compareXml } from "./emulator-xml.js";
import { isAnotherAccount, playable, preparation } from "./emulator-request.js";
import type { Played } from "./leases.js";
import { type Exchange, isAzureFiles, isOf, type Recording, requestBody, responseBody, responseText, succeeded } from "./recording.js";
import { emulatorReasons, reasonOf } from "./reasons.js";
import type { Verdict } from "./tally.js";
import { isFloor, Pairs, type Rule } from "./values.js";

/** Set by the connection, by what recorders keep, or by the account's own cross-origin rules. */
const unheld =
  /^(date|server|vary|transfer-encoding|retry-after|x-ms-request-id|x-ms-client-request-id|x-ms-version-id|access-control-.*)$/;
/** Sent only where request headers ask for it, which some recorders did not keep. */
const optional = /^(x-ms-meta-.*|content-(type|encoding|language|disposition|md5)|cache-control)$/;
/** Always sent, with a value that request headers decide. */
const decided = /^x-ms-(server-encrypted|share-quota|access-tier.*|file-(attributes|permission-key|(creation|last-write|change)-time))$/;
/** A kind of account without tiers does not speak of them. */
const tier = /^x-ms-access-tier/;

/** A copy merges the descriptor that it is given with what is inherited; the recordings do not show into what. */
const permissionMerged = (exchange: Exchange): boolean =>
  exchange.earlier.some(
    (other) =>
      isOf(other, exchange) && other.operation === "Copy File" && other.requestHeaders["x-ms-file-permission-copy-mode"] === "override",
  );

/** Values that the service makes up, which stand for those that the emulator makes up. */
const madeUp: Readonly<Record<string, Rule>> = {
  etag: "tick",
  "last-modified": "date",
  "x-ms-access-tier-change-time": "date",
  "x-ms-copy-completion-time": "date",
  "x-ms-share-next-allowed-quota-downgrade-time": "date",
  "x-ms-share-next-allowed-provisioned-iops-downgrade-time": "date",
  "x-ms-share-next-allowed-provisioned-bandwidth-downgrade-time": "date",
  "x-ms-file-creation-time": "tick",
  "x-ms-file-last-write-time": "tick",
  "x-ms-file-change-time": "tick",
  "x-ms-file-id": "id",
  "x-ms-file-parent-id": "id",
  "x-ms-file-permission-key": "key",
  "x-ms-lease-id": "guid",
  "x-ms-copy-id": "guid",
  "x-ms-snapshot": "snapshot",
  // Names the tenant.
  "www-authenticate": "any",
  // An address whose names recorders replace, and whose SAS they remove.
  "x-ms-copy-source": "any",
};

function ruleOf(name: string, exchange: Exchange): Rule {
  if (exchange.requestBodyNotRecorded && exchange.operation !== "Create Permission" && (optional.test(name) || decided.test(name)))
    return "any";
  if (name === "x-ms-file-permission-key" && permissionMerged(exchange)) return "any";
  if (name === "x-ms-share-quota" && !quotaGiven(exchange)) return "any";
  if (name === "content-md5" && !requestBody(exchange).whole) return "any";
  if (name === "x-ms-content-crc64" && !contentKnown(exchange)) return "any";
  // Of a refusal: as long as its own text, which holds ids and times.
  if (name === "content-length" && exchange.status >= 400) return "any";
  return madeUp[name] ?? "equal";
}

/** The default quota depends on the account. */
const quotaGiven = (exchange: Exchange): boolean =>
  exchange.earlier.some(({ share, requestHeaders }) => share === exchange.share && "x-ms-share-quota" in requestHeaders);

/** Some recordings lack lease ids on both sides. */
const leaseIdRemoved = ({ operation, requestHeaders }: Exchange): boolean =>
  operation === "Acquire File Lease" && !("x-ms-proposed-lease-id" in requestHeaders);

function compareHeaders(exchange: Exchange, response: Response, pairs: Pairs): string[] {
  const recorded = new Map(Object.entries(exchange.responseHeaders));
  const emulated = new Map(response.headers);
  const tiers = [...recorded.keys()].some((name) => tier.test(name));
  const left = (name: string): boolean =>
    unheld.test(name) ||
    (!tiers && tier.test(name)) ||
    (exchange.requestBodyNotRecorded === true && optional.test(name)) ||
    (name === "x-ms-lease-id" && leaseIdRemoved(exchange)) ||
    // Removed on both sides.
    name === "x-ms-copy-source";
  const complaints: string[] = [];
  for (const name of new Set([...recorded.keys(), ...emulated.keys()])) {
    const [was, is] = [recorded.get(name), emulated.get(name)];
    if (was !== undefined && is !== undefined) {
      if (unheld.test(name)) continue;
      const complaint = pairs.complaint(ruleOf(name, exchange), was, is, exchange);
      if (complaint !== undefined) complaints.push(`header ${name} ${complaint}`);
    } else if (!left(name)) {
      complaints.push(was === undefined ? `header ${name}: ${is} is too much` : `header ${name} is missing, recorded ${was}`);
    }
  }
  for (const headers of [recorded, emulated]) {
    const [date, etag] = [headers.get("last-modified"), headers.get("etag")];
    if (date !== undefined && etag !== undefined && !isFloor(date, etag))
      complaints.push(`Last-Modified ${date} is not the second of ${etag}`);
  }
  return complaints;
}

/** Whether the bytes of the file that is read are known: nothing of what was put into it was cut. */
const contentKnown = (exchange: Exchange): boolean =>
  exchange.earlier.every((other) => other.operation !== "Put Range" || requestBody(other).whole);

const isJson = (exchange: Exchange): boolean => responseText(exchange).startsWith("{");

function compareJson(recorded: string, emulated: Uint8Array): string[] {
  const text = new TextDecoder().decode(emulated);
  return isDeepStrictEqual(JSON.parse(recorded), JSON.parse(text)) ? [] : [`body is ${text}, recorded ${recorded}`];
}

async function compareBody(exchange: Exchange, response: Response, pairs: Pairs): Promise<string[]> {
  const recorded = responseBody(exchange);
  const emulated = new Uint8Array(await response.arrayBuffer());
  if (exchange.operation !== "Get File" || exchange.status >= 300) {
    if (recorded.bytes.length === 0 && emulated.length === 0) return [];
    const declared = response.headers.get("content-length");
    const lengths =
      declared === null || Number(declared) === emulated.length ? [] : [`Content-Length ${declared}, but ${emulated.length} bytes`];
    if (isJson(exchange)) return [...lengths, ...compareJson(responseText(exchange), emulated)];
    return [...lengths, ...compareXml(exchange, new TextDecoder("utf-8", { ignoreBOM: true }).decode(emulated), pairs)];
  }
  const length = exchange.responseHeaders["content-length"] ?? "";
  if (emulated.length !== Number(length)) return [`a body of ${emulated.length} bytes, recorded ${length}`];
  if (!recorded.whole || !contentKnown(exchange)) return [];
  return Buffer.compare(recorded.bytes, emulated) === 0 ? [] : ["other bytes"];
}

async function compare(exchange: Exchange, response: Response, pairs: Pairs): Promise<string[]> {
  if (response.status !== exchange.status) {
    return [
      `status ${response.status} ${response.headers.get("x-ms-error-code") ?? ""}, recorded ${exchange.status}: ${await response.text()}`,
    ];
  }
  return [...compareHeaders(exchange, response, pairs), ...(await compareBody(exchange, response, pairs))];
}

/** The moment of an exchange as its answer tells it, in milliseconds; 0 where it does not. */
function momentOf({ responseHeaders: { date, "last-modified": modified } }: Exchange): number {
  return Date.parse(date ?? modified ?? "") || 0;
}

/** What kind of account answered: what it says of its shares tells. */
function kindOf(exchanges: readonly Exchange[]): "standard" | "premium" | "provisioned" {
  const answers = exchanges.map(({ responseHeaders, responseBody: body }) => `${Object.keys(responseHeaders).join()} ${body}`);
  const said = (pattern: RegExp): boolean => answers.some((answer) => pattern.test(answer));
  if (said(/x-ms-share-(included-burst|max-burst)|x-ms-file-share-usage-bytes/)) return "provisioned";
  const premium =
    said(/x-ms-share-provisioned-iops|<ProvisionedIops>/) || exchanges.some(({ requestHeaders }) => asksForNfs(requestHeaders));
  return premium ? "premium" : "standard";
}

const asksForNfs = (headers: Readonly<Record<string, string>>): boolean => headers["x-ms-enabled-protocols"] === "NFS";

/** Whether deleted shares were kept: one was restored, or listed. */
const keepsDeleted = (exchanges: readonly Exchange[]): boolean =>
  exchanges.some((exchange) => exchange.operation === "Restore Share" && succeeded(exchange));

/** An account as the recording shows it. */
function accountOf(exchange: Exchange, recording: Recording, clock: { now(): number }): Emulator {
  const own = recording.exchanges.filter(({ origin }) => origin === exchange.origin);
  const softDeleteDays = keepsDeleted(own) ? 7 : 0;
  // A name is free again some 30 seconds after its share was deleted.
  return createEmulator({ account: exchange.account, clock, cors: [], kind: kindOf(own), softDeleteDays, deletionSeconds: 30 });
}

/** Plays a recording to fresh emulators, one for each account in it, and judges every exchange. */
export async function judgeEmulator(recording: Recording): Promise<Verdict[]> {
  let now = Date.UTC(2018, 0, 1);
  const clock = { now: () => (now += 7.0003) };
  const emulators = new Map<string, Emulator>();
  const pairs = new Pairs();
  const played: Played[] = [];
  const verdicts: Verdict[] = [];
  for (const [index, exchange] of recording.exchanges.entries()) {
    now = Math.max(now, momentOf(exchange));
    const known = isAnotherAccount(exchange) ? undefined : emulators.get(exchange.origin);
    const emulator = known ?? accountOf(exchange, recording, clock);
    emulators.set(exchange.origin, emulator);
    const reason = reasonOf(emulatorReasons, exchange);
    const later = recording.exchanges.slice(index + 1);
    if (!isAzureFiles(exchange)) {
      verdicts.push({ exchange, reason, complaints: [] });
      continue;
    }
    // Played also where it is not judged, so that the state stays in step as far as it can.
    const stage = { later, played, pairs, emulator, now };
    const prepared = preparation(exchange, stage);
    if (prepared) await emulator.fetch(prepared);
    const response = await emulator.fetch(await playable(exchange, stage));
    const body = exchange.operation === "List Shares" ? await response.clone().text() : "";
    verdicts.push({ exchange, reason, complaints: reason === undefined ? await compare(exchange, response, pairs) : [] });
    played.push({ exchange, answer: response.headers, body });
  }
  return verdicts;
}
