/**
 * Modules of Node's own, found without an import, so that the files which use them load everywhere. The one place that looks at `process`.
 */

/** What is asked of Node's global `process`. */
interface Host {
  readonly release?: { readonly name?: string };
  getBuiltinModule?(name: string): unknown;
}

/**
 * A module of Node's own, found without an import, so that this file loads everywhere; undefined where this is not Node from 22.3. Deno,
 * Bun and workerd have such modules too, and are better served by their own `fetch`.
 */
export function nodeModule(name: "node:http" | "node:https" | "node:crypto"): unknown {
  const { process: host, Deno: deno, Bun: bun } = globalThis as { process?: Host; Deno?: unknown; Bun?: unknown };
  const isNode = host?.release?.name === "node" && deno === undefined && bun === undefined;
  return isNode ? host.getBuiltinModule?.(name) : undefined;
}
