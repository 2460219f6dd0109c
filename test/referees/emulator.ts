/**
 * The emulator against a recording: the requests of a file are played in order, and each answer is held against the recorded one.
 */
import { createEmulator, type Emulator } from "../../src/simulation/index.js";
import { compareXml } from "./emulator-xml.js";
import { playable } from "./emulator-request.js";
import { type Exchange, type Recording, requestBody, responseBody } from "./recording.js";
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

function ruleOf(name: string, exchange: Exchange): Rule {
  if (name === "etag") return "tick";
  if (name === "last-modified" || name === "x-ms-access-tier-change-time") return "date";
  if (exchange.requestBodyNotRecorded && (optional.test(name) || decided.test(name))) return "any";
  if (/^x-ms-file-(creation|last-write|change)-time$/.test(name)) return "tick";
  if (name === "x-ms-file-id" || name === "x-ms-file-parent-id") return "id";
  if (name === "x-ms-file-permission-key") return "key";
  if (name === "x-ms-share-quota" && !quotaGiven(exchange)) return "any";
  if (name === "content-md5" && !requestBody(exchange).whole) return "any";
  // Of a refusal: as long as its own text, which holds ids and times.
  return name === "content-length" && exchange.status >= 400 ? "any" : "equal";
}

/** The default quota depends on the account. */
const quotaGiven = (exchange: Exchange): boolean =>
  exchange.earlier.some(({ share, requestHeaders }) => share === exchange.share && "x-ms-share-quota" in requestHeaders);

function compareHeaders(exchange: Exchange, response: Response, pairs: Pairs): string[] {
  const recorded = new Map(Object.entries(exchange.responseHeaders));
  const emulated = new Map(response.headers);
  const tiers = [...recorded.keys()].some((name) => tier.test(name));
  const left = (name: string): boolean =>
    unheld.test(name) || (!tiers && tier.test(name)) || (exchange.requestBodyNotRecorded === true && optional.test(name));
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
  exchange.earlier.every((other) => other.share !== exchange.share || other.operation !== "Put Range" || requestBody(other).whole);

async function compareBody(exchange: Exchange, response: Response, pairs: Pairs): Promise<string[]> {
  const recorded = responseBody(exchange);
  const emulated = new Uint8Array(await response.arrayBuffer());
  if (exchange.operation !== "Get File" || exchange.status >= 300) {
    if (recorded.bytes.length === 0 && emulated.length === 0) return [];
    const declared = response.headers.get("content-length");
    const lengths =
      declared === null || Number(declared) === emulated.length ? [] : [`Content-Length ${declared}, but ${emulated.length} bytes`];
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

/** Plays a recording to fresh emulators, one for each account in it, and judges every exchange. */
export async function judgeEmulator(recording: Recording): Promise<Verdict[]> {
  let now = Date.UTC(2026, 9, 6);
  const clock = { now: () => (now += 7.0003) };
  const emulators = new Map<string, Emulator>();
  const pairs = new Pairs();
  const verdicts: Verdict[] = [];
  for (const [index, exchange] of recording.exchanges.entries()) {
    const emulator = emulators.get(exchange.origin) ?? createEmulator({ account: exchange.account, clock, cors: [] });
    emulators.set(exchange.origin, emulator);
    const reason = reasonOf(emulatorReasons, exchange);
    const later = recording.exchanges.slice(index + 1);
    // Played also where it is not judged, so that the state stays in step as far as it can.
    const response = exchange.operation && (await emulator.fetch(playable(exchange, later, pairs, emulator.key, now)));
    verdicts.push({ exchange, reason, complaints: reason === undefined && response ? await compare(exchange, response, pairs) : [] });
  }
  return verdicts;
}
