/** The account's store of security descriptors, and the two formats in which they come. */
import { badHeader } from "./failures.js";
import { readBinary, readSddl, writeBinary, type SecurityDescriptor } from "./security-descriptor.js";
import { utf8 } from "./text.js";

/** How a descriptor is written on the wire. */
export type PermissionFormat = "sddl" | "binary";

/** A format by its name in any case, or undefined. */
export function readFormat(value: unknown): PermissionFormat | undefined {
  const word = typeof value === "string" ? value.toLowerCase() : undefined;
  return word === "sddl" || word === "binary" ? word : undefined;
}

/** `x-ms-file-permission-format`, SDDL where it is absent. Throws `InvalidHeaderValue`. */
export function readPermissionFormat(headers: Headers): PermissionFormat {
  const value = headers.get("x-ms-file-permission-format");
  const format = readFormat(value ?? "sddl");
  if (!format) throw badHeader("x-ms-file-permission-format", value ?? "");
  return format;
}

// The second half belongs to the account, the first to the descriptor. These are recorded; what other descriptors get is not foretold.
const accountHalf = "11581588750433322810";
const inheritedFile = `584053819618422708*${accountHalf}`;
const inheritedDirectory = `14438882940201373875*${accountHalf}`;

/** The security descriptors of an account by their keys: shares have them in common, and nothing is ever taken out. */
export class Permissions {
  /** Keys of what an item has that was created without a permission. */
  readonly inherited: { readonly file: string; readonly directory: string } = { file: inheritedFile, directory: inheritedDirectory };
  readonly #descriptors = new Map<string, SecurityDescriptor>();

  constructor() {
    // Recorded of directories; the file's is what inheritance makes of the same entries.
    this.#descriptors.set(
      inheritedDirectory,
      readSddl(
        "O:SYG:SYD:(A;OICI;FA;;;BA)(A;OICI;FA;;;SY)(A;;0x1200a9;;;BU)(A;OICIIO;GXGR;;;BU)(A;OICI;0x1301bf;;;AU)(A;;FA;;;SY)(A;OICIIO;GA;;;CO)",
      ),
    );
    this.#descriptors.set(inheritedFile, readSddl("O:SYG:SYD:(A;;FA;;;BA)(A;;FA;;;SY)(A;;0x1200a9;;;BU)(A;;0x1301bf;;;AU)(A;;FA;;;SY)"));
  }

  has(key: string): boolean {
    return this.#descriptors.has(key);
  }

  get(key: string): SecurityDescriptor | undefined {
    return this.#descriptors.get(key);
  }

  /** Keeps a descriptor and returns its key, the same for the same descriptor. Throws `FileInvalidPermission`. */
  add(text: string, format: PermissionFormat): string {
    const given = format === "sddl" ? readSddl(text) : readBinary(text);
    // Without a word about auditing it is kept as one that audits nothing, as recorded.
    const descriptor = { ...given, sacl: given.sacl ?? { control: 0, entries: null } };
    let hash = 0xcbf29ce484222325n;
    for (const byte of utf8(writeBinary(descriptor))) hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
    const key = `${hash}*${accountHalf}`;
    this.#descriptors.set(key, descriptor);
    return key;
  }
}
