/**
 * Makes connections: from options, from a connection string, from a URL.
 */
import { fetchTransport } from "#fetch-transport";
import { transportOf } from "#node-transport";
import { checkAccount } from "./auth/account.js";
import { anonymous } from "./auth/anonymous.js";
import { sas } from "./auth/sas.js";
import { sharedKey } from "./auth/shared-key.js";
import { type ConnectionOptions, resolve, said } from "./config.js";
import { checkShare, parseUrl, splitPath } from "./transport/address.js";
import { circuitBreaker, type CircuitBreaker } from "./transport/circuit-breaker.js";
import { send } from "./transport/send.js";
import type { Connection, Credential, Operation, Settings } from "./types/connection.js";

/** Options of a connection whose endpoint and credential come from elsewhere. */
export type DerivedOptions = Omit<ConnectionOptions, "endpoint" | "credential">;

/**
 * Makes a connection to a file service. Nothing is sent before the first operation.
 *
 * @throws TypeError for an endpoint that is no http(s) URL or carries a query, for a share or path that breaks the naming rules, and
 * for a transport that this runtime does not have; RangeError for numbers outside their limits.
 * @example
 * const connection = connect({ endpoint: "https://myaccount.file.core.windows.net", share: "inbox", credential: sas(token) });
 */
export function connect(options: ConnectionOptions): Connection {
  return connectOn(options, circuitOf);
}

/** Makes a connection with the circuit that is given for its settings. */
function connectOn(options: ConnectionOptions, circuitOf: (settings: Settings) => CircuitBreaker | undefined): Connection {
  const resolved = resolve(options, anonymous());
  const settings: Settings = { ...resolved, telemetry: options.telemetry?.on(resolved.clock) };
  const { share, path, credential, middleware } = settings;
  if (share !== undefined) checkShare(share);
  if (path !== undefined) splitPath(path);
  if (typeof credential.authorize !== "function") throw new TypeError("credential must come from sas() or its like");
  const transport = middleware.reduceRight((next, wrap) => wrap(next), transportOf(settings, fetchTransport(settings.fetch)));
  const circuit = circuitOf(settings);
  // Also of one that it shares: each connection's telemetry hears of what keeps its calls back.
  if (circuit) settings.telemetry?.circuit(settings.endpoint, circuit);
  return Object.freeze({
    ...settings,
    circuit,
    send: (operation: Operation<never>) => send(settings, transport, operation, circuit),
  }) as Connection;
}

/** A circuit of its own; undefined where there shall be none. */
const circuitOf = ({ circuitBreaker: limits, clock }: Settings): CircuitBreaker | undefined =>
  limits ? circuitBreaker(limits, clock) : undefined;

/** Whether what one connection meets says something about the other. */
function isSameWay(settings: Settings, other: Connection): boolean {
  const road = ["endpoint", "fetch", "transport", "middleware", "clock"] as const;
  return (
    road.every((name) => settings[name] === other[name]) && JSON.stringify(settings.circuitBreaker) === JSON.stringify(other.circuitBreaker)
  );
}

/**
 * A connection like another, with some options changed; the other stays as it is. Options that are `undefined` stay too, and so do those in
 * `retry`, `timeouts` and `circuitBreaker` that are not named. Both share a circuit while endpoint, transport, `fetch`, middleware, clock and
 * `circuitBreaker` are the same.
 */
export function derive(connection: Connection, options: Partial<ConnectionOptions>): Connection {
  const { retry, timeouts, circuitBreaker: limits } = options;
  const groups = {
    retry: { ...connection.retry, ...(retry === false ? { attempts: 1 } : said(retry)) },
    timeouts: { ...connection.timeouts, ...said(timeouts) },
    circuitBreaker: limits === undefined ? connection.circuitBreaker : limits && { ...connection.circuitBreaker, ...said(limits) },
  };
  return connectOn({ ...connection, ...said(options), ...groups }, (settings) =>
    isSameWay(settings, connection) ? (connection.circuit as CircuitBreaker | undefined) : circuitOf(settings),
  );
}

