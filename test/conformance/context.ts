/** What every case is given: the account under test, connections to it, and what this place can do. */
import {
  bearer,
  type Connection,
  type ConnectionOptions,
  connect,
  type Credential,
  derive,
  isServiceError,
  isTransportError,
  sas,
  sharedKey,
} from "azure-files";
import { getUserDelegationKey } from "azure-files/account";
import { create, getMetadata, getProperties, putRange, read, setMetadata } from "azure-files/files";
import { type AccountSasOptions, accountSas, type ServiceSasOptions, serviceSas } from "azure-files/sas";
import { create as createShare, delete as deleteShare, list as listShares } from "azure-files/shares";
import { all, bytesOf } from "./content.js";

/** What not every place can do; found out by trying, and what is missing is a skip that is counted and printed with what stands here. */
export const capabilityMeanings = {
  sharedKey: "the Authorization header gets through, which a careful CORS rule does not let",
  contentMd5: "Content-MD5 gets through, which a careful CORS rule does not let",
  allHeaders: "every header of an answer is seen",
  cors: "answers come through a CORS rule",
  decodes: "the engine decodes a stored Content-Encoding on its own",
  asStored: "the engine leaves a stored Content-Encoding alone",
  post: "requests with POST get through, which a careful CORS rule does not let",
  bearer: "there is a bearer token, and requests with it get through",
  softDelete: "the account keeps deleted shares for a while",
  pendingCopies: "the account can be told to leave copies pending",
  // Those of a recording do not: who waits for an answer to change may wait for ever.
  live: "answers follow from what was asked before",
} as const;

/** The name of something that not every place can do. */
export type Capability = keyof typeof capabilityMeanings;

/** Which account a context is about. */
export interface ContextOptions {
  /** URL of the file service. */
  readonly endpoint: string;
  readonly account: string;
  /** Key of the account, in base64. */
  readonly key: string;
  /** Used instead of the global one. */
  readonly fetch?: ConnectionOptions["fetch"];
  /** Gives bearer tokens of somebody who may do everything, where there are any. */
  readonly token?: (() => string | Promise<string>) | undefined;
  /** Tells the account whether copies are done at once, where it can be told. */
  readonly setCopies?: ((when: "immediate" | "pending") => void | Promise<void>) | undefined;
  /** Tells the share names of one run from those of another. @default of the time */
  readonly seed?: string;
  /** The time from which the ends of tokens are counted, milliseconds since 1970. @default the system's */
  readonly now?: (() => number) | undefined;
}

/** What a token is good for; account, key and protocol are filled in. */
type Grant<T> = Partial<T> & Omit<T, keyof ServiceSasOptions | keyof AccountSasOptions>;

/** The account under test. */
export interface Context {
  readonly endpoint: string;
  readonly account: string;
  readonly key: string;
  readonly capabilities: readonly Capability[];
  /** A connection of the owner: with the key, or where that is not possible with a token for everything. */
  connect(options?: Partial<ConnectionOptions>): Connection;
  /** A connection with a bearer token; only with that capability. */
  bearer(options?: Partial<ConnectionOptions>): Connection;
  /** A token of the account, by default for everything for an hour. */
  accountToken(options?: Grant<AccountSasOptions>): Promise<string>;
  /** A token of a share or file, by default for everything for an hour. */
  serviceToken(options: Grant<ServiceSasOptions> & { readonly share: string }): Promise<string>;
  /** Tells the account whether copies are done at once; only with that capability. */
  setCopies(when: "immediate" | "pending"): Promise<void>;
  /** The time from which the ends of tokens are counted, milliseconds since 1970. */
  now(): number;
  /** The name of a share that nobody has used; the same in another run with this seed, whatever else runs. @param of Whose it is. */
  newShareName(of?: string): string;
}

const HOUR = 3_600_000;

