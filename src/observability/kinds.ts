/** What kind of work each operation is: the names of spans. */
import type { OperationName } from "../types/requests.js";

/** A kind of work. */
export type OperationKind =
  | "read"
  | "write"
  | "create"
  | "delete"
  | "rename"
  | "copy"
  | "list"
  | "get_properties"
  | "set_properties"
  | "get_metadata"
  | "set_metadata"
  | "get_access"
  | "set_access"
  | "snapshot"
  | "restore"
  | "lease"
  | "handles";

/** The kind of each operation; a missing one does not compile. */
export const kinds: Readonly<Record<OperationName, OperationKind>> = {
  "List Shares": "list",
  "Get File Service Properties": "get_properties",
  "Set File Service Properties": "set_properties",
  "Get User Delegation Key": "get_access",
  "Create Share": "create",
  "Get Share Properties": "get_properties",
  "Set Share Properties": "set_properties",
  "Get Share Metadata": "get_metadata",
  "Set Share Metadata": "set_metadata",
  "Delete Share": "delete",
  "Restore Share": "restore",
  "Snapshot Share": "snapshot",
  "Get Share ACL": "get_access",
  "Set Share ACL": "set_access",
  "Get Share Stats": "get_properties",
  "Create Permission": "set_access",
  "Get Permission": "get_access",
  "Acquire Share Lease": "lease",
  "Renew Share Lease": "lease",
  "Change Share Lease": "lease",
  "Release Share Lease": "lease",
  "Break Share Lease": "lease",
  "Create Directory": "create",
  "Get Directory Properties": "get_properties",
  "Set Directory Properties": "set_properties",
  "Get Directory Metadata": "get_metadata",
  "Set Directory Metadata": "set_metadata",
  "Delete Directory": "delete",
  "Rename Directory": "rename",
  "List Directories and Files": "list",
  "List Handles": "handles",
  "Force Close Handles": "handles",
  "Create File": "create",
  "Get File": "read",
  "Get File Properties": "get_properties",
  "Set File Properties": "set_properties",
  "Get File Metadata": "get_metadata",
  "Set File Metadata": "set_metadata",
  "Delete File": "delete",
  "Rename File": "rename",
  "Copy File": "copy",
  "Abort Copy File": "copy",
  "Put Range": "write",
  "Clear Range": "write",
  "Put Range from URL": "write",
  "List Ranges": "list",
  "Acquire File Lease": "lease",
  "Change File Lease": "lease",
  "Release File Lease": "lease",
  "Break File Lease": "lease",
  "Create Symbolic Link": "create",
  "Get Symbolic Link": "read",
  "Create Hard Link": "create",
};