/**
 * Makes a connection from the URL of a service, share, directory or file, with the SAS it carries. Share and path become the defaults of
 * requests, so that `upload(fromUrl(url), { body })` writes to the very file that the URL names.
 *
 * @throws TypeError for what is no such URL, or has a query that is no SAS. Neither is echoed.
 */
export function fromUrl(url: string | URL, options: DerivedOptions = {}): Connection {
  const { endpoint, share, path, query } = parseUrl(url);
  return connect({ share, path, ...said(options), endpoint, credential: query === "" ? anonymous() : sas(query) });
}

/** Azurite's published account, which the emulator has too: no secret. */
const DEVELOPMENT_STORAGE =
  "AccountName=devstoreaccount1;AccountKey=Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==;FileEndpoint=http://127.0.0.1:10004/devstoreaccount1";

/**
 * Makes a connection from a connection string as the Azure portal shows it: `AccountName` with `AccountKey` or `SharedAccessSignature`,
 * and `FileEndpoint`, or `DefaultEndpointsProtocol` and `EndpointSuffix`. `UseDevelopmentStorage=true` means the emulator on its port 10004.
 *
 * @throws TypeError that names the field which is missing, unknown or said twice; values are never echoed.
 */
export function fromConnectionString(
  text: string,
  options: DerivedOptions & { dangerouslyAllowBrowser?: boolean | undefined } = {},
): Connection {
  const { dangerouslyAllowBrowser, ...rest } = options;
  let fields = fieldsOf(text);
  if (fields.get("usedevelopmentstorage")?.toLowerCase() === "true") fields = fieldsOf(DEVELOPMENT_STORAGE);
  const account = fields.get("accountname");
  if (account !== undefined) checkAccount(account);
  const key = fields.get("accountkey");
  const token = fields.get("sharedaccesssignature");
  const suffix = fields.get("endpointsuffix") ?? "core.windows.net";
  const protocol = fields.get("defaultendpointsprotocol") ?? "https";
  const endpoint = fields.get("fileendpoint") ?? (account === undefined ? undefined : `${protocol}://${account}.file.${suffix}`);
  if (endpoint === undefined) throw new TypeError("the connection string has neither FileEndpoint nor AccountName");
  let credential: Credential;
  if (token !== undefined) credential = sas(token);
  else if (key === undefined) throw new TypeError("the connection string has neither AccountKey nor SharedAccessSignature");
  else if (account === undefined) throw new TypeError("the connection string has an AccountKey but no AccountName");
  else credential = sharedKey({ account, key, dangerouslyAllowBrowser });
  return connect({ ...rest, endpoint, credential });
}

const FIELDS =
  /^(accountname|accountkey|sharedaccesssignature|fileendpoint|endpointsuffix|defaultendpointsprotocol|usedevelopmentstorage|developmentstorageproxyuri|(blob|queue|table|dfs|filesecondary|blobsecondary|queuesecondary|tablesecondary)endpoint)$/;

function fieldsOf(text: string): Map<string, string> {
  const fields = new Map<string, string>();
  for (const [index, part] of text.split(";").entries()) {
    if (part.trim() === "") continue;
    const at = part.indexOf("=");
    const name = part.slice(0, at).trim().toLowerCase();
    // The name is not echoed unless it is a known one: a key cut in two may stand there.
    if (at < 1 || !FIELDS.test(name)) throw new TypeError(`the connection string's part ${index + 1} is no Name=Value with a known name`);
    if (fields.has(name)) throw new TypeError(`the connection string has ${name} twice`);
    const value = part.slice(at + 1).trim();
    if (value === "") throw new TypeError(`the connection string has ${name} without a value`);
    fields.set(name, value);
  }
  return fields;
}
