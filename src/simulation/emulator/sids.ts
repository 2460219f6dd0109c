/**
 * Security identifiers (SIDs) as text and as bytes, with the two-letter names that SDDL has for the well-known ones.
 *
 * Names that mean something else in each domain (`DA`, domain administrators, and the like) are not known: an account has no domain.
 *
 * @see https://learn.microsoft.com/windows/win32/secauthz/sid-strings
 */

const wellKnown: readonly (readonly [alias: string, sid: string])[] = [
  ["WD", "S-1-1-0"],
  ["CO", "S-1-3-0"],
  ["CG", "S-1-3-1"],
  ["OW", "S-1-3-4"],
  ["NU", "S-1-5-2"],
  ["IU", "S-1-5-4"],
  ["SU", "S-1-5-6"],
  ["AN", "S-1-5-7"],
  ["ED", "S-1-5-9"],
  ["PS", "S-1-5-10"],
  ["AU", "S-1-5-11"],
  ["RC", "S-1-5-12"],
  ["SY", "S-1-5-18"],
  ["LS", "S-1-5-19"],
  ["NS", "S-1-5-20"],
  ["BA", "S-1-5-32-544"],
  ["BU", "S-1-5-32-545"],
  ["BG", "S-1-5-32-546"],
  ["PU", "S-1-5-32-547"],
  ["AO", "S-1-5-32-548"],
  ["SO", "S-1-5-32-549"],
  ["PO", "S-1-5-32-550"],
  ["BO", "S-1-5-32-551"],
  ["RE", "S-1-5-32-552"],
  ["RU", "S-1-5-32-554"],
  ["RD", "S-1-5-32-555"],
  ["NO", "S-1-5-32-556"],
  ["MU", "S-1-5-32-558"],
  ["LU", "S-1-5-32-559"],
  ["IS", "S-1-5-32-568"],
  ["CY", "S-1-5-32-569"],
  ["ER", "S-1-5-32-573"],
  ["CD", "S-1-5-32-574"],
  ["RA", "S-1-5-32-575"],
  ["ES", "S-1-5-32-576"],
  ["MS", "S-1-5-32-577"],
  ["HA", "S-1-5-32-578"],
  ["AA", "S-1-5-32-579"],
  ["RM", "S-1-5-32-580"],
  ["WR", "S-1-5-33"],
  ["UD", "S-1-5-84-0-0-0-0-0"],
  ["AC", "S-1-15-2-1"],
  ["LW", "S-1-16-4096"],
  ["ME", "S-1-16-8192"],
  ["MP", "S-1-16-8448"],
  ["HI", "S-1-16-12288"],
  ["SI", "S-1-16-16384"],
  ["AS", "S-1-18-1"],
  ["SS", "S-1-18-2"],
];

const spelled = /^S-1-(0x[0-9A-F]{1,12}|\d{1,15})((?:-\d{1,10}){1,15})$/i;

/** The full form of a SID given as `S-1-…` or by its two letters, or undefined where the text is neither. */
export function readSid(text: string): string | undefined {
  const word = text.toUpperCase();
  const known = wellKnown.find(([alias]) => alias === word);
  if (known) return known[1];
  const [, authority, rest] = spelled.exec(text) ?? [];
  if (authority === undefined || rest === undefined || Number(authority) > 0xffffffffffff) return undefined;
  const parts = rest.slice(1).split("-").map(Number);
  return parts.some((part) => part > 0xffffffff) ? undefined : sidText(Number(authority), parts);
}

function sidText(authority: number, parts: readonly number[]): string {
  // Authorities beyond 32 bits are written in hexadecimal, as Windows does.
  return `S-1-${authority > 0xffffffff ? `0x${authority.toString(16)}` : authority}-${parts.join("-")}`;
}

/** The shortest spelling of a SID in its full form: two letters, or itself. */
export function sidAlias(sid: string): string {
  return wellKnown.find(([, full]) => full === sid)?.[0] ?? sid;
}

/** The bytes of a SID in its full form. */
export function sidBytes(sid: string): Uint8Array {
  const [authority = 0, ...parts] = sid.slice("S-1-".length).split("-").map(Number);
  const view = new DataView(new ArrayBuffer(8 + parts.length * 4));
  view.setUint8(0, 1);
  view.setUint8(1, parts.length);
  view.setUint16(2, Math.floor(authority / 0x100000000));
  view.setUint32(4, authority % 0x100000000);
  parts.forEach((part, index) => view.setUint32(8 + index * 4, part, true));
  return new Uint8Array(view.buffer);
}

/** The SID at the beginning of some bytes, or undefined where there is none. */
export function sidFromBytes(bytes: Uint8Array): string | undefined {
  const count = bytes[1] ?? 0;
  if (bytes[0] !== 1 || count < 1 || count > 15 || bytes.length < 8 + count * 4) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const parts = Array.from({ length: count }, (_, index) => view.getUint32(8 + index * 4, true));
  return sidText(view.getUint16(2) * 0x100000000 + view.getUint32(4), parts);
}
