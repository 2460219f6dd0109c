/** The MD5 of a body: computed always, compared where the client names one. */
import type { Exchange } from "./exchange.js";
import { Failure } from "./failures.js";
import { base64Of, bytesOfBase64 } from "./text.js";

function readBodyMd5(headers: Headers): string | undefined {
  const value = headers.get("content-md5");
  if (value === null) return undefined;
  if (bytesOfBase64(value)?.length !== 16) throw new Failure("InvalidMd5");
  return value;
}

/** Checks a body's MD5 and returns it. Throws `Md5Mismatch`. */
export function checkedMd5(exchange: Exchange, bytes: Uint8Array): string {
  const given = readBodyMd5(exchange.headers);
  const computed = base64Of(exchange.md5(bytes));
  if (given !== undefined && given !== computed) {
    throw new Failure("Md5Mismatch", {
      details: [
        ["UserSpecifiedMd5", given],
        ["ServerCalculatedMd5", computed],
      ],
    });
  }
  return computed;
}
