/**
 * List Directories and Files.
 *
 * @see https://learn.microsoft.com/rest/api/storageservices/list-directories-and-files
 */
import { xmlReply, type Exchange, type Reply } from "./exchange.js";
import { findDirectory, storedPath } from "./lookup.js";
import { markerOf, readMarker } from "./markers.js";
import { readInclude, readPageSize } from "./request-values.js";
import { attributesText } from "./smb.js";
import type { TreeNode } from "./state.js";
import { fold } from "./text.js";
import { etagOf, httpDate, isoTime } from "./time.js";
import { element, encodeName, escapeXml, nameElement, needsEncoding, textElement, xmlDocument } from "./xml.js";

/** Ids are in listings from this version on. */
const versionWithIds = "2020-10-02";

function entryElement(node: TreeNode, include: ReadonlySet<string>, version: string): string {
  const { smb } = node;
  const properties =
    (node.kind === "file" ? textElement("Content-Length", node.content.size) : "") +
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
      (include.has("attributes") ? textElement("Attributes", attributesText(smb.attributes)) : "") +
      (include.has("permissionkey") ? textElement("PermissionKey", smb.permissionKey) : ""),
  );
}

/** One page: files and directories in one sequence, ordered by name without case. */
export function listDirectoriesAndFiles(exchange: Exchange): Reply {
  const { target, version } = exchange;
  const { query } = target;
  const [prefix, marker, maxResults] = [query.get("prefix"), query.get("marker"), query.get("maxresults")];
  const size = readPageSize(query);
  const include = readInclude(query, ["timestamps", "etag", "attributes", "permissionkey"]);
  const from = readMarker(marker);
  const path = storedPath(exchange).join("/");
  const directory = findDirectory(exchange);

  const [start, wanted] = [from === undefined ? "" : fold(from), fold(prefix ?? "")];
  const entries: string[] = [];
  let next: string | undefined;
  for (const node of directory.children.sorted()) {
    const folded = fold(node.name);
    if (folded < start || !folded.startsWith(wanted)) continue;
    if (entries.length === size) {
      next = node.name;
      break;
    }
    entries.push(entryElement(node, include, version));
  }

  const encode = needsEncoding(path);
  const attributes =
    `ServiceEndpoint="${target.serviceEndpoint}" ShareName="${target.share ?? ""}" ` +
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
