/**
 * User delegation keys: what a user gets with a bearer token, to sign a SAS with.
 *
 * @see https://learn.microsoft.com/rest/api/storageservices/get-user-delegation-key
 */
import { hmac } from "@noble/hashes/hmac.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { xmlReply, type Exchange, type Reply } from "./exchange.js";
import { Failure } from "./failures.js";
import { base64Of, utf8 } from "./text.js";
import { isoTime, millisecondsOf, parseIsoTime, type Ticks } from "./time.js";
import { allowOnly, badNode, missingNode, onlyChild, readXml, textOf, type XmlElement } from "./xml-reader.js";
import { element, textElement, xmlDocument } from "./xml.js";

/** What a key is made of; a SAS repeats all of it. */
export interface DelegationKeyFacts {
  readonly oid: string;
  readonly tid: string;
  readonly start: string;
  readonly expiry: string;
  readonly service: string;
  readonly version: string;
  /** Tenant of a user of another tenant, to whom the SAS is bound. */
  readonly delegatedTid: string;
}

/** Makes the keys. They follow from what they are made of, so none has to be kept. */
export class DelegationKeys {
  readonly #secret: Uint8Array;

  constructor(secret: Uint8Array) {
    this.#secret = secret;
  }

  /** The key itself. */
  valueOf({ oid, tid, start, expiry, service, version, delegatedTid }: DelegationKeyFacts): Uint8Array<ArrayBuffer> {
    const text = [oid, tid, start, expiry, service, version, delegatedTid].join("\n");
    return new Uint8Array(hmac(sha256, this.#secret, utf8(text)));
  }
}

const longest = 7 * 86_400_000;

/** A time to the second. */
function readTime(root: XmlElement, name: string): Ticks {
  const text = textOf(root, name);
  const ticks = parseIsoTime(text);
  if (ticks === undefined) throw badNode(name, text);
  return ticks;
}

const secondsOf = (ticks: Ticks): string => isoTime(ticks).replace(/\.\d+Z$/, "Z");

const guid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** The tenant of another user, or nothing. */
function readDelegatedTid(root: XmlElement): string {
  const text = onlyChild(root, "DelegatedUserTid")?.text.trim() ?? "";
  if (text !== "" && !guid.test(text)) throw badNode("DelegatedUserTid", text);
  return text;
}

/** Get User Delegation Key: for a bearer token only, for seven days at most. */
export async function getUserDelegationKey(exchange: Exchange): Promise<Reply> {
  const { account, identity, version } = exchange;
  if (identity.kind !== "bearer") throw new Failure("AuthorizationFailure");
  const root = await readXml(exchange, "KeyInfo");
  if (!root) throw missingNode("KeyInfo");
  allowOnly(root, ["Start", "Expiry", "DelegatedUserTid"]);
  const now = account.clock.now();
  const start = onlyChild(root, "Start") ? readTime(root, "Start") : now;
  const expiry = readTime(root, "Expiry");
  const tooLate = millisecondsOf(expiry) > millisecondsOf(now) + longest;
  if (expiry <= start || expiry <= now || tooLate) throw badNode("Expiry", secondsOf(expiry));
  const facts: DelegationKeyFacts = {
    oid: identity.oid,
    tid: identity.tid,
    start: secondsOf(start),
    expiry: secondsOf(expiry),
    service: "f",
    version,
    delegatedTid: readDelegatedTid(root),
  };
  const body =
    textElement("SignedOid", facts.oid) +
    textElement("SignedTid", facts.tid) +
    textElement("SignedStart", facts.start) +
    textElement("SignedExpiry", facts.expiry) +
    textElement("SignedService", facts.service) +
    textElement("SignedVersion", facts.version) +
    (facts.delegatedTid === "" ? "" : textElement("SignedDelegatedUserTid", facts.delegatedTid)) +
    textElement("Value", base64Of(account.delegationKeys.valueOf(facts)));
  return xmlReply(xmlDocument(element("UserDelegationKey", body)));
}
