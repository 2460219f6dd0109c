/**
 * Stored access policies, which a SAS names by `si`: Get and Set Share ACL.
 *
 * @see https://learn.microsoft.com/rest/api/storageservices/get-share-acl
 * @see https://learn.microsoft.com/rest/api/storageservices/set-share-acl
 */
import { emptyReply, xmlReply, type Exchange, type Reply } from "./exchange.js";
import { checkShareLease, findShare } from "./lookup.js";
import { changeHeaders } from "./response-headers.js";
import { sasTicks } from "./sas.js";
import { isoTime, type Ticks } from "./time.js";
import { allowOnly, badNode, invalidDocument, onlyChild, readXml, textOf, type XmlElement } from "./xml-reader.js";
import { element, textElement, xmlDocument } from "./xml.js";

/** A stored access policy; what is undefined the SAS has to say. */
export interface StoredPolicy {
  readonly id: string;
  readonly start: Ticks | undefined;
  readonly expiry: Ticks | undefined;
  readonly permission: string | undefined;
}

const mostPolicies = 5;

function readTime(policy: XmlElement | undefined, name: string): Ticks | undefined {
  const text = onlyChild(policy, name)?.text.trim();
  if (text === undefined || text === "") return undefined;
  const ticks = sasTicks(text);
  if (ticks === undefined) throw badNode(name, text);
  return ticks;
}

function readPolicy(identifier: XmlElement): StoredPolicy {
  if (identifier.name !== "SignedIdentifier") throw invalidDocument();
  allowOnly(identifier, ["Id", "AccessPolicy"]);
  const id = textOf(identifier, "Id");
  if (id === "" || id.length > 64) throw badNode("Id", id);
  const policy = onlyChild(identifier, "AccessPolicy");
  if (policy) allowOnly(policy, ["Start", "Expiry", "Permission"]);
  const permission = onlyChild(policy, "Permission")?.text.trim();
  if (permission !== undefined && !/^[rcwdl]*$/.test(permission)) throw badNode("Permission", permission);
  return { id, start: readTime(policy, "Start"), expiry: readTime(policy, "Expiry"), permission: permission || undefined };
}

/** Get Share ACL. */
export function getShareAcl(exchange: Exchange): Reply {
  const share = findShare(exchange);
  checkShareLease(exchange, share);
  const time = (name: string, ticks: Ticks | undefined): string => (ticks === undefined ? "" : textElement(name, isoTime(ticks)));
  const identifiers = share.policies.map(({ id, start, expiry, permission }) =>
    element(
      "SignedIdentifier",
      textElement("Id", id) +
        element(
          "AccessPolicy",
          time("Start", start) + time("Expiry", expiry) + (permission === undefined ? "" : textElement("Permission", permission)),
        ),
    ),
  );
  return xmlReply(xmlDocument(element("SignedIdentifiers", identifiers.join(""))), changeHeaders(share.modified));
}

/** Set Share ACL: replaces all policies; none in the body, or no body, removes them. */
export async function setShareAcl(exchange: Exchange): Promise<Reply> {
  const identifiers = (await readXml(exchange, "SignedIdentifiers"))?.children ?? [];
  if (identifiers.length > mostPolicies) throw invalidDocument();
  const policies = identifiers.map(readPolicy);
  if (new Set(policies.map(({ id }) => id)).size < policies.length) throw invalidDocument();
  const share = findShare(exchange);
  checkShareLease(exchange, share);
  share.policies = policies;
  share.modified = exchange.account.clock.next();
  return emptyReply(200, changeHeaders(share.modified));
}
