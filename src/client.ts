/**
 * The client: every operation of every service, bound to one connection. The functions are bound, never retyped.
 */
import { connect, derive, fromConnectionString, fromUrl } from "./connect.js";
import type { ConnectionOptions } from "./config.js";
import * as account from "./services/account.js";
import * as directories from "./services/directories.js";
import * as files from "./services/files.js";
import * as leases from "./locking/index.js";
import * as shares from "./services/shares.js";
import * as streaming from "./streaming/index.js";
import type { Connection } from "./types/connection.js";

/** The functions of a module with their first parameter, the connection, filled in. */
export type Bound<Module> = {
  readonly [
    Name in keyof Module as Module[Name] extends (connection: Connection, ...rest: never[]) => unknown ? Name : never
  ]: Module[Name] extends (connection: Connection, ...rest: infer Rest) => infer Result ? (...rest: Rest) => Result : never;
};

/**
 * The functions of `azure-files/leases`, bound. Those whose result depends on what they are given are written out, because a mapped type
 * would lose that.
 */
export interface BoundLeases extends Omit<Bound<typeof leases>, "acquire" | "withLock"> {
  /** Takes a lease of a file. */
  acquire(request: leases.AcquireFileLeaseRequest): Promise<leases.Lease>;
  /** Takes a lease of a share or a snapshot. */
  acquire(request?: leases.AcquireShareLeaseRequest): Promise<leases.ShareLease>;
  /** Waits for a lock by a file, runs work under it, and gives it back. */
  withLock<T>(
    target: leases.FileLockTarget,
    run: (lock: leases.FileLock) => T | PromiseLike<T>,
    options?: leases.FileLockOptions,
  ): Promise<T>;
  /** Waits for the lock of a share or a snapshot, runs work under it, and gives it back. */
  withLock<T>(
    target: leases.ShareLockTarget,
    run: (lock: leases.Lock) => T | PromiseLike<T>,
    options?: leases.ShareLockOptions,
  ): Promise<T>;
}

function bind<Module extends object>(module: Module, connection: Connection): Bound<Module> {
  const bound = Object.entries(module).map(([name, operation]) => [
    name,
    (...rest: unknown[]) => (operation as Function)(connection, ...rest),
  ]);
  return Object.freeze(Object.fromEntries(bound)) as Bound<Module>;
}

/**
 * A client of one file service with all its operations. A page that only uploads is smaller with `connect` and the functions of
 * `azure-files/streaming`.
 *
 * @example
 * const client = new AzureFilesClient({ endpoint: "https://myaccount.file.core.windows.net", share: "reports", credential: sas(token) });
 * await client.directories.create({ path: "2026/q3", recursive: true });
 */
export class AzureFilesClient {
  /** What the operations are sent through; also good for the functions of `azure-files/files` and its neighbours. */
  readonly connection: Connection;
  /** Operations on the file service itself. */
  readonly account: Bound<typeof account>;
  /** Operations on shares. */
  readonly shares: Bound<typeof shares>;
  /** Operations on directories. */
  readonly directories: Bound<typeof directories>;
  /** Operations on files. */
  readonly files: Bound<typeof files>;
  /** Leases of files, shares and share snapshots, and locks by them. */
  readonly leases: BoundLeases;
  /** Uploads and downloads of any size. */
  readonly streaming: Bound<typeof streaming>;

  /** Takes what `connect` takes, or a connection; throws what `connect` throws. */
  constructor(options: ConnectionOptions | Connection) {
    this.connection = "send" in options ? options : connect(options);
    this.account = bind(account, this.connection);
    this.shares = bind(shares, this.connection);
    this.directories = bind(directories, this.connection);
    this.files = bind(files, this.connection);
    this.leases = bind(leases, this.connection) as BoundLeases;
    this.streaming = bind(streaming, this.connection);
    Object.freeze(this);
  }

  /** A client like this one with some options changed; this one stays as it is. */
  with(options: Partial<ConnectionOptions>): AzureFilesClient {
    return new AzureFilesClient(derive(this.connection, options));
  }

  /** A client of a connection string; see the function `fromConnectionString`. */
  static fromConnectionString(...args: Parameters<typeof fromConnectionString>): AzureFilesClient {
    return new AzureFilesClient(fromConnectionString(...args));
  }

  /** A client of a URL with its SAS; see the function `fromUrl`. */
  static fromUrl(...args: Parameters<typeof fromUrl>): AzureFilesClient {
    return new AzureFilesClient(fromUrl(...args));
  }
}
