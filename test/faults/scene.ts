/** An emulator behind a server with faults, a client before it, and time that stands still while bytes move. */
import { createHash } from "node:crypto";
import { connect, type Connection, type ConnectionOptions, sas } from "azure-files";
import { read } from "azure-files/files";
import { serviceSas, type ServiceSasOptions } from "azure-files/sas";
import { create } from "azure-files/shares";
import { createEmulator, type Emulator } from "azure-files/simulation";
import { upload } from "azure-files/streaming";
import { sharedKey } from "azure-files";
import { type Arrived, type Fault, type FaultServer, startFaultServer } from "./fault-server.js";
import { type DrivenClock, drivenClock } from "./driven-clock.js";
import { watchLoopback } from "./loopback.js";

export const RANGE: number = 256 * 1024;
/** Eight ranges, the last one not whole. */
export const SIZE: number = 7 * RANGE + 4321;

/** Bytes of which no two ranges are alike. */
export const CONTENT: Uint8Array<ArrayBuffer> = Uint8Array.from({ length: SIZE }, (_, at) => (at * 31 + (at >> 8) * 7 + (at >> 16)) % 255);

/** How a transfer is cut up here. */
export const CUT: { readonly rangeSize: number; readonly concurrency: number } = { rangeSize: RANGE, concurrency: 4 };

/** One test's world. */
export interface Scene {
  readonly emulator: Emulator;
  readonly clock: DrivenClock;
  readonly server: FaultServer;
  readonly connection: Connection;
  /** A connection like it, with other options. */
  connect(options?: Partial<ConnectionOptions>): Connection;
  /** A token for the share. */
  token(options?: Partial<ServiceSasOptions>): Promise<string>;
  /** Puts a file there, past all faults. */
  put(path: string, body?: Uint8Array<ArrayBuffer>, options?: object): Promise<void>;
  /** What is there, past all faults. */
  stored(path: string): Promise<Uint8Array>;
  /** Requests of one kind, as they arrived. */
  requests(operation: string, start?: number): readonly Arrived[];
  close(): Promise<void>;
}

/** Sets a scene; `decide` says what happens to which request. */
export async function setScene(transport: "node" | "fetch", decide: (arrived: Arrived) => Fault | undefined): Promise<Scene> {
  const loopback = watchLoopback();
  let minting = 0;
  const clock: DrivenClock = drivenClock(loopback, () => server.busy > 0 || minting > 0);
  const emulator = createEmulator({ clock, insecureBearer: true, md5: (bytes) => createHash("md5").update(bytes).digest() });
  const { account, key } = emulator;
  const server: FaultServer = await startFaultServer({ emulator, clock, decide });
  const direct = connect({
    endpoint: emulator.endpoint,
    share: "faults",
    credential: sharedKey({ account, key }),
    fetch: emulator.fetch,
    clock,
  });
  await create(direct);
  const token: Scene["token"] = async (options) => {
    minting++;
    const made = await serviceSas({
      account,
      key,
      share: "faults",
      permissions: "rcwdl",
      expiresOn: new Date("2026-02-01"),
      protocol: "https,http",
      ...options,
    });
    minting--;
    return made;
  };
  const options: ConnectionOptions = {
    endpoint: `${server.url}/${account}`,
    share: "faults",
    credential: sas(await token()),
    transport,
    clock,
    // Waits are half of their bound: 250, 500, 1000, 2000.
    random: () => 0.5,
  };
  return {
    emulator,
    clock,
    server,
    connection: connect(options),
    connect: (changes) => connect({ ...options, ...changes }),
    token,
    put: async (path, body = CONTENT, options = {}) => void (await upload(direct, { path, body, ...CUT, ...options })),
    stored: async (path) => (await read(direct, { path })).bytes(),
    requests: (operation, start) =>
      server.requests.filter((arrived) => arrived.operation === operation && (start === undefined || arrived.start === start)),
    async close() {
      await server.close();
      loopback.end();
    },
  };
}

/** A fault for the first arrivals of a request: one range of a file, or what has none. */
export const first =
  (times: number, operation: string, start: number | undefined, fault: Fault) =>
  (arrived: Arrived): Fault | undefined =>
    arrived.operation === operation && arrived.start === start && arrived.time <= times ? fault : undefined;
