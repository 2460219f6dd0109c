/**
 * List Directories and Files.
 *
 * @see https://learn.microsoft.com/rest/api/storageservices/list-directories-and-files
 */
import { xmlReply, type Exchange, type Reply } from "./exchange.js";
import { badHeader } from "./failures.js";
import { findDirectory, findShare, storedPath } from "./lookup.js";
import { markerOf, readMarker } from "./markers.js";
import { readFlag, readInclude, readPageSize } from "./request-values.js";
import { attributesText } from "./smb.js";
import type { TreeNode } from "./state.js";
import { etagOf, httpDate, isoTime } from "./time.js";
import { element, encodeName, escapeXml, nameElement, needsEncoding, textElement, xmlDocument } from "./xml.js";

/** Ids are in listings from this version on. */
const versionWithIds = "2020-10-02";

function entryElement(node: TreeNode, include: ReadonlySet<string>, version: string): string {
  const { smb, nfs } = node;
  const properties =
    (node.kind === "file" ? textElement("Content-Length", node.linkText?.length ?? node.content.size) : "") +
    (include.has("timestamps")
      ? textElement("CreationTime", isoTime(smb.creationTime)) +
        textElement("LastAccessTime", isoTime(smb.creationTime)) + // reads do not move it, as recorded
        textElement("LastWriteTime", isoTime(smb.lastWriteTime)) +
        textElement("ChangeTime", isoTime(smb.changeTime)) +
        textElement("Last-Modified", httpDate(node.modified))
      : "") +
    (include.has("etag") ? textElement("Etag", etagOf(node.modified)) : "");
  return element(
    node.kind === "file" ? "File" : "Directory",
    nameElement("Name", node.name) +
      (version >= versionWithIds ? textElement("FileId", node.id) : "") +
      element("Properties", properties) +
      (include.has("attributes") && !nfs ? textElement("Attributes", attributesText(smb.attributes)) : "") +
      (include.has("permissionkey") && !nfs ? textElement("PermissionKey", smb.permissionKey) : ""),
  );
}

/** One page: files and directories in one sequence, ordered by name without case; on NFS shares by character codes. */
export function listDirectoriesAndFiles(exchange: Exchange): Reply {
  const { target, version } = exchange;
  const { query } = target;
  const [prefix, marker, maxResults] = [query.get("prefix"), query.get("marker"), query.get("maxresults")];
  const size = readPageSize(query);
  const include = readInclude(query, ["timestamps", "etag", "attributes", "permissionkey"]);
  // All that is included is extended information, so the two cannot contradict each other.
  if (include.size > 0 && exchange.headers.has("x-ms-file-extended-info") && !readFlag(exchange.headers, "x-ms-file-extended-info"))
    throw badHeader("x-ms-file-extended-info", "false");
  const from = readMarker(marker);
  const path = storedPath(exchange).join("/");
  const directory = findDirectory(exchange);

  const { children } = directory;
  const [start, wanted] = [from === undefined ? "" : children.keyOf(from), children.keyOf(prefix ?? "")];
  const entries: string[] = [];
  let next: string | undefined;
  for (const node of children.sorted()) {
    const key = children.keyOf(node.name);
    if (key < start || !key.startsWith(wanted)) continue;
    if (entries.length === size) {
      next = node.name;
      break;
    }
    entries.push(entryElement(node, include, version));
  }

  const encode = needsEncoding(path);
  const { snapshot } = findShare(exchange);
  const attributes =
    `ServiceEndpoint="${target.serviceEndpoint}" ShareName="${target.share ?? ""}" ` +
    (snapshot === undefined ? "" : `ShareSnapshot="${snapshot}" `) +
    `DirectoryPath="${encode ? encodeName(path) : escapeXml(path)}"${encode ? ' Encoded="true"' : ""}`;
  const body =
    (prefix === undefined ? "" : nameElement("Prefix", prefix)) +
    (marker === undefined ? "" : textElement("Marker", marker)) +
    (maxResults === undefined ? "" : textElement("MaxResults", maxResults)) +
    (version >= versionWithIds ? textElement("DirectoryId", directory.id) : "") +
    element("Entries", entries.join("")) +
    textElement("NextMarker", next === undefined ? "" : markerOf(next));
  return xmlReply(xmlDocument(element("EnumerationResults", body, attributes)));
}
