/**
 * Reads the transcripts beside it: one exchange each, as text. A line with `#` names the source, `>` begins the request, `<` the answer;
 * headers follow, and after an empty line the body, where `BOM` stands for a byte order mark.
 */
import { readdirSync, readFileSync } from "node:fs";

const folder = new URL(".", import.meta.url);

/** One side of an exchange. */
interface Side {
  /** What follows `>` or `<` on its line. */
  readonly start: string;
  /** Headers by lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** One exchange, as written down. */
export interface Transcript {
  readonly source: string;
  readonly request: Side;
  readonly response: Side;
}

function side(lines: readonly string[]): Side {
  const [start = "", ...rest] = lines;
  const empty = rest.indexOf("");
  const headers = (empty < 0 ? rest : rest.slice(0, empty)).map((line): [string, string] => {
    const at = line.indexOf(": ");
    if (at < 1) throw new Error(`no header: ${line}`);
    return [line.slice(0, at).toLowerCase(), line.slice(at + 2)];
  });
  const body = empty < 0 ? "" : rest.slice(empty + 1).join("\n");
  return { start: start.slice(2), headers: Object.fromEntries(headers), body: body.trimEnd().replace(/^BOM/, "\uFEFF") };
}

/** The names of all transcripts, without `.http`. */
export const names: readonly string[] = readdirSync(folder)
  .filter((name) => name.endsWith(".http"))
  .map((name) => name.replace(/\.http$/, ""))
  .toSorted();

/** Reads one. */
export function transcript(name: string): Transcript {
  const lines = readFileSync(new URL(`${name}.http`, folder), "utf8").split("\n");
  const [request, response] = [lines.findIndex((line) => line.startsWith("> ")), lines.findIndex((line) => line.startsWith("< "))];
  if (request < 1 || response < request) throw new Error(`${name}.http has no source, no request or no answer`);
  return {
    source: lines.slice(0, request).join("\n"),
    request: side(lines.slice(request, response)),
    response: side(lines.slice(response)),
  };
}
