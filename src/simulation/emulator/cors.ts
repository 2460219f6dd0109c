/**
 * Cross-origin rules as the service applies them.
 *
 * @see https://learn.microsoft.com/rest/api/storageservices/cross-origin-resource-sharing--cors--support-for-the-azure-storage-services
 */
import { Failure, missingHeader, type Pair } from "./failures.js";

/** One rule of the account's cross-origin settings. The first rule that fits origin and method decides. */
export interface CorsRule {
  /** Exact origins, or `*`. */
  readonly allowedOrigins: readonly string[];
  /** Methods in upper case. */
  readonly allowedMethods: readonly string[];
  /** Header names, a prefix as `x-ms-*`, or `*`. */
  readonly allowedHeaders: readonly string[];
  /** Header names, a prefix as `x-ms-*`, or `*`. */
  readonly exposedHeaders: readonly string[];
  /** How long a browser may remember a preflight, in seconds. */
  readonly maxAgeSeconds: number;
}

/** The rule of a careful account: what an upload page needs and no more. */
export const defaultCorsRules: readonly CorsRule[] = [
  {
    allowedOrigins: ["*"],
    allowedMethods: ["GET", "HEAD", "PUT", "DELETE", "OPTIONS"],
    allowedHeaders: ["x-ms-*", "content-type"],
    exposedHeaders: ["x-ms-*", "ETag", "Content-Range"],
    maxAgeSeconds: 300,
  },
];

function matchesName(patterns: readonly string[], name: string): boolean {
  const lower = name.toLowerCase();
  return patterns.some((pattern) =>
    pattern.endsWith("*") ? lower.startsWith(pattern.slice(0, -1).toLowerCase()) : pattern.toLowerCase() === lower,
  );
}

function findRule(rules: readonly CorsRule[], origin: string, method: string): CorsRule | undefined {
  return rules.find(
    (rule) => (rule.allowedOrigins.includes("*") || rule.allowedOrigins.includes(origin)) && rule.allowedMethods.includes(method),
  );
}

/** The headers of a granted preflight. Throws `CorsPreflightFailure`, or `MissingRequiredHeader` when it is none. */
export function preflight(rules: readonly CorsRule[], headers: Headers): Pair[] {
  const origin = headers.get("origin");
  const method = headers.get("access-control-request-method");
  if (origin === null) throw missingHeader("Origin");
  if (method === null) throw missingHeader("Access-Control-Request-Method");
  const rule = findRule(rules, origin, method);
  const requested = headers.get("access-control-request-headers") ?? "";
  const names = requested
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "");
  if (!rule || !names.every((name) => matchesName(rule.allowedHeaders, name))) throw new Failure("CorsPreflightFailure");
  const pairs: Pair[] = [
    ["Access-Control-Allow-Origin", rule.allowedOrigins.includes("*") ? "*" : origin],
    ["Access-Control-Allow-Methods", method],
  ];
  if (names.length > 0) pairs.push(["Access-Control-Allow-Headers", requested]);
  pairs.push(["Access-Control-Max-Age", String(rule.maxAgeSeconds)], ["Access-Control-Allow-Credentials", "true"]);
  return pairs;
}

/**
 * The headers that a rule adds to an answer whose own headers are `own`. Without `Origin` only GET and HEAD get any, and only from a
 * rule for all origins: recorded traffic has it so.
 */
export function corsHeaders(rules: readonly CorsRule[], request: Request, own: readonly Pair[]): Pair[] {
  if (rules.length === 0) return [];
  const origin = request.headers.get("origin");
  const isRead = request.method === "GET" || request.method === "HEAD";
  const rule = origin !== null ? findRule(rules, origin, request.method) : isRead ? findRule(rules, "*", request.method) : undefined;
  const any = rule?.allowedOrigins.includes("*") ?? false;
  const vary: Pair[] = isRead && !any ? [["Vary", "Origin"]] : [];
  if (!rule) return vary;
  // The three at the end are listed whether the answer has them or not, as recorded.
  const last = ["Content-Length", "Date", "Transfer-Encoding"];
  const names = [...own.map(([name]) => name).filter((name) => !last.includes(name)), ...last];
  const exposed = [...new Set(names)].filter((name) => matchesName(rule.exposedHeaders, name));
  return [
    ["Access-Control-Allow-Origin", any ? "*" : (origin ?? "*")],
    ...(exposed.length > 0 ? [["Access-Control-Expose-Headers", exposed.join(",")] as const] : []),
    ...(any ? [] : [["Access-Control-Allow-Credentials", "true"] as const]),
    ...vary,
  ];
}
