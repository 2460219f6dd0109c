/** Reads the headers of lease operations, and the lease ids of all others. */
import { badHeader, missingHeader } from "./failures.js";

const plain = /^[0-9a-f]{32}$/i;
const dashed = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const enclosed = /^(?:\{(.*)\}|\((.*)\))$/;

/** A lease id in the form in which the service answers, whatever common form it came in; undefined without one. */
export function readGivenLeaseId(headers: Headers, name: string): string | undefined {
  const value = headers.get(name);
  if (value === null) return undefined;
  const [, braced, bracketed] = enclosed.exec(value) ?? [];
  const id = braced ?? bracketed ?? value;
  if (!dashed.test(id) && !(id === value && plain.test(id))) throw badHeader(name, value);
  const digits = id.replaceAll("-", "").toLowerCase();
  return [digits.slice(0, 8), digits.slice(8, 12), digits.slice(12, 16), digits.slice(16, 20), digits.slice(20)].join("-");
}

/** `x-ms-lease-id`, where the operation needs it. */
export function readLeaseId(headers: Headers): string {
  const id = readGivenLeaseId(headers, "x-ms-lease-id");
  if (id === undefined) throw missingHeader("x-ms-lease-id");
  return id;
}

/** `x-ms-proposed-lease-id`; without one the service makes an id. */
export function readProposedLeaseId(headers: Headers): string | undefined {
  return readGivenLeaseId(headers, "x-ms-proposed-lease-id");
}

/** `x-ms-lease-duration` in seconds; without one, for ever. */
export function readLeaseDuration(headers: Headers): number {
  const value = headers.get("x-ms-lease-duration");
  if (value === null) return -1;
  if (!/^-?\d{1,9}$/.test(value)) throw badHeader("x-ms-lease-duration", value);
  return Number(value);
}
