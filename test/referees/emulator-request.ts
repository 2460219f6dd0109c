/**
 * Makes a recorded request playable: what recorders removed is given back where the recording tells it, values that the service made up
 * become those that the emulator made up, and it is signed anew.
 */
import { accountSas } from "../../src/auth/mint.js";
import type { Emulator } from "../../src/simulation/index.js";
import { authorized, byOwner } from "./credentials.js";
import { leaseHeaders, type Played } from "./leases.js";
import { type Exchange, requestBody, responseBody, responseText } from "./recording.js";
import { addressOf, copySource, renameSource, type Source } from "./sources.js";
import { toldBody, toldHeaders } from "./told.js";
import type { Pairs, Rule } from "./values.js";
import { childOf, nameOf, parse, textOf, type XmlNode } from "./xml.js";

/** What a request is made of besides itself. */
export interface Stage {
  readonly later: readonly Exchange[];
  readonly played: readonly Played[];
  readonly pairs: Pairs;
  readonly emulator: Emulator;
  readonly now: number;
}

/** Belongs to the connection, or to the credential that recorders removed. */
const dropped = new Set(["content-length", "authorization", "date", "x-ms-date", "host", "connection", "expect", "accept-encoding"]);

/** Headers and words whose values the service made up. */
const mapped: Readonly<Record<string, Rule>> = {
  "x-ms-file-permission-key": "key",
  "x-ms-lease-id": "guid",
  "x-ms-source-lease-id": "guid",
  "x-ms-destination-lease-id": "guid",
  sharesnapshot: "snapshot",
  prevsharesnapshot: "snapshot",
  copyid: "guid",
  marker: "marker",
};

function translated(name: string, value: string, exchange: Pick<Exchange, "origin" | "share">, pairs: Pairs): string {
  const rule = mapped[name];
  return (rule && pairs.emulatedFor(rule, value, exchange)) ?? value;
}

/** Words of a source's address: its snapshot, and a SAS where that is what the answer was about. */
async function sourceWords(exchange: Exchange, source: Source, { pairs, emulator: { key }, now }: Stage): Promise<string> {
  if (exchange.responseHeaders["x-ms-error-code"] === "CannotVerifyCopySource") return source.query.toString();
  const snapshot = source.query.get("sharesnapshot");
  const words = snapshot === null ? [] : [`sharesnapshot=${encodeURIComponent(translated("sharesnapshot", snapshot, source, pairs))}`];
  if (exchange.operation === "Put Range from URL") {
    words.push(
      await accountSas({ account: exchange.account, key, permissions: "r", resourceTypes: "o", expiresOn: new Date(now + 3_600_000) }),
    );
  }
  return words.join("&");
}

/** The headers that say where a copy or a rename takes what it moves. */
async function sourceHeaders(exchange: Exchange, stage: Stage): Promise<Record<string, string>> {
  const { operation } = exchange;
  if (operation === "Rename File" || operation === "Rename Directory") {
    const source = renameSource(exchange, stage.later);
    return source ? { "x-ms-file-rename-source": addressOf(source) } : {};
  }
  if (operation !== "Copy File" && operation !== "Put Range from URL") return {};
  const source = copySource(exchange);
  return source ? { "x-ms-copy-source": addressOf(source, await sourceWords(exchange, source, stage)) } : {};
}

/** The version of a deleted share as the emulator listed it, which may have been among others that were not judged. */
function listedVersion({ operation, share }: Exchange, { played }: Stage): Record<string, string> {
  if (operation !== "Restore Share") return {};
  const listing = played.findLast((other) => other.exchange.operation === "List Shares")?.body;
  const entries = listing === undefined ? [] : (childOf(parse(listing), "Shares")?.children ?? []);
  const version = textOf(
    entries.find((entry) => nameOf(entry) === share),
    "Version",
  );
  return version === undefined ? {} : { "x-ms-deleted-share-version": version };
}

/** The headers of a request as the emulator gets them, unsigned. */
async function headersOf(exchange: Exchange, stage: Stage): Promise<Record<string, string>> {
  const kept = Object.entries(exchange.requestHeaders).filter(([name]) => !dropped.has(name));
  const told = Object.entries({ ...toldHeaders(exchange, stage.later), ...Object.fromEntries(kept) });
  return {
    ...leaseHeaders(exchange, stage.later, stage.played),
    ...Object.fromEntries(told.map(([name, value]) => [name, translated(name, value, exchange, stage.pairs)])),
    ...(await sourceHeaders(exchange, stage)),
    ...listedVersion(exchange, stage),
  };
}

function wordsOf(exchange: Exchange, { played, pairs }: Stage): string {
  const names = [...new Set(new URL(exchange.url).searchParams.keys())].filter((name) => exchange.query.has(name));
  const value = (name: string): string => {
    const recorded = exchange.query.get(name) ?? "";
    // Removed with what it was the id of.
    if (name === "copyid" && recorded === "") return played.at(-1)?.answer.get("x-ms-copy-id") ?? "";
    return translated(name, recorded, exchange, pairs);
  };
  return names.map((name) => `${name}=${encodeURIComponent(value(name))}`).join("&");
}

/** The request, with a credential. */
export async function playable(exchange: Exchange, stage: Stage): Promise<Request> {
  const url = new URL(exchange.url);
  url.search = wordsOf(exchange, stage);
  const told = toldBody(exchange, stage.later);
  const body = told === undefined ? requestBody(exchange).bytes : new TextEncoder().encode(told);
  const headers = await headersOf(exchange, stage);
  return authorized(exchange, stage.emulator, stage.now, { method: exchange.method, url: url.href, headers, body });
}

/** Whether a document has all that another one says. */
const holds = (whole: XmlNode | undefined, part: XmlNode): boolean =>
  whole !== undefined && whole.text === part.text && part.children.every((child) => holds(childOf(whole, child.name), child));

/** What was set last of the service's properties; undefined where nothing was. */
function lastSet({ earlier }: Exchange): XmlNode | undefined {
  const last = earlier.findLast(({ operation, status }) => operation === "Set File Service Properties" && status === 202);
  return last && parse(new TextDecoder().decode(requestBody(last).bytes));
}

/** Whether an answer is of another account, to which a recorder gave the same name: it does not have what was set in the first. */
export function isAnotherAccount(exchange: Exchange): boolean {
  const set = lastSet(exchange);
  return set !== undefined && readsProperties(exchange) && !holds(parse(responseText(exchange)), set);
}

const readsProperties = ({ operation, status }: Exchange): boolean => operation === "Get File Service Properties" && status === 200;

/** A request that brings the account into the state in which a recording finds it: the service's properties as it reads them. */
export function preparation(exchange: Exchange, { emulator, now }: Pick<Stage, "emulator" | "now">): Request | undefined {
  if (!readsProperties(exchange) || (lastSet(exchange) && !isAnotherAccount(exchange))) return undefined;
  return byOwner(emulator, now, {
    method: "PUT",
    url: `${exchange.origin}/?restype=service&comp=properties`,
    headers: { "x-ms-version": exchange.requestHeaders["x-ms-version"] ?? "" },
    body: responseBody(exchange).bytes,
  });
}
