/** Secrets that nothing else looks like, and a search for any trace of them. */
import { createHash } from "node:crypto";
import { inspect } from "node:util";
import { explain } from "../../../src/auth/explain.js";

/** Bytes that look like no others. */
const canary = (name: string): Buffer => createHash("sha512").update(`canary ${name} 7`).digest();

export const key: string = canary("key").toString("base64");
export const signature: string = canary("signature").subarray(0, 32).toString("base64");
export const sourceSignature: string = canary("source").subarray(0, 32).toString("base64");
export const token: string = `eyJ0eXAiOiJKV1QifQ.${canary("token").toString("base64url")}.${canary("proof").toString("base64url")}`;
export const sasToken = (sig: string): string =>
  `sv=2026-10-06&ss=f&srt=sco&sp=rcwdl&se=2099-01-01T00:00:00Z&spr=https,http&sig=${encodeURIComponent(sig)}`;

/** A secret in each of the forms in which it could get out; of a long one, a part is bad enough. */
function forms(secret: string): string[] {
  const bytes = Buffer.from(secret);
  const plain = [
    secret,
    bytes.toString("base64"),
    bytes.toString("base64url"),
    bytes.toString("hex"),
    Buffer.from(secret, "base64").toString("hex"),
  ];
  const encoded = plain.flatMap((text) => [text, encodeURIComponent(text), encodeURIComponent(encodeURIComponent(text))]);
  const lower = encoded.map((text) => text.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase()));
  const spaced = plain.map((text) => text.replaceAll("+", " "));
  return [...new Set([...encoded, ...lower, ...spaced])].flatMap((text) => [text, text.slice(0, 24), text.slice(-24)]);
}

const secrets: Readonly<Record<string, readonly string[]>> = {
  key: forms(key),
  signature: forms(signature),
  "signature of a source": forms(sourceSignature),
  token: [...forms(token), ...token.split(".").slice(1)],
};

/** Which secrets a text holds, with the place; and a signature made with the key, of whatever request. */
export function found(text: string): string[] {
  const traces = Object.entries(secrets).flatMap(([name, list]) =>
    list.filter((form) => text.includes(form)).map((form) => ({ name, at: text.indexOf(form) })),
  );
  const signed = /SharedKey \w+:(?!REDACTED)/.exec(text);
  return [
    ...traces.map(({ name, at }) => `${name}: …${text.slice(Math.max(0, at - 80), at + 40)}…`),
    ...(signed ? [`a signed header: ${text.slice(signed.index, signed.index + 60)}`] : []),
  ];
}

/** Everything that a value shows, in each way in which it could be written down. */
export function shown(value: unknown): string {
  const text = [inspect(value, { depth: 12, showHidden: true, maxStringLength: null, maxArrayLength: null })];
  for (let error = value; error instanceof Error; error = error.cause) {
    const { name, message, stack } = error;
    text.push(
      name,
      message,
      String(stack),
      String(error),
      JSON.stringify(error),
      JSON.stringify(error, Object.getOwnPropertyNames(error)),
      explain(error) ?? "",
    );
  }
  try {
    text.push(JSON.stringify(value) ?? "");
  } catch {
    // What goes round in circles was inspected.
  }
  return text.join("\n");
}
