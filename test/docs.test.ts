/** The code in the guides is that of files which tests run: it cannot rot. `UPDATE_DOCS=1` writes it anew. */
import { writeFileSync } from "node:fs";
import { extname, join } from "node:path";
import { expect, it } from "vitest";
import { files, root, text } from "./source-tree.js";

const guides = files("docs").filter((path) => path.endsWith(".md"));
/** A marker that names a file, and the block of code after it. */
const BLOCK = /<!-- (docs\/\S+) -->\n\n```\w+\n[\s\S]*?\n```/g;
/** How a block of each kind of file begins. */
const LANGUAGES: Record<string, string> = { ".ts": "ts", ".cjs": "js", ".html": "html" };

function withCode(guide: string): string {
  return guide.replace(
    BLOCK,
    (_block, path: string) => `<!-- ${path} -->\n\n\`\`\`${LANGUAGES[extname(path)]}\n${text(path).trimEnd()}\n\`\`\``,
  );
}

it.each(guides)("%s shows the code that is run", (guide) => {
  const shown = text(guide);
  expect(shown.match(BLOCK)?.length).toBe(shown.match(/^```(?:ts|js|html)$/gm)?.length);
  if (process.env["UPDATE_DOCS"]) writeFileSync(join(root, guide), withCode(shown));
  expect(text(guide)).toBe(withCode(shown));
});

it("leaves no code of a guide unshown but what stands around it", () => {
  const shown = new Set(guides.flatMap((guide) => [...text(guide).matchAll(BLOCK)].map(([, path]) => path)));
  const around = /^docs\/[^/]+\/(app\/|serve-app\.ts$)/;
  expect(files("docs").filter((path) => extname(path) in LANGUAGES && !shown.has(path) && !around.test(path))).toEqual([]);
});
