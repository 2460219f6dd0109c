/** Requests that a page sends by itself, without the library: what a browser does with them is what is looked at. */
import type { Page } from "@playwright/test";

/** What a page sends; `bytes` makes a body of that many bytes, each its index modulo 251. */
export interface PageRequest {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly bytes?: number;
}

/** What a page could see of the answer. */
export interface PageAnswer {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly text: string;
}

/** Lets the page send a request; rejects as the page's `fetch` does. */
export function fetchInPage(page: Page, url: string, request: PageRequest = {}): Promise<PageAnswer> {
  return page.evaluate(
    async ({ url, request: { bytes, ...init } }) => {
      const body = bytes === undefined ? null : new Blob([Uint8Array.from({ length: bytes }, (_, index) => index % 251)]);
      const response = await fetch(url, { ...init, body });
      return { status: response.status, headers: Object.fromEntries(response.headers), text: await response.text() };
    },
    { url, request },
  );
}
