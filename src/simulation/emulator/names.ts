/**
 * Which names the service takes.
 *
 * @see https://learn.microsoft.com/rest/api/storageservices/naming-and-referencing-shares--directories--files--and-metadata
 */
import { Failure } from "./failures.js";

const shareName = /^(?=.{3,63}$)[a-z0-9]+(?:-[a-z0-9]+)*$/;
const forbidden = /["\\/:|<>*?]|\p{Cc}/u;
/** On NFS shares names hold all but what separates them and what ends a text. */
const forbiddenOnNfs = /[/\0]/;

/** Throws `InvalidResourceName` unless a share may be called so. */
export function checkShareName(name: string): void {
  if (!shareName.test(name)) throw new Failure("InvalidResourceName");
}

/** What decides which names are taken, and how. */
export interface NameRules {
  /** `x-ms-allow-trailing-dot`. */
  readonly allowTrailingDot: boolean;
  readonly nfs: boolean;
}

/**
 * Checks the components of a path and returns them as they are stored: trailing dots go, unless `x-ms-allow-trailing-dot` keeps them.
 * Throws `InvalidResourceName` or `InvalidFileOrDirectoryPathName`.
 */
export function checkPath(path: readonly string[], { allowTrailingDot, nfs }: NameRules): string[] {
  if (path.length > 251 || path.join("/").length > 2048) throw new Failure("InvalidFileOrDirectoryPathName");
  return path.map((component) => {
    const name = allowTrailingDot ? component : component.replace(/\.+$/, "");
    if (name === "" || name === "." || name === ".." || (nfs ? forbiddenOnNfs : forbidden).test(name))
      throw new Failure("InvalidResourceName");
    if (name.length > 255) throw new Failure("InvalidFileOrDirectoryPathName");
    return name;
  });
}
