/**
 * What happens in one run of the campaign: drawn from a seed, plain data, so that a run that failed can be had again alone.
 */
import { randomOf, type Random } from "./random.js";

/** What may befall a request; `restart` and the others that are no answers are said apart. */
export const KINDS = [
  "answer",
  "done-answer",
  "reset",
  "silent",
  "lost",
  "twice",
  "late",
  "cut",
  "stall",
  "short",
  "other",
  "flip-request",
  "flip-answer",
  "etag",
] as const;

/** A kind of fault. */
export type Kind = (typeof KINDS)[number];

/** How a file is read back. */
export const STYLES = ["stream", "bytes", "range", "sink", "path", "cancel"] as const;

/** One download. */
export interface DownloadPlan {
  readonly style: (typeof STYLES)[number];
  readonly rangeSize: number;
  readonly concurrency: number;
  readonly checksum: boolean;
  readonly sparse: boolean;
  /** Milliseconds that the reader takes for each piece. */
  readonly slow: number;
  /** At which request somebody else writes another file in its place. */
  readonly changeAt: number | undefined;
  /** At which request the caller aborts. */
  readonly abortAt: number | undefined;
}

/** One run. */
export interface Plan {
  readonly seed: number;
  readonly transport: "node" | "fetch";
  readonly credential: "sharedKey" | "sas" | "renewing sas" | "renewing bearer";
  /** Milliseconds for which a token is good. */
  readonly lifetime: number;
  /** Part of all calls for a new token that fail. */
  readonly tokenFailures: number;
  readonly source: "bytes" | "blob" | "file" | "stream" | "unknown stream" | "iterable" | "path";
  readonly size: number;
  /** Part of the content that is zero, in stretches. */
  readonly holes: number;
  /** Bytes of a file that is there already. */
  readonly before: number | undefined;
  readonly rangeSize: number;
  readonly concurrency: number;
  readonly checksum: "crc64" | "md5" | undefined;
  readonly resume: boolean | "restart";
  readonly atomic: boolean;
  readonly sparse: boolean | undefined;
  readonly onFailure: "keep" | "delete";
  /** Part of all requests that a fault befalls. */
  readonly rate: number;
  readonly kinds: readonly Kind[];
  /** A request that fails whenever it comes: the offset of a range. */
  readonly sticky: number | undefined;
  /** Most milliseconds that an answer takes when nothing is wrong. */
  readonly latency: number;
  /** At which requests the service goes down, and for how long. */
  readonly restarts: readonly number[];
  readonly downtime: number;
  /** At which request the caller aborts the upload. */
  readonly abortAt: number | undefined;
  /** Where the source breaks, as a part of its size. */
  readonly breaksAt: number | undefined;
  /** Milliseconds for one call with all its tries. */
  readonly overall: number;
  readonly downloads: readonly DownloadPlan[];
}

const RANGE_SIZES = [512, 1024, 4096, 10_240, 16_384, 65_536];

/** Draws a run. */
export function planOf(seed: number): Plan {
  const random = randomOf(`run ${seed}`);
  const { pick, chance, int } = random;
  const rangeSize = pick(RANGE_SIZES);
  const size = sizeOf(random, rangeSize);
  const source = pick(["bytes", "blob", "file", "stream", "unknown stream", "iterable", "path"] as const);
  const resume = source === "unknown stream" ? false : pick([false, true, true, "restart"] as const);
  const checksum = pick(["crc64", "crc64", "md5", undefined] as const);
  const kinds = chance(0.3) ? [pick(KINDS)] : KINDS.filter(() => chance(0.5));
  return {
    seed,
    transport: pick(["node", "node", "fetch"] as const),
    credential: pick(["sharedKey", "sas", "renewing sas", "renewing sas", "renewing bearer"] as const),
    lifetime: pick([5000, 60_000, 600_000, 86_400_000]),
    tokenFailures: chance(0.1) ? 0.3 : 0,
    source,
    size,
    holes: pick([0, 0, 0.5, 1]),
    before: chance(0.4) ? int(0, 50_000) : undefined,
    // A range need not end where a page of the service does, unless the upload is to be gone on with.
    rangeSize: resume || chance(0.7) ? rangeSize : rangeSize + int(1, 511),
    concurrency: int(1, 8),
    checksum,
    resume,
    atomic: chance(0.3),
    sparse: pick([undefined, true, false]),
    onFailure: chance(0.2) ? "delete" : "keep",
    rate: kinds.length === 0 ? 0 : pick([0, 0.02, 0.1, 0.25]),
    kinds,
    sticky: chance(0.05) ? int(0, Math.ceil(size / rangeSize)) * rangeSize : undefined,
    latency: pick([0, 0, 50, 3000]),
    restarts: chance(0.15) ? [int(1, 30), int(30, 90)] : [],
    downtime: pick([10, 1000, 20_000]),
    abortAt: chance(0.1) ? int(1, 40) : undefined,
    breaksAt: /stream|iterable/.test(source) && chance(0.1) ? random.next() : undefined,
    overall: chance(0.2) ? 120_000 : Infinity,
    downloads: Array.from({ length: int(1, 3) }, () => downloadOf(random, size)),
  };
}

function downloadOf({ pick, chance, int }: Random, size: number): DownloadPlan {
  const rangeSize = chance(0.8) ? pick(RANGE_SIZES) : int(512, 70_000);
  return {
    style: pick(STYLES),
    // Of large files not the smallest parts: that would take long and show nothing new.
    rangeSize: Math.max(rangeSize, Math.ceil(size / 60)),
    concurrency: int(1, 8),
    checksum: chance(0.6),
    sparse: chance(0.3),
    slow: chance(0.2) ? pick([10, 40_000]) : 0,
    changeAt: chance(0.1) ? int(1, 20) : undefined,
    abortAt: chance(0.1) ? int(1, 20) : undefined,
  };
}

/** Any size, and often one at which something ends or begins. */
function sizeOf({ pick, chance, int }: Random, rangeSize: number): number {
  const most = Math.min(40 * rangeSize, 400_000);
  if (chance(0.5)) return int(0, most);
  const whole = rangeSize * int(0, Math.floor(most / rangeSize));
  return Math.max(0, whole + pick([-1, 0, 0, 1, 511, 512]));
}
