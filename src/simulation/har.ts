/**
 * The form of an HTTP Archive (HAR 1.2), as this package writes it. Types only: this file compiles to nothing.
 *
 * @see http://www.softwareishard.com/blog/har-12-spec/
 */

/** A name with a value, as HAR lists headers and query words. */
export interface HarNameValue {
  readonly name: string;
  readonly value: string;
}

/** The body of an answer. Text stands in `text`, other bytes do in base64; what is large is in a file beside, as Playwright has it. */
export interface HarContent {
  /** Bytes. */
  readonly size: number;
  readonly mimeType: string;
  readonly text?: string;
  readonly encoding?: "base64";
  /** Name of the file with the bytes: their SHA-1, and an ending. */
  readonly _file?: string;
  /** There where the body went on, and nobody read the rest of it, or nobody could. */
  readonly _incomplete?: true;
  readonly comment?: string;
}

/** The body of a request. */
export interface HarPostData {
  readonly mimeType: string;
  readonly text: string;
  readonly params: readonly never[];
  readonly encoding?: "base64";
  /** Bytes of a body that is not kept. */
  readonly _size?: number;
  /** The SHA-256 of a body that is not kept, in hex. */
  readonly _sha256?: string;
}

/** One exchange of an HTTP Archive. Times are in milliseconds, sizes in bytes, -1 where unknown. */
export interface HarEntry {
  readonly startedDateTime: string;
  readonly time: number;
  readonly request: {
    readonly method: string;
    readonly url: string;
    readonly httpVersion: string;
    readonly cookies: readonly never[];
    readonly headers: readonly HarNameValue[];
    readonly queryString: readonly HarNameValue[];
    readonly postData?: HarPostData;
    readonly headersSize: number;
    readonly bodySize: number;
  };
  readonly response: {
    readonly status: number;
    readonly statusText: string;
    readonly httpVersion: string;
    readonly cookies: readonly never[];
    readonly headers: readonly HarNameValue[];
    readonly content: HarContent;
    readonly redirectURL: string;
    readonly headersSize: number;
    readonly bodySize: number;
  };
  /** What the request failed with, where the status is 0: there is no answer. */
  readonly _error?: string;
  readonly cache: Record<string, never>;
  readonly timings: { readonly send: number; readonly wait: number; readonly receive: number };
}

/** An HTTP Archive, ready for `JSON.stringify`. */
export interface Har {
  readonly log: {
    readonly version: "1.2";
    readonly creator: { readonly name: string; readonly version: string };
    readonly entries: readonly HarEntry[];
  };
}
