/** The conformance cases as a program for runtimes that start one: the last line that it writes has all that it found, as JSON. */
import { inProcess, overHttp, type ServedAccount } from "./places.js";

/** What tells these runtimes apart; nothing but the report goes by it. */
interface Host {
  readonly Deno?: { readonly args: readonly string[]; readonly version: { readonly deno: string } };
  readonly Bun?: { readonly version: string };
  readonly process?: { readonly argv: readonly string[]; readonly versions: { readonly node: string } };
}

const { Deno: deno, Bun: bun, process: node } = globalThis as unknown as Host;
const [account] = deno?.args ?? node?.argv.slice(2) ?? [];
const outcomes = account === undefined ? await inProcess() : await overHttp(JSON.parse(account) as ServedAccount);
console.log(JSON.stringify({ version: deno?.version.deno ?? bun?.version ?? node?.versions.node, outcomes }));
