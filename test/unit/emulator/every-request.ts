/** An account with something of everything in it, and a valid request of every operation for it. */
import type { OperationName } from "../../../src/types/requests.js";
import { accountSas, createCaller, createFile, putRange, type CallOptions, type Caller } from "./account.js";

/** A request as `Caller.call` takes it. */
export interface Template extends CallOptions {
  readonly method: string;
  readonly path: string;
  /** Made with a bearer token instead of the key. */
  readonly bearer?: boolean;
}

/** Everything has a name of its own, so that no request takes from another what it needs. */
export interface Stocked {
  readonly caller: Caller;
  readonly requests: Readonly<Record<OperationName, Template>>;
}

const lease = "11111111-2222-4333-8444-555555555555";
const other = "99999999-2222-4333-8444-555555555555";
const sddl = "O:SYG:SYD:(A;;FA;;;SY)";
const aclXml =
  "<SignedIdentifiers><SignedIdentifier><Id>a</Id><AccessPolicy><Start>2026-01-01T00:00:00Z</Start><Expiry>2026-02-01T00:00:00Z</Expiry><Permission>rl</Permission></AccessPolicy></SignedIdentifier></SignedIdentifiers>";
const propertiesXml =
  "<StorageServiceProperties><HourMetrics><Version>1.0</Version><Enabled>true</Enabled><IncludeAPIs>true</IncludeAPIs><RetentionPolicy><Enabled>true</Enabled><Days>7</Days></RetentionPolicy></HourMetrics><Cors><CorsRule><AllowedOrigins>*</AllowedOrigins><AllowedMethods>GET</AllowedMethods><AllowedHeaders>*</AllowedHeaders><ExposedHeaders>*</ExposedHeaders><MaxAgeInSeconds>5</MaxAgeInSeconds></CorsRule></Cors></StorageServiceProperties>";
const keyXml = "<KeyInfo><Start>2026-01-01T12:00:00Z</Start><Expiry>2026-01-02T12:00:00Z</Expiry></KeyInfo>";

const acquire = (duration: string): Record<string, string> => ({
  "x-ms-lease-action": "acquire",
  "x-ms-lease-duration": duration,
  "x-ms-proposed-lease-id": lease,
});
const held = { "x-ms-lease-id": lease };
const small = { "x-ms-type": "file", "x-ms-content-length": "5" };
const share = (name: string, comp = ""): string => `/${name}?restype=share${comp && `&comp=${comp}`}`;
const directory = (path: string, comp = ""): string => `${path}?restype=directory${comp && `&comp=${comp}`}`;

async function done(answer: Promise<Response>): Promise<Headers> {
  const response = await answer;
  if (!response.ok) throw new Error(`${response.status} ${response.headers.get("x-ms-error-code")} ${await response.text()}`);
  return response.headers;
}

async function stock(caller: Caller): Promise<{ snapshot: string; deletion: string; key: string; copy: string }> {
  const put = (path: string, headers: Record<string, string> = {}, body?: string): Promise<Headers> =>
    done(caller.call("PUT", path, { headers, ...(body === undefined ? {} : { body }) }));
  for (const name of ["docs", "spare", "gone", "held"]) await put(share(name));
  await put(share("unix"), { "x-ms-enabled-protocols": "NFS" });
  await put(directory("/docs/dir"));
  await put(directory("/docs/empty"));
  await put(directory("/docs/mobile"));
  for (const path of ["/docs/a", "/docs/source", "/docs/mobile.bin", "/docs/leased", "/docs/free", "/docs/old", "/docs/dir/b", "/unix/f"]) {
    await done(createFile(caller, path, 1000));
  }
  await done(putRange(caller, "/docs/a", 10, "hello"));
  await done(putRange(caller, "/docs/source", 0, "hello"));
  await put("/unix/link?restype=symboliclink", { "x-ms-link-text": "f" });
  await put("/docs/leased?comp=lease", acquire("-1"));
  await put(share("held", "lease"), acquire("60"));
  const snapshot = (await put(share("docs", "snapshot"))).get("x-ms-snapshot") ?? "";
  const key = (await put(share("docs", "filepermission"), {}, JSON.stringify({ permission: sddl }))).get("x-ms-file-permission-key") ?? "";
  caller.emulator.copies = "pending";
  const copy = (await put("/docs/copied", { "x-ms-copy-source": `${caller.emulator.endpoint}/docs/source` })).get("x-ms-copy-id") ?? "";
  caller.emulator.copies = "immediate";
  caller.emulator.openHandle({ share: "docs", path: "dir/b" });
  await done(caller.call("DELETE", share("gone")));
  const listed = await caller.call("GET", "/?comp=list&include=deleted");
  const deletion = /<Version>([^<]*)</.exec(await listed.text())?.[1] ?? "";
  return { snapshot, deletion, key, copy };
}

