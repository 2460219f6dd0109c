/** Reads the project's own files for the tests that look at the text and not at what it does. */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, posix, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { parseSync } from "vite";

/** The repository's root. */
export const root: string = dirname(dirname(fileURLToPath(import.meta.url)));

const SKIPPED = new Set(["node_modules", "dist", "out", ".git"]);

/** Every file below a folder of the repository, with `/` between the parts; none where the folder is not there. */
export function files(folder: string): string[] {
  let entries;
  try {
    entries = readdirSync(join(root, folder), { withFileTypes: true });
  } catch {
    return [];
  }
  return entries.flatMap((entry) => {
    const path = relative(root, join(root, folder, entry.name))
      .split(sep)
      .join("/");
    if (entry.isDirectory()) return SKIPPED.has(entry.name) ? [] : files(path);
    return [path];
  });
}

/** A file's text. */
export function text(path: string): string {
  return readFileSync(join(root, path), "utf8");
}

/** A node of a syntax tree, as far as these tests look. */
export interface SyntaxNode {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [field: string]: unknown;
}

/** The statements of a module. */
export function statements(path: string, source: string = text(path)): SyntaxNode[] {
  return parseSync(path, source).program.body as unknown as SyntaxNode[];
}

/** What a module imports or re-exports, static and dynamic, types included, as written. */
export function imports(path: string): string[] {
  const source = text(path);
  const { module } = parseSync(path, source);
  const written = (at: { start: number; end: number }): string => source.slice(at.start, at.end).replace(/^["'`]|["'`]$/g, "");
  const reexported = module.staticExports.flatMap(({ entries }) => entries.flatMap(({ moduleRequest }) => moduleRequest?.value ?? []));
  const inTypes = [...source.matchAll(/\bimport\("([^"]+)"\)\./g)].map(([, from]) => from ?? "");
  const found = [
    ...module.staticImports.map(({ moduleRequest }) => moduleRequest.value),
    ...reexported,
    ...module.dynamicImports.map(({ moduleRequest }) => written(moduleRequest)),
    ...inTypes,
  ];
  return [...new Set(found)];
}

/** The file that a relative import of a file means, `.js` read as the `.ts` it is made of. */
export function resolved(from: string, specifier: string): string {
  return posix.join(posix.dirname(from), specifier);
}

/** Calls back for every node of a tree with its parent. */
export function walk(node: unknown, visit: (node: SyntaxNode, parent: SyntaxNode | undefined) => void, parent?: SyntaxNode): void {
  if (Array.isArray(node)) {
    for (const one of node) walk(one, visit, parent);
    return;
  }
  if (typeof node !== "object" || node === null || !("type" in node)) return;
  const here = node as SyntaxNode;
  visit(here, parent);
  for (const value of Object.values(here)) if (typeof value === "object") walk(value, visit, here);
}
