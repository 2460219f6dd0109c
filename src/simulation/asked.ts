/** What a request asks for, apart from who asks and where: the same in every run, so that recordings and seeded faults go by it. */

/** The words of a SAS, and one that says nothing of what is asked for. */
export const SAS_WORDS: ReadonlySet<string> = /* @__PURE__ */ new Set(
  "sv ss srt st se sp sip spr sig si sr sdd skoid sktid skt ske sks skv skdutid sduoid rscc rscd rsce rscl rsct timeout".split(" "),
);

/** The path of an address in one spelling: clients do not agree on which characters need a percent sign, nor on the case of its digits. */
export function pathOf({ pathname }: URL): string {
  return pathname.split("/").map(respelt).join("/");
}

function respelt(segment: string): string {
  try {
    return encodeURIComponent(decodeURIComponent(segment));
  } catch {
    // No UTF-8: it is what it is.
    return segment;
  }
}

/** Query words by name, in the order of their names, without those that `isIgnored` says; what stands there more than once is one list. */
export function queryOf({ searchParams }: URL, isIgnored: (name: string) => boolean): Map<string, string> {
  const words = new Map<string, string>();
  for (const name of [...new Set(searchParams.keys())].sort()) {
    if (!isIgnored(name.toLowerCase())) words.set(name, searchParams.getAll(name).join(", "));
  }
  return words;
}