/** Finds out what this place can do and makes a context. */
export async function createContext(options: ContextOptions): Promise<Context> {
  const { endpoint, account, key, fetch, now = Date.now, seed = now().toString(36) } = options;
  const names = new Map<string, number>();
  const common = { account, key, protocol: "https,http" } as const;
  const accountToken: Context["accountToken"] = (grant = {}) =>
    accountSas({ ...common, permissions: "rwdlc", resourceTypes: "sco", expiresOn: new Date(now() + HOUR), ...grant });
  const newShareName = (of = ""): string => {
    const count = (names.get(of) ?? 0) + 1;
    names.set(of, count);
    return `run-${seed}-${[...of].reduce((sum, character) => (sum * 31 + (character.codePointAt(0) ?? 0)) % 2 ** 32, 7).toString(36)}-${count}`;
  };
  const everything = sas(await accountToken());
  const withCredential = (credential: Credential, more: Partial<ConnectionOptions> = {}): Connection =>
    connect({ endpoint, credential, ...(fetch === undefined ? {} : { fetch }), ...more });

  const owner = sharedKey({ account, key, dangerouslyAllowBrowser: true });
  const identity = bearer(async () => (await options.token?.()) ?? Promise.reject(new Error("there is no token")), { intent: "backup" });
  const looking = withCredential(everything, { share: newShareName(), retry: false });
  const capabilities = await probe(looking, owner, options.token && identity, now);
  if (options.setCopies !== undefined) capabilities.push("pendingCopies");
  const credential = capabilities.includes("sharedKey") ? owner : everything;
  return {
    endpoint,
    account,
    key,
    capabilities,
    connect: (more) => withCredential(credential, more),
    bearer: (more) => withCredential(identity, more),
    accountToken,
    serviceToken: (grant) => {
      const letters = grant.path === undefined ? "rcwdl" : "rcwd";
      return serviceSas({
        ...common,
        ...(grant.identifier === undefined ? { permissions: letters, expiresOn: new Date(now() + HOUR) } : {}),
        ...grant,
      });
    },
    setCopies: async (when) => options.setCopies?.(when),
    now,
    newShareName,
  };
}

/** Tries each thing on a file of its own. Nothing here goes by the name of an engine. */
async function probe(
  connection: Connection,
  owner: Credential,
  identity: Credential | undefined,
  now: () => number,
): Promise<Capability[]> {
  const found: Capability[] = [];
  let filtered = false;
  const looking = derive(connection, {
    middleware: [
      (next) => async (request) => {
        const response = await next(request);
        filtered = (response as Partial<Response>).type === "cors";
        return response;
      },
    ],
  });
  const path = "probe";
  await createShare(looking);
  await create(looking, { path, size: 4, content: { disposition: "inline", encoding: "gzip" } });
  await putRange(looking, { path, offset: 0, body: bytesOf(4) });
  const { content } = await getProperties(looking, { path });
  const said = Math.random().toString(36).slice(2);
  await setMetadata(looking, { path, metadata: { said } });
  if ((await getMetadata(looking, { path })).metadata["said"] === said) found.push("live");
  if (filtered) found.push("cors");
  if (content.disposition === "inline") found.push("allHeaders");
  if (await getsThrough(putRange(looking, { path, offset: 0, body: bytesOf(4), contentMd5: "AAAAAAAAAAAAAAAAAAAAAA==" })))
    found.push("contentMd5");
  if (await getsThrough(getProperties(derive(connection, { credential: owner }), { path }))) found.push("sharedKey");
  found.push((await isAsStored(looking, path)) ? "asStored" : "decodes");
  const asking = (by: Connection): Promise<unknown> => getUserDelegationKey(by, { expiresOn: new Date(now() + HOUR) });
  if (await getsThrough(asking(looking))) found.push("post");
  if (identity !== undefined && (await getsThrough(asking(derive(connection, { credential: identity }))))) found.push("bearer");
  await deleteShare(looking);
  const kept = await all(listShares(looking, { prefix: connection.share, include: ["deleted"] }));
  if (kept.some(({ deleted }) => deleted)) found.push("softDelete");
  return found;
}

/** Whether a request is answered at all, with yes or no. */
async function getsThrough(work: Promise<unknown>): Promise<boolean> {
  try {
    await work;
    return true;
  } catch (error) {
    if (isServiceError(error)) return true;
    if (isTransportError(error)) return false;
    throw error;
  }
}

/** Whether bytes that say they are gzip, and are not, come back as they are. */
async function isAsStored(connection: Connection, path: string): Promise<boolean> {
  try {
    return (await (await read(connection, { path })).bytes()).byteLength === 4;
  } catch {
    return false;
  }
}
