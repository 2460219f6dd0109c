/**
 * Rename File and Rename Directory, within one share.
 *
 * @see https://learn.microsoft.com/rest/api/storageservices/rename-file
 * @see https://learn.microsoft.com/rest/api/storageservices/rename-directory
 */
import { authorize, type Grant } from "./access.js";
import { emptyReply, type Exchange, type Reply } from "./exchange.js";
import { Failure, badHeader } from "./failures.js";
import { itemHeaders, readItemProperties } from "./item-properties.js";
import { checkFileLease, checkIdle, findPlace, type Place } from "./lookup.js";
import { readFlag, readMetadata } from "./request-values.js";
import { changeHeaders, encrypted } from "./response-headers.js";
import { verifySas } from "./sas.js";
import { isReadOnly } from "./smb.js";
import { findSourceNode, readSourceUrl, withoutSignature } from "./source-url.js";
import { unlink, type TreeNode } from "./state.js";
import type { Target } from "./target.js";
import { millisecondsOf } from "./time.js";

const sourceHeader = "x-ms-file-rename-source";

/** To be moved away is to be deleted. */
const grants: Readonly<Record<TreeNode["kind"], Grant>> = {
  file: { account: ["o", "d"], share: "d", file: "d" },
  directory: { account: ["o", "d"], share: "d" },
};

/** Whether the caller may take the source away: by a SAS in its URL, or by what authorises the request. */
async function authorizeSource({ account, identity, signForOwner }: Exchange, target: Target, kind: TreeNode["kind"]): Promise<void> {
  if (target.query.has("sig")) {
    const bearer = identity.kind === "bearer" ? identity : undefined;
    const sas = await verifySas({ account, sign: signForOwner, now: millisecondsOf(account.clock.now()), bearer }, target);
    authorize({ kind: "sas", sas }, grants[kind]);
  } else authorize(identity, grants.directory); // a SAS for one file, the target, says nothing of another
}

/** What the URL of the source names. Throws `InvalidHeaderValue` for another share, account or a snapshot. */
async function findSource(exchange: Exchange, { share }: Place, kind: TreeNode["kind"]): Promise<TreeNode> {
  const { text, target } = readSourceUrl(exchange.headers, sourceHeader);
  const here = target.account === exchange.target.account && target.share === share.name && !target.query.has("sharesnapshot");
  if (!here || target.path.length === 0) {
    throw badHeader(sourceHeader, withoutSignature(text));
  }
  await authorizeSource(exchange, target, kind);
  const source = findSourceNode(exchange, share, target.path);
  if (source.kind !== kind) throw new Failure("ResourceTypeMismatch");
  return source;
}

/** Throws where the source may not be moved. */
function checkSource(exchange: Exchange, source: TreeNode): void {
  if (source.kind === "file") {
    checkFileLease(exchange, source, "x-ms-source-lease-id");
    checkIdle(exchange, source, "removal");
    return;
  }
  exchange.account.handles.permit(source, "removal");
  if (exchange.account.handles.on(source, true).length > 0) throw new Failure("SharingViolation");
}

/** Throws where what is there already may not be replaced. A directory never is. */
function checkReplaced(exchange: Exchange, there: TreeNode, replaces: boolean, ignoresReadOnly: boolean): void {
  if (there.kind === "directory" || !replaces) throw new Failure("ResourceAlreadyExists");
  checkFileLease(exchange, there, "x-ms-destination-lease-id");
  if (isReadOnly(there) && !ignoresReadOnly) throw new Failure("ReadOnlyAttribute");
  checkIdle(exchange, there, "removal");
}

async function rename(exchange: Exchange, kind: TreeNode["kind"]): Promise<Reply> {
  const { account, headers, version } = exchange;
  const replaces = readFlag(headers, "x-ms-file-rename-replace-if-exists");
  const ignoresReadOnly = readFlag(headers, "x-ms-file-rename-ignore-readonly");
  const metadata = readMetadata(headers);
  const source = await findSource(exchange, findPlace(exchange), kind);
  const { share, parent, name, node } = findPlace(exchange);
  for (let above: TreeNode | undefined = parent; above; above = above.parent) {
    if (above === source) throw badHeader(sourceHeader, "a directory cannot be moved into itself");
  }
  checkSource(exchange, source);
  // Another spelling of the same name is no other item.
  const replaced = node === source ? undefined : node;
  if (replaced) checkReplaced(exchange, replaced, replaces, ignoresReadOnly);
  const modified = account.clock.next();
  const { smb, nfs } = readItemProperties(account, share, headers, kind, modified, source);
  // Its lease goes with it.
  if (replaced?.kind === "file") unlink(replaced);
  source.parent?.children.delete(source.name);
  Object.assign(source, { name, parent, smb, nfs, modified });
  if (metadata.length > 0) source.metadata = metadata;
  const type = headers.get("x-ms-content-type");
  if (source.kind === "file" && type !== null) source.http = { ...source.http, type };
  parent.children.set(source);
  return emptyReply(200, [...changeHeaders(modified), encrypted, ...itemHeaders(source, version)]);
}

/** Rename File. Its lease goes with it; that of a file which it replaces is gone. */
export function renameFile(exchange: Exchange): Promise<Reply> {
  return rename(exchange, "file");
}

/** Rename Directory, with all that is in it; it may replace a file. */
export function renameDirectory(exchange: Exchange): Promise<Reply> {
  return rename(exchange, "directory");
}
