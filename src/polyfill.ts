/**
 * WHATWG streams for engines without them, React Native for one, and the `body` of answers there. Import this module once, before
 * `azure-files`; it is never imported by the library itself. What the engine has stays as it is.
 */
import {
  ByteLengthQueuingStrategy,
  CountQueuingStrategy,
  ReadableByteStreamController,
  ReadableStream,
  ReadableStreamBYOBReader,
  ReadableStreamBYOBRequest,
  ReadableStreamDefaultController,
  ReadableStreamDefaultReader,
  TransformStream,
  TransformStreamDefaultController,
  WritableStream,
  WritableStreamDefaultController,
  WritableStreamDefaultWriter,
} from "web-streams-polyfill";

const streams = {
  ByteLengthQueuingStrategy,
  CountQueuingStrategy,
  ReadableByteStreamController,
  ReadableStream,
  ReadableStreamBYOBReader,
  ReadableStreamBYOBRequest,
  ReadableStreamDefaultController,
  ReadableStreamDefaultReader,
  TransformStream,
  TransformStreamDefaultController,
  WritableStream,
  WritableStreamDefaultController,
  WritableStreamDefaultWriter,
};

for (const [name, value] of Object.entries(streams)) {
  if (name in globalThis) continue;
  // As the engine would define it: writable and configurable, but not enumerable.
  Object.defineProperty(globalThis, name, { value, writable: true, configurable: true, enumerable: false });
}

const bodies = new WeakMap<Response, Body>();
type Body = NonNullable<Response["body"]>;

/** The bytes of an answer in one piece, since the engine gives no other; they are asked for when somebody reads. */
function bodyOf(answer: Response): Body {
  const pull = async (controller: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>>): Promise<void> => {
    controller.enqueue(new Uint8Array(await answer.arrayBuffer()));
    controller.close();
  };
  const body = bodies.get(answer) ?? new globalThis.ReadableStream({ pull }, { highWaterMark: 0 });
  bodies.set(answer, body);
  return body;
}

const answers = (globalThis.Response as typeof Response | undefined)?.prototype;
if (answers && !("body" in answers)) {
  Object.defineProperty(answers, "body", {
    get(this: Response) {
      return bodyOf(this);
    },
    configurable: true,
    enumerable: true,
  });
}
