/**
 * Which operation a recorded request is, told from its method, address, words and headers.
 */
import type { OperationName } from "../../src/types/requests.js";

/** Operations that both sides have, and those that only the emulator has. */
export type RecordedOperation =
  | OperationName
  | "Set Share Metadata"
  | "Set Share Properties"
  | "Get Share Stats"
  | "Set Directory Metadata"
  | "Set Directory Properties";

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
const rows: readonly (readonly [RecordedOperation, method: string, resource: string, restype: string, comp: string])[] = [
  ["List Shares", "GET", "service", "", "list"],
  ["Create Share", "PUT", "share", "share", ""],
  ["Get Share Properties", "GET", "share", "share", ""],
  ["Delete Share", "DELETE", "share", "share", ""],
  ["Set Share Metadata", "PUT", "share", "share", "metadata"],
  ["Set Share Properties", "PUT", "share", "share", "properties"],
  ["Get Share Stats", "GET", "share", "share", "stats"],
  ["Create Directory", "PUT", "directory", "directory", ""],
  ["Get Directory Properties", "GET", "directory", "directory", ""],
  ["Delete Directory", "DELETE", "directory", "directory", ""],
  ["Set Directory Metadata", "PUT", "directory", "directory", "metadata"],
  ["Set Directory Properties", "PUT", "directory", "directory", "properties"],
  ["List Directories and Files", "GET", "directory", "directory", "list"],
  ["Create File", "PUT", "file", "", ""],
  ["Get File", "GET", "file", "", ""],
  ["Get File Properties", "HEAD", "file", "", ""],
  ["Delete File", "DELETE", "file", "", ""],
  ["Set File Metadata", "PUT", "file", "", "metadata"],
  ["Set File Properties", "PUT", "file", "", "properties"],
  ["Put Range", "PUT", "file", "", "range"],
  ["List Ranges", "GET", "file", "", "rangelist"],
];

/** A copy, though it looks like Create File where the recorder removed the source: only copies are answered 202. */
const copies = ({ requestHeaders, status }: Request): boolean => "x-ms-copy-source" in requestHeaders || status === 202;

/** Put Range From URL, which looks like Put Range where the recorder removed the source: only it answers with a CRC. */
const takesFromUrl = ({ requestHeaders, responseHeaders }: Request): boolean =>
  ["x-ms-copy-source", "x-ms-source-range"].some((name) => name in requestHeaders) || "x-ms-content-crc64" in responseHeaders;

/** The operation of a recorded request; undefined where this stage has none. */
export function operationOf(request: Request, address: Address): RecordedOperation | undefined {
  if (!new URL(address.origin).hostname.includes(".file.") || "x-ms-structured-body" in request.requestHeaders) return undefined;
  const restype = address.query.get("restype") ?? "";
  const comp = address.query.get("comp") ?? "";
  const resource = address.share === "" ? "service" : restype === "directory" ? "directory" : address.path.length === 0 ? "share" : "file";
  const method = resource !== "file" && request.method === "HEAD" ? "GET" : request.method;
  const [name] = rows.find((row) => row[1] === method && row[2] === resource && row[3] === restype && row[4] === comp) ?? [];
  if (name === "Create File" && copies(request)) return undefined;
  if (name !== "Put Range") return name;
  return takesFromUrl(request) ? undefined : request.requestHeaders["x-ms-write"] === "clear" ? "Clear Range" : "Put Range";
}
