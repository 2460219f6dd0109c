/**
 * Policies stored with shares, which SAS tokens can name. Entry point: `azure-files/shares`.
 */
import { shown } from "../redact.js";
import { readText } from "../transport/body.js";
import { date, text } from "../transport/headers.js";
import { isoSpan } from "../transport/times.js";
import { child, children, childText, type Element, parseXml } from "../transport/xml.js";
import { element, optional, type WrittenElement, xmlBody } from "../transport/xml-writer.js";
import type { Connection, RequestOptions } from "../types/connection.js";
import type { AccessPolicy } from "../types/shares.js";
import type { ShareChanged } from "./share-properties.js";
import { shareTarget } from "./targets.js";

/** What `getAccessPolicy` takes. */
export interface GetAccessPolicyRequest extends RequestOptions {
  /** Refuses unless the share is leased with this id. */
  leaseId?: string | undefined;
}

/** A policy as the service has it. */
export interface StoredAccessPolicy extends AccessPolicy {
  /** ISO 8601 with seven decimals. */
  readonly startsOn?: string;
  /** ISO 8601 with seven decimals. */
  readonly expiresOn?: string;
}

/** The policies of a share. */
export interface AccessPolicies {
  readonly policies: readonly StoredAccessPolicy[];
  readonly etag: string | undefined;
  readonly lastModified: Date | undefined;
  readonly requestId: string | undefined;
}

/**
 * Reads the policies stored with a share. No SAS can do it.
 *
 * @throws ServiceError `ShareNotFound`, `AuthorizationFailure` for a SAS.
 * @see https://learn.microsoft.com/rest/api/storageservices/get-share-acl
 */
export async function getAccessPolicy(connection: Connection, request: GetAccessPolicyRequest = {}): Promise<AccessPolicies> {
  const { headers, payload } = await connection.send({
    operation: "Get Share ACL",
    method: "GET",
    target: shareTarget(connection, request),
    query: { restype: "share", comp: "acl" },
    headers: { "x-ms-lease-id": request.leaseId },
    success: [200],
    idempotent: true,
    read: readText,
    signal: request.signal,
  });
  return {
    policies: children(await parseXml(payload, "SignedIdentifiers"), "SignedIdentifier").map(policyOf),
    etag: text(headers, "etag"),
    lastModified: date(headers, "last-modified"),
    requestId: text(headers, "x-ms-request-id"),
  };
}

function policyOf(identifier: Element): StoredAccessPolicy {
  const policy = child(identifier, "AccessPolicy");
  const startsOn = childText(policy, "Start");
  const expiresOn = childText(policy, "Expiry");
  const permissions = childText(policy, "Permission");
  return {
    id: childText(identifier, "Id") ?? "",
    ...(startsOn === undefined ? {} : { startsOn }),
    ...(expiresOn === undefined ? {} : { expiresOn }),
    ...(permissions === undefined ? {} : { permissions }),
  };
}

/** What `setAccessPolicy` takes. */
export interface SetAccessPolicyRequest extends RequestOptions {
  /** All policies, at most five; those that are not in it are removed, and the tokens that name them are good no more. */
  policies: readonly AccessPolicy[];
  /** Refuses unless the share is leased with this id. */
  leaseId?: string | undefined;
}

/**
 * Replaces the policies stored with a share, all of them. A change may take 30 seconds to be known everywhere. No SAS can do it.
 *
 * @throws ServiceError `ShareNotFound`, `AuthorizationFailure` for a SAS; RangeError for more than five policies or an end that is not
 * after the start; TypeError for an id that is empty, too long or there twice, and for what is no time.
 * @see https://learn.microsoft.com/rest/api/storageservices/set-share-acl
 */
export async function setAccessPolicy(connection: Connection, request: SetAccessPolicyRequest): Promise<ShareChanged> {
  const { headers } = await connection.send({
    operation: "Set Share ACL",
    method: "PUT",
    target: shareTarget(connection, request),
    query: { restype: "share", comp: "acl" },
    headers: { "content-type": "application/xml", "x-ms-lease-id": request.leaseId },
    body: xmlBody(identifiersOf(request.policies)),
    success: [200],
    idempotent: true,
    signal: request.signal,
  });
  return {
    etag: text(headers, "etag"),
    lastModified: date(headers, "last-modified"),
    requestId: text(headers, "x-ms-request-id"),
  };
}

function identifiersOf(policies: readonly AccessPolicy[]): WrittenElement {
  if (policies.length > 5) throw new RangeError(`there are ${policies.length} policies, but a share has at most 5`);
  const ids = new Set<string>();
  const identifiers = policies.map(({ id, startsOn, expiresOn, permissions }) => {
    if (typeof id !== "string" || !/^.{1,64}$/s.test(id) || ids.has(id)) {
      throw new TypeError(`policy id ${shown(id)} must have 1 to 64 characters and be there only once`);
    }
    ids.add(id);
    const { start, expiry } = isoSpan(startsOn, expiresOn);
    const said = [optional("Start", start), optional("Expiry", expiry), optional("Permission", permissions)];
    return element("SignedIdentifier", [element("Id", id), element("AccessPolicy", said)]);
  });
  return element("SignedIdentifiers", identifiers);
}
