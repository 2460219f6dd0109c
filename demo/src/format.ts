/** Numbers as people read them. Sizes in powers of 1024, as the service counts its ranges and quotas. */

const UNITS = ["bytes", "KiB", "MiB", "GiB", "TiB"] as const;

/** A size such as "4.0 MiB"; whole bytes below 1 KiB. */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < UNITS.length - 1) {
    value /= 1024;
    unit += 1;
  }
  if (unit === 0) return bytes === 1 ? "1 byte" : `${bytes} bytes`;
  return `${value.toFixed(value < 10 ? 1 : 0)} ${UNITS[unit]}`;
}

/** A rate such as "12 MiB/s", from bytes per second. */
export function formatRate(bytesPerSecond: number): string {
  return `${formatBytes(Math.round(bytesPerSecond))}/s`;
}

/** A time such as "about 3 min left", from seconds. Coarse on purpose: an estimate that counts every second reads as a promise. */
export function formatTimeLeft(seconds: number): string {
  if (seconds < 5) return "a few seconds left";
  if (seconds < 100) return `about ${Math.ceil(seconds / 5) * 5} s left`;
  if (seconds < 3600) return `about ${Math.round(seconds / 60)} min left`;
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.ceil((seconds % 3600) / 60);
  return minutes === 0 || minutes === 60 ? `about ${hours + (minutes === 60 ? 1 : 0)} h left` : `about ${hours} h ${minutes} min left`;
}

/** A count with its noun, such as "1 file" and "3 files". */
export function formatCount(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

/** Date and time in the reader's own language and zone; the year only where it is not this one. */
export function formatDate(date: Date): string {
  const year = date.getFullYear() === new Date().getFullYear() ? undefined : "numeric";
  return date.toLocaleString(undefined, { day: "numeric", month: "short", year, hour: "2-digit", minute: "2-digit" });
}

/** A time of day with its seconds, in the reader's own language and zone. */
export function formatTime(date: Date): string {
  return date.toLocaleTimeString(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit" });
}

/** A share of a whole in per cent, rounded down so that only the end is 100; an empty whole is done. */
export function percent(part: number, whole: number): number {
  return whole === 0 ? 100 : Math.min(100, Math.floor((part / whole) * 100));
}
