/**
 * What a SAS must hold for each operation, by Microsoft's REST reference.
 *
 * @see https://learn.microsoft.com/rest/api/storageservices/create-account-sas
 * @see https://learn.microsoft.com/rest/api/storageservices/create-service-sas
 */
import type { OperationName } from "../types/requests.js";

/**
 * The resource type and the letters that an account SAS needs, the letters of a share's SAS, and those of a file's. Of letters with "|"
 * between, one is enough; of others, all are needed. What is missing cannot be done with that kind of token.
 */
export type NeededGrant = readonly [resourceType?: "s" | "c" | "o", account?: string, share?: string, file?: string];

const listing: NeededGrant = ["c", "l", "l"];
const shareRead: NeededGrant = ["c", "r"];
const shareWrite: NeededGrant = ["c", "w"];
const shareCreation: NeededGrant = ["c", "c|w"];
const directoryRead: NeededGrant = ["o", "r", "r"];
const directoryWrite: NeededGrant = ["o", "w", "w"];
const read: NeededGrant = ["o", "r", "r", "r"];
const write: NeededGrant = ["o", "w", "w", "w"];
const creation: NeededGrant = ["o", "c|w", "c|w", "c|w"];
const removal: NeededGrant = ["o", "d", "d", "d"];
/** No SAS will do: a key, or a bearer token. */
const never: NeededGrant = [];

/** The table. */
export const neededGrants: Readonly<Record<OperationName, NeededGrant>> = {
  "List Shares": ["s", "l"],
  "Get File Service Properties": ["s", "r"],
  "Set File Service Properties": ["s", "w"],
  "Get User Delegation Key": never,
  "Create Share": shareCreation,
  "Snapshot Share": shareCreation,
  "Get Share Properties": shareRead,
  "Get Share Metadata": shareRead,
  "Get Share Stats": shareRead,
  "Set Share Properties": shareWrite,
  "Set Share Metadata": shareWrite,
  "Restore Share": shareWrite,
  "Delete Share": ["c", "d"],
  "Get Share ACL": never,
  "Set Share ACL": never,
  "Create Permission": ["c", "wd", "wd"],
  "Get Permission": ["c", "r", "r"],
  "Acquire Share Lease": shareWrite,
  "Renew Share Lease": shareWrite,
  "Change Share Lease": shareWrite,
  "Release Share Lease": shareWrite,
  "Break Share Lease": ["c", "w|d"],
  "List Directories and Files": listing,
  "Create Directory": ["o", "c|w", "c|w"],
  "Get Directory Properties": directoryRead,
  "Get Directory Metadata": directoryRead,
  "Set Directory Properties": directoryWrite,
  "Set Directory Metadata": directoryWrite,
  "Delete Directory": ["o", "d", "d"],
  "Rename Directory": directoryWrite,
  "List Handles": ["o", "r|l"],
  "Force Close Handles": ["o", "w|d"],
  "Create File": creation,
  "Get File": read,
  "Get File Properties": read,
  "Get File Metadata": read,
  "List Ranges": read,
  "Set File Properties": write,
  "Set File Metadata": write,
  "Put Range": write,
  "Clear Range": write,
  "Put Range from URL": write,
  "Copy File": creation,
  "Abort Copy File": write,
  "Delete File": removal,
  "Rename File": write,
  "Acquire File Lease": write,
  "Change File Lease": write,
  "Release File Lease": write,
  "Break File Lease": write,
  "Create Symbolic Link": creation,
  "Get Symbolic Link": read,
  "Create Hard Link": creation,
};
