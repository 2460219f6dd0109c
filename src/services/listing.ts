/**
 * Listings that come in pages, as something to iterate over.
 */
import { between } from "../config.js";
import { IntegrityError } from "../errors.js";

/** One page of a listing. */
export interface Page<T> {
  readonly entries: readonly T[];
  /** Where the next page begins; undefined on the last one. Opaque; good for `pages({ marker })` later and elsewhere. */
  readonly marker: string | undefined;
}

/** A listing: `for await` goes over its entries, `pages()` over its pages. Nothing is asked for before the first step. */
export interface Listing<T> extends AsyncIterable<T> {
  /** The pages, from the beginning or from the marker of an earlier page. */
  pages(options?: { marker?: string | undefined }): AsyncIterable<Page<T>>;
}

/** A listing of the pages that `load` fetches by their markers. */
export function listing<T>(load: (marker: string | undefined) => Promise<Page<T>>): Listing<T> {
  async function* pages({ marker }: { marker?: string | undefined } = {}): AsyncGenerator<Page<T>> {
    const seen = new Set<string>(marker === undefined ? [] : [marker]);
    for (;;) {
      const page: Page<T> = await load(marker);
      if (page.marker !== undefined) advances(seen, page.marker);
      yield page;
      if (page.marker === undefined) return;
      marker = page.marker;
    }
  }
  return {
    pages,
    async *[Symbol.asyncIterator]() {
      for await (const page of pages()) yield* page.entries;
    },
  };
}

/**
 * Notes the marker of what comes next.
 *
 * @throws IntegrityError where that is a place which was seen before: the loop over the pages would have no end.
 */
export function advances(seen: Set<string>, marker: string): void {
  if (seen.size !== seen.add(marker).size) return;
  throw new IntegrityError(
    "listing",
    `the listing does not advance: a page leads back to marker ${JSON.stringify(marker)}, where it has been already`,
  );
}

/** The page size as the service takes it: a whole number from 1 to 5000. */
export function pageSizeOf(pageSize: number | undefined): number | undefined {
  return pageSize === undefined ? undefined : between("pageSize", pageSize, 1, 5000, true);
}
