/**
 * Create and Get Permission.
 *
 * @see https://learn.microsoft.com/rest/api/storageservices/create-permission
 * @see https://learn.microsoft.com/rest/api/storageservices/get-permission
 */
import { demand } from "./access.js";
import type { Exchange, Reply } from "./exchange.js";
import { Failure, missingHeader } from "./failures.js";
import { findShare } from "./lookup.js";
import { readFormat, readPermissionFormat } from "./permission-store.js";
import { writeBinary, writeSddl } from "./security-descriptor.js";
import { utf8 } from "./text.js";

/** Create Permission: keeps a descriptor of any length for use by its key. Throws `InvalidInput` for a body that is not the JSON it should be. */
export async function createPermission(exchange: Exchange): Promise<Reply> {
  demand(exchange.identity, "d"); // by the reference, a SAS needs delete as well as write
  findShare(exchange);
  const { permission, format = "sddl" } = await readJson(exchange);
  const known = readFormat(format);
  if (typeof permission !== "string" || !known) throw new Failure("InvalidInput");
  const key = exchange.account.permissions.add(permission, known);
  // No length: the service sends no bytes in chunks here.
  return { status: 201, headers: [["x-ms-file-permission-key", key]] };
}

async function readJson(exchange: Exchange): Promise<{ readonly permission?: unknown; readonly format?: unknown }> {
  const bytes = await exchange.body.bytes();
  try {
    const value: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    if (typeof value === "object" && value !== null) return value;
  } catch {
    // Refused below, like JSON of another shape.
  }
  throw new Failure("InvalidInput");
}

/** The first version that says in which format the answer is; and the first that names its type. */
const [versionWithFormat, versionWithType] = ["2024-11-04", "2026-06-06"];

/** Get Permission: in SDDL, or in the format asked for. */
export function getPermission(exchange: Exchange): Reply {
  const { account, headers, version } = exchange;
  findShare(exchange);
  const key = headers.get("x-ms-file-permission-key");
  if (key === null) throw missingHeader("x-ms-file-permission-key");
  const format = readPermissionFormat(headers);
  const descriptor = account.permissions.get(key);
  if (!descriptor) throw new Failure("FileInvalidPermissionKey");
  const permission = format === "sddl" ? writeSddl(descriptor) : writeBinary(descriptor);
  const body = utf8(JSON.stringify(version >= versionWithFormat ? { permission, format } : { permission }));
  return {
    status: 200,
    headers: [
      ...(version >= versionWithType ? [["Content-Type", "application/json"] as const] : []),
      ["Content-Length", String(body.length)],
    ],
    body,
  };
}
