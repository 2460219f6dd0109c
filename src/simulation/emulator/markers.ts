/** Continuation markers of directory and range listings: `1!8!ZmlsZTI-`, base64 of the next item with `=` written as `-`. */
import { badQuery } from "./failures.js";
import { base64Of, bytesOfBase64, utf8 } from "./text.js";

/** The marker that names the first item of the next page. */
export function markerOf(next: string): string {
  const text = base64Of(utf8(next)).replaceAll("=", "-");
  return `1!${text.length}!${text}`;
}

/** What a marker names, or undefined without one. Throws `InvalidQueryParameterValue`. */
export function readMarker(marker: string | undefined): string | undefined {
  if (marker === undefined || marker === "") return undefined;
  const [, length, text] = /^1!(\d+)!([A-Za-z0-9+/-]+)$/.exec(marker) ?? [];
  const bytes = text === undefined || text.length !== Number(length) ? undefined : bytesOfBase64(text.replaceAll("-", "="));
  if (!bytes) throw badQuery("marker", marker);
  return new TextDecoder().decode(bytes);
}
