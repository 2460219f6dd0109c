/** Bodies that do not come whole. */

/** The first half of a body, and then its end, a failure, or nothing at all until somebody has enough of it. */
export function halved(
  headers: Headers,
  body: ReadableStream<Uint8Array<ArrayBuffer>>,
  kind: "truncate" | "break" | "stall",
  lost: () => Error,
  signal: AbortSignal,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  const reader = body.getReader();
  const length = headers.get("content-length");
  /** Bytes that may still pass; not known before the first ones come, where the answer does not say how many there are. */
  let left = length === null ? undefined : Number(length) >> 1;
  let onAbort: (() => void) | undefined;
  const forget = (): void => {
    if (onAbort) signal.removeEventListener("abort", onAbort);
  };
  return new ReadableStream<Uint8Array<ArrayBuffer>>(
    {
      start(controller) {
        // As of a body over the network: with the request's signal it fails, stalled or not.
        onAbort = () => {
          controller.error(signal.reason);
          reader.cancel(signal.reason).catch(() => undefined);
        };
        signal.addEventListener("abort", onAbort, { once: true });
      },
      async pull(controller) {
        while (left !== 0) {
          const next = await reader.read();
          if (next.done) break;
          left ??= next.value.length >> 1;
          const piece = next.value.slice(0, left);
          left -= piece.length;
          if (piece.length > 0) return controller.enqueue(piece);
        }
        reader.cancel().catch(() => undefined);
        if (kind === "stall") return new Promise<void>(() => undefined);
        forget();
        if (kind === "truncate") controller.close();
        else controller.error(lost());
      },
      cancel(reason) {
        forget();
        return reader.cancel(reason);
      },
    },
    { highWaterMark: 0 },
  );
}
