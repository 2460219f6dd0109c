/**
 * Which operation a recorded request is, told from its method, address, words and headers; and from its answer, where the recorder kept
 * no headers that would tell.
 */
import type { OperationName } from "../../src/types/requests.js";

interface Request {
  readonly method: string;
  readonly requestHeaders: Readonly<Record<string, string>>;
  readonly status: number;
  readonly responseHeaders: Readonly<Record<string, string>>;
}

interface Address {
  readonly origin: string;
  readonly share: string;
  readonly path: readonly string[];
  readonly query: ReadonlyMap<string, string>;
}

/** Method, resource, restype and comp of each operation; HEAD stands for GET as well where an operation takes both. */
const rows: readonly (readonly [OperationName, method: string, resource: string, restype: string, comp: string])[] = [
  ["List Shares", "GET", "service", "", "list"],
  ["Get File Service Properties", "GET", "service", "service", "properties"],
  ["Set File Service Properties", "PUT", "service", "service", "properties"],
  ["Get User Delegation Key", "POST", "service", "service", "userdelegationkey"],
  ["Create Share", "PUT", "share", "share", ""],
  ["Get Share Properties", "GET", "share", "share", ""],
  ["Set Share Properties", "PUT", "share", "share", "properties"],
  ["Get Share Metadata", "GET", "share", "share", "metadata"],
  ["Set Share Metadata", "PUT", "share", "share", "metadata"],
  ["Delete Share", "DELETE", "share", "share", ""],
  ["Restore Share", "PUT", "share", "share", "undelete"],
  ["Snapshot Share", "PUT", "share", "share", "snapshot"],
  ["Get Share ACL", "GET", "share", "share", "acl"],
  ["Set Share ACL", "PUT", "share", "share", "acl"],
  ["Get Share Stats", "GET", "share", "share", "stats"],
  ["Create Permission", "PUT", "share", "share", "filepermission"],
  ["Get Permission", "GET", "share", "share", "filepermission"],
  ["Create Directory", "PUT", "directory", "directory", ""],
  ["Get Directory Properties", "GET", "directory", "directory", ""],
  ["Set Directory Properties", "PUT", "directory", "directory", "properties"],
  ["Get Directory Metadata", "GET", "directory", "directory", "metadata"],
  ["Set Directory Metadata", "PUT", "directory", "directory", "metadata"],
  ["Delete Directory", "DELETE", "directory", "directory", ""],
  ["Rename Directory", "PUT", "directory", "directory", "rename"],
  ["List Directories and Files", "GET", "directory", "directory", "list"],
  ["List Handles", "GET", "share", "", "listhandles"],
  ["List Handles", "GET", "file", "", "listhandles"],
  ["Force Close Handles", "PUT", "share", "", "forceclosehandles"],
  ["Force Close Handles", "PUT", "file", "", "forceclosehandles"],
  ["Create File", "PUT", "file", "", ""],
  ["Get File", "GET", "file", "", ""],
  ["Get File Properties", "HEAD", "file", "", ""],
  ["Set File Properties", "PUT", "file", "", "properties"],
  ["Get File Metadata", "GET", "file", "", "metadata"],
  ["Get File Metadata", "HEAD", "file", "", "metadata"],
  ["Set File Metadata", "PUT", "file", "", "metadata"],
  ["Delete File", "DELETE", "file", "", ""],
  ["Rename File", "PUT", "file", "", "rename"],
  ["Abort Copy File", "PUT", "file", "", "copy"],
  ["Put Range", "PUT", "file", "", "range"],
  ["List Ranges", "GET", "file", "", "rangelist"],
  ["Create Symbolic Link", "PUT", "file", "symboliclink", ""],
  ["Get Symbolic Link", "GET", "file", "symboliclink", ""],
  ["Create Hard Link", "PUT", "file", "hardlink", ""],
];

/** The operations of the two pages on leases, by action. */
const leases: Readonly<Record<string, Readonly<Record<string, OperationName>>>> = {
  share: {
    acquire: "Acquire Share Lease",
    renew: "Renew Share Lease",
    change: "Change Share Lease",
    release: "Release Share Lease",
    break: "Break Share Lease",
  },
  file: {
    acquire: "Acquire File Lease",
    change: "Change File Lease",
    release: "Release File Lease",
    break: "Break File Lease",
  },
};

/** What tells a renewal from a change where the recorder kept no action: the id that the lease had before. */
type LeasedAs = (id: string) => boolean;

/** The action of a lease operation; without its header, what the answer says: each has a status or headers of its own. */
function leaseAction({ requestHeaders, status, responseHeaders }: Request, leasedAs: LeasedAs): string {
  const [action, id] = [requestHeaders["x-ms-lease-action"], responseHeaders["x-ms-lease-id"]];
  if (action !== undefined) return action;
  if (status === 201) return "acquire";
  if (status === 202) return "break";
  if (id === undefined) return "release";
  return leasedAs(id) ? "renew" : "change";
}

/** A copy, though it looks like Create File where the recorder removed the source: only copies are answered 202. */
const copies = ({ requestHeaders, status }: Request): boolean => "x-ms-copy-source" in requestHeaders || status === 202;

/** Put Range From URL, which looks like Put Range where the recorder removed the source: only it answers with a CRC. */
const takesFromUrl = ({ requestHeaders, responseHeaders }: Request): boolean =>
  ["x-ms-copy-source", "x-ms-source-range"].some((name) => name in requestHeaders) || "x-ms-content-crc64" in responseHeaders;

/** The operation of a recorded request; undefined where it is none of Azure Files. */
export function operationOf(request: Request, address: Address, leasedAs: LeasedAs): OperationName | undefined {
  if (!new URL(address.origin).hostname.includes(".file.")) return undefined;
  const restype = address.query.get("restype") ?? "";
  const comp = address.query.get("comp") ?? "";
  const resource = address.share === "" ? "service" : restype === "directory" ? "directory" : address.path.length === 0 ? "share" : "file";
  const method = resource !== "file" && request.method === "HEAD" ? "GET" : request.method;
  if (comp === "lease" && method === "PUT") return leases[resource]?.[leaseAction(request, leasedAs)];
  const [name] = rows.find((row) => row[1] === method && row[2] === resource && row[3] === restype && row[4] === comp) ?? [];
  if (name === "Create File" && copies(request)) return "Copy File";
  if (name !== "Put Range") return name;
  if (takesFromUrl(request)) return "Put Range from URL";
  return request.requestHeaders["x-ms-write"] === "clear" ? "Clear Range" : "Put Range";
}