/** Makes the account. */
export async function createStocked(): Promise<Stocked> {
  const caller = createCaller({ softDeleteDays: 7, insecureBearer: true });
  const { snapshot, deletion, key, copy } = await stock(caller);
  const source = `${caller.emulator.endpoint}/docs/source`;
  const signed = `${source}?${accountSas(caller, { sp: "r" })}`;
  const requests: Record<OperationName, Template> = {
    "List Shares": { method: "GET", path: "/?comp=list&prefix=d&maxresults=2&include=metadata,snapshots,deleted" },
    "Get File Service Properties": { method: "GET", path: "/?restype=service&comp=properties" },
    "Set File Service Properties": { method: "PUT", path: "/?restype=service&comp=properties", body: propertiesXml },
    "Get User Delegation Key": { method: "POST", path: "/?restype=service&comp=userdelegationkey", body: keyXml, bearer: true },
    "Create Share": {
      method: "PUT",
      path: share("fresh"),
      headers: { "x-ms-share-quota": "7", "x-ms-access-tier": "Hot", "x-ms-meta-a": "b" },
    },
    "Get Share Properties": { method: "GET", path: `${share("docs")}&sharesnapshot=${snapshot}` },
    "Set Share Properties": { method: "PUT", path: share("docs", "properties"), headers: { "x-ms-share-quota": "70" } },
    "Get Share Metadata": { method: "GET", path: share("docs", "metadata") },
    "Set Share Metadata": { method: "PUT", path: share("docs", "metadata"), headers: { "x-ms-meta-a": "b" } },
    "Delete Share": { method: "DELETE", path: share("spare"), headers: { "x-ms-delete-snapshots": "include" } },
    "Restore Share": {
      method: "PUT",
      path: share("gone", "undelete"),
      headers: { "x-ms-deleted-share-name": "gone", "x-ms-deleted-share-version": deletion },
    },
    "Snapshot Share": { method: "PUT", path: share("docs", "snapshot"), headers: { "x-ms-meta-a": "b" } },
    "Get Share ACL": { method: "GET", path: share("docs", "acl") },
    "Set Share ACL": { method: "PUT", path: share("docs", "acl"), body: aclXml },
    "Get Share Stats": { method: "GET", path: share("docs", "stats") },
    "Create Permission": { method: "PUT", path: share("docs", "filepermission"), body: JSON.stringify({ permission: sddl }) },
    "Get Permission": { method: "GET", path: share("docs", "filepermission"), headers: { "x-ms-file-permission-key": key } },
    "Acquire Share Lease": { method: "PUT", path: share("docs", "lease"), headers: acquire("15") },
    "Renew Share Lease": { method: "PUT", path: share("held", "lease"), headers: { "x-ms-lease-action": "renew", ...held } },
    "Change Share Lease": {
      method: "PUT",
      path: share("held", "lease"),
      headers: { "x-ms-lease-action": "change", ...held, "x-ms-proposed-lease-id": other },
    },
    "Release Share Lease": { method: "PUT", path: share("held", "lease"), headers: { "x-ms-lease-action": "release", ...held } },
    "Break Share Lease": {
      method: "PUT",
      path: share("held", "lease"),
      headers: { "x-ms-lease-action": "break", "x-ms-lease-break-period": "5" },
    },
    "Create Directory": {
      method: "PUT",
      path: directory("/docs/new"),
      headers: { "x-ms-file-attributes": "Hidden", "x-ms-file-permission": sddl, "x-ms-file-creation-time": "now" },
    },
    "Get Directory Properties": { method: "GET", path: directory("/docs/dir") },
    "Set Directory Properties": {
      method: "PUT",
      path: directory("/docs/dir", "properties"),
      headers: { "x-ms-file-permission-key": key, "x-ms-file-change-time": "2025-01-02T03:04:05.0000000Z" },
    },
    "Get Directory Metadata": { method: "GET", path: directory("/docs/dir", "metadata") },
    "Set Directory Metadata": { method: "PUT", path: directory("/docs/dir", "metadata"), headers: { "x-ms-meta-a": "b" } },
    "Delete Directory": { method: "DELETE", path: directory("/docs/empty") },
    "Rename Directory": {
      method: "PUT",
      path: directory("/docs/moved", "rename"),
      headers: { "x-ms-file-rename-source": `${caller.emulator.endpoint}/docs/mobile` },
    },
    "List Directories and Files": {
      method: "GET",
      path: `${directory("/docs", "list")}&prefix=d&maxresults=2&include=Timestamps,Etag,Attributes,PermissionKey`,
      headers: { "x-ms-file-extended-info": "true" },
    },
    "List Handles": { method: "GET", path: "/docs/dir?comp=listhandles&maxresults=2", headers: { "x-ms-recursive": "true" } },
    "Force Close Handles": {
      method: "PUT",
      path: "/docs/dir?comp=forceclosehandles",
      headers: { "x-ms-handle-id": "*", "x-ms-recursive": "true" },
    },
    "Create File": {
      method: "PUT",
      path: "/docs/new.bin",
      headers: { ...small, "x-ms-content-type": "text/plain", "x-ms-file-property-semantics": "New", "x-ms-meta-a": "b" },
      body: "hello",
    },
    "Get File": { method: "GET", path: "/docs/a", headers: { "x-ms-range": "bytes=8-99", "x-ms-range-get-content-md5": "true" } },
    "Get File Properties": { method: "HEAD", path: `/docs/a?sharesnapshot=${snapshot}` },
    "Set File Properties": {
      method: "PUT",
      path: "/docs/a?comp=properties",
      headers: { "x-ms-content-length": "2000", "x-ms-file-attributes": "None", "x-ms-file-last-write-time": "preserve" },
    },
    "Get File Metadata": { method: "GET", path: "/docs/a?comp=metadata" },
    "Set File Metadata": { method: "PUT", path: "/docs/a?comp=metadata", headers: { "x-ms-meta-a": "b" } },
    "Delete File": { method: "DELETE", path: "/docs/old" },
    "Rename File": {
      method: "PUT",
      path: "/docs/leased?comp=rename",
      headers: {
        "x-ms-file-rename-source": `${caller.emulator.endpoint}/docs/mobile.bin`,
        "x-ms-file-rename-replace-if-exists": "true",
        "x-ms-destination-lease-id": lease,
      },
    },
    "Copy File": {
      method: "PUT",
      path: "/docs/copy",
      headers: {
        "x-ms-copy-source": source,
        "x-ms-file-permission-copy-mode": "override",
        "x-ms-file-permission": sddl,
        "x-ms-file-attributes": "source",
        "x-ms-file-copy-set-archive": "true",
      },
    },
    "Abort Copy File": { method: "PUT", path: `/docs/copied?comp=copy&copyid=${copy}`, headers: { "x-ms-copy-action": "abort" } },
    "Put Range": {
      method: "PUT",
      path: "/docs/a?comp=range",
      headers: { "x-ms-write": "update", "x-ms-range": "bytes=0-4", "x-ms-file-last-write-time": "now" },
      body: "hello",
    },
    "Clear Range": { method: "PUT", path: "/docs/a?comp=range", headers: { "x-ms-write": "clear", "x-ms-range": "bytes=0-99" } },
    "Put Range from URL": {
      method: "PUT",
      path: "/docs/a?comp=range",
      headers: { "x-ms-write": "update", "x-ms-range": "bytes=5-9", "x-ms-source-range": "bytes=0-4", "x-ms-copy-source": signed },
    },
    "List Ranges": {
      method: "GET",
      path: `/docs/a?comp=rangelist&prevsharesnapshot=${snapshot}`,
      headers: { "x-ms-range": "bytes=0-999", "x-ms-file-support-rename": "true" },
    },
    "Acquire File Lease": { method: "PUT", path: "/docs/free?comp=lease", headers: acquire("-1") },
    "Change File Lease": {
      method: "PUT",
      path: "/docs/leased?comp=lease",
      headers: { "x-ms-lease-action": "change", ...held, "x-ms-proposed-lease-id": other },
    },
    "Release File Lease": { method: "PUT", path: "/docs/leased?comp=lease", headers: { "x-ms-lease-action": "release", ...held } },
    "Break File Lease": { method: "PUT", path: "/docs/leased?comp=lease", headers: { "x-ms-lease-action": "break" } },
    "Create Symbolic Link": {
      method: "PUT",
      path: "/unix/way?restype=symboliclink",
      headers: { "x-ms-link-text": "..%2Ff", "x-ms-owner": "1000", "x-ms-group": "1000" },
    },
    "Get Symbolic Link": { method: "GET", path: "/unix/link?restype=symboliclink" },
    "Create Hard Link": {
      method: "PUT",
      path: "/unix/twin?restype=hardlink",
      headers: { "x-ms-type": "file", "x-ms-file-target-file": "/f" },
    },
  };
  return { caller, requests };
}
