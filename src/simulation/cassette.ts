/**
 * HTTP Archives (HAR 1.2) as recordings of traffic: their form, and what is read from one, whoever wrote it.
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

/** The bytes of a file beside the archive, by its name; undefined where there is none. */
export type SideFiles = (name: string) => Uint8Array<ArrayBuffer> | undefined | Promise<Uint8Array<ArrayBuffer> | undefined>;

/** What is wrong with a recording. */
export class CassetteError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "CassetteError";
  }
}

/** An exchange as it is replayed. */
export interface Taped {
  /** Its number in the archive, from 1. */
  readonly number: number;
  readonly method: string;
  readonly url: URL;
  readonly requestHeaders: Headers;
  readonly status: number;
  readonly statusText: string;
  readonly headers: Headers;
  readonly content: Partial<HarContent>;
}

type Loose = Readonly<Record<string, unknown>>;

const record = (value: unknown, where: string): Loose => {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new CassetteError(`${where} is no object`);
  return value as Loose;
};

const textOf = (value: unknown, where: string): string => {
  if (typeof value !== "string") throw new CassetteError(`${where} is no text`);
  return value;
};

function headersOf(value: unknown, where: string): Headers {
  if (!Array.isArray(value)) throw new CassetteError(`${where} is no list`);
  const headers = new Headers();
  for (const [index, entry] of value.entries()) {
    const at = `${where}[${index}]`;
    const pair = record(entry, at);
    const name = textOf(pair["name"], `${at}.name`);
    // Browsers list those of HTTP/2, which are no headers.
    if (name.startsWith(":")) continue;
    try {
      headers.append(name, textOf(pair["value"], `${at}.value`).replaceAll("\n", ", "));
    } catch (cause) {
      throw cause instanceof CassetteError ? cause : new CassetteError(`${at} is no header`, { cause });
    }
  }
  return headers;
}

/**
 * Reads an archive, this package's own, a browser's or Playwright's: its text, or what `JSON.parse` makes of it. Entries without an answer, as
 * of requests that were aborted, are passed over.
 *
 * @throws CassetteError that names the place for what is no HTTP Archive.
 */
export function readHar(har: unknown): Taped[] {
  let parsed = har;
  if (typeof har === "string") {
    try {
      parsed = JSON.parse(har.replace(/^\uFEFF/, "")) as unknown;
    } catch (cause) {
      throw new CassetteError("the archive is no JSON", { cause });
    }
  }
  const { entries } = record(record(parsed, "the archive")["log"], "log");
  if (!Array.isArray(entries)) throw new CassetteError("log.entries is no list");
  return entries.flatMap((entry, index) => taped(entry, index) ?? []);
}

function taped(entry: unknown, index: number): Taped | undefined {
  const where = `log.entries[${index}]`;
  const { request, response } = record(entry, where);
  const asked = record(request, `${where}.request`);
  const answered = record(response, `${where}.response`);
  const status = Number(answered["status"]);
  // Browsers write 0, Playwright -1.
  if (status <= 0) return undefined;
  if (!Number.isInteger(status) || status < 200 || status > 599) throw new CassetteError(`${where}.response.status is ${status}`);
  let url: URL;
  try {
    url = new URL(textOf(asked["url"], `${where}.request.url`));
  } catch (cause) {
    throw cause instanceof CassetteError ? cause : new CassetteError(`${where}.request.url is no URL`, { cause });
  }
  return {
    number: index + 1,
    method: textOf(asked["method"], `${where}.request.method`).toUpperCase(),
    url,
    requestHeaders: headersOf(asked["headers"] ?? [], `${where}.request.headers`),
    status,
    statusText: /^[\t\x20-\x7e]*$/.test(String(answered["statusText"])) ? String(answered["statusText"]) : "",
    headers: headersOf(answered["headers"] ?? [], `${where}.response.headers`),
    content: record(answered["content"] ?? {}, `${where}.response.content`),
  };
}

/**
 * The body of an answer.
 *
 * @throws CassetteError for one that was not recorded, or whose file is not there.
 */
export async function contentOf({ number, content }: Taped, files: SideFiles): Promise<Uint8Array<ArrayBuffer>> {
  const { text, encoding, _file: file, size = 0 } = content;
  if (typeof file === "string") {
    const bytes = await files(file);
    if (bytes === undefined)
      throw new CassetteError(`exchange ${number} has its body in the file ${JSON.stringify(file)}, which is not there`);
    return bytes;
  }
  if (typeof text !== "string") {
    if (size > 0) throw new CassetteError(`exchange ${number} was recorded without its body of ${size} bytes`);
    return new Uint8Array();
  }
  if (encoding !== "base64") return new TextEncoder().encode(text);
  try {
    return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  } catch (cause) {
    throw new CassetteError(`exchange ${number} has a body that is no base64`, { cause });
  }
}
