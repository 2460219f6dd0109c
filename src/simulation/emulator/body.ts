/** The body of a request, read once, bounded, and only when somebody asks. */
import { Failure, badHeader } from "./failures.js";
import { maxBody } from "./request-values.js";

/** What a structured body has besides its content, at most: 227 segments of it. Whoever takes plain ones holds them to their own limit. */
const maxFraming = 4096;

/** A request's body. */
export class RequestBody {
  readonly #request: Request;
  readonly #declared: number | undefined;
  #bytes: Promise<Uint8Array<ArrayBuffer>> | undefined;

  /** Throws `InvalidHeaderValue` for a Content-Length that is no number. */
  constructor(request: Request) {
    this.#request = request;
    const text = request.headers.get("content-length");
    if (text !== null && !/^\d{1,15}$/.test(text)) throw badHeader("Content-Length", text);
    this.#declared = text === null ? undefined : Number(text);
  }

  /** Bytes of the body: as declared, or counted where the runtime shows no Content-Length (a `Request` made of bytes has none). */
  async length(): Promise<number> {
    return this.#declared ?? (await this.bytes()).length;
  }

  /**
   * The whole body. Throws `MissingContentLengthHeader` when it comes in chunks without a length, `RequestBodyTooLarge` beyond 4 MiB,
   * `InvalidHeaderValue` when the declared length is wrong.
   */
  bytes(): Promise<Uint8Array<ArrayBuffer>> {
    this.#bytes ??= this.#read();
    return this.#bytes;
  }

  async #read(): Promise<Uint8Array<ArrayBuffer>> {
    const declared = this.#declared;
    if (declared === undefined && this.#request.headers.has("transfer-encoding")) throw new Failure("MissingContentLengthHeader");
    if (declared !== undefined && declared > maxBody + maxFraming) throw new Failure("RequestBodyTooLarge");
    const bytes = declared === undefined ? await this.#readBounded() : new Uint8Array(await this.#request.arrayBuffer());
    if (bytes.length > maxBody + maxFraming) throw new Failure("RequestBodyTooLarge");
    if (declared !== undefined && bytes.length !== declared) throw badHeader("Content-Length", String(declared));
    return bytes;
  }

  async #readBounded(): Promise<Uint8Array<ArrayBuffer>> {
    const chunks: Uint8Array[] = [];
    let length = 0;
    if (!this.#request.body) return new Uint8Array(await this.#request.arrayBuffer()); // some engines show no body stream
    const reader = this.#request.body.getReader() as ReadableStreamDefaultReader<Uint8Array>;
    for (let step = await reader.read(); !step.done; step = await reader.read()) {
      chunks.push(step.value);
      length += step.value.length;
      if (length <= maxBody + maxFraming) continue;
      await reader.cancel();
      throw new Failure("RequestBodyTooLarge");
    }
    if (chunks.length === 1 && chunks[0]?.buffer instanceof ArrayBuffer) return chunks[0] as Uint8Array<ArrayBuffer>;
    const bytes = new Uint8Array(length);
    let at = 0;
    for (const chunk of chunks) {
      bytes.set(chunk, at);
      at += chunk.length;
    }
    return bytes;
  }
}
