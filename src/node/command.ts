/** What the program `azure-files` does with its arguments. It never prints a key that it was given. */
import { createHash } from "node:crypto";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { createEmulator, record } from "../simulation/index.js";
import { saveHar } from "./har-files.js";
import type { Emulator } from "../simulation/index.js";
import { serve } from "./serve.js";
import type { ServedHttp } from "./serve.js";

/** What the program needs of its surroundings. */
export interface CommandEnvironment {
  /** Takes a line for standard output. */
  readonly out: (line: string) => void;
  /** Takes a line for standard error. */
  readonly error: (line: string) => void;
  /** Stops the server, as Ctrl-C does. */
  readonly signal: AbortSignal;
}

const HELP = `azure-files emulator [options]   an emulator of Azure Files over HTTP, in memory

  --port NUMBER      TCP port, 0 for any free one (default 10004)
  --hostname NAME    address to listen on (default 127.0.0.1; any other lets other machines in)
  --account NAME     storage account (default devstoreaccount1)
  --key BASE64       account key (default: the well-known key of the storage emulators)
  --cert FILE        serves HTTPS with this certificate (PEM), together with --cert-key
  --cert-key FILE    the certificate's key (PEM)
  --insecure-bearer  takes bearer tokens over plain HTTP, too
  --kind KIND        account of this kind: any, standard, premium or provisioned (default any)
  --soft-delete-days NUMBER
                     keeps deleted shares for so many days (default 0)
  --har FILE         writes every exchange, without secrets and bodies, to FILE at the end
  --help, --version`;

/** An argument that cannot be used; the message says why, in one sentence. */
class UsageError extends Error {}

/**
 * Runs the program and resolves to its exit code: 0 done, 1 failed, 2 wrong usage. A server runs until `signal` is aborted.
 *
 * @param argv - the arguments after the program's name
 */
export async function run(argv: readonly string[], environment: CommandEnvironment): Promise<number> {
  try {
    const { values, positionals } = parse(argv);
    if (values.help === true) environment.out(HELP);
    else if (values.version === true) environment.out(await version());
    else if (positionals.length !== 1 || positionals[0] !== "emulator") throw new UsageError(unknown(positionals));
    else return await emulate(values, environment);
    return 0;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    environment.error(`azure-files: ${error.message} (azure-files --help)`);
    return 2;
  }
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        port: { type: "string", default: "10004" },
        hostname: { type: "string", default: "127.0.0.1" },
        account: { type: "string" },
        key: { type: "string" },
        cert: { type: "string" },
        "cert-key": { type: "string" },
        "insecure-bearer": { type: "boolean" },
        kind: { type: "string", default: "any" },
        "soft-delete-days": { type: "string", default: "0" },
        har: { type: "string" },
        help: { type: "boolean" },
        version: { type: "boolean" },
      },
    });
  } catch (error) {
    // Node's advice on arguments that start with a dash goes past the point.
    throw new UsageError(error instanceof Error ? error.message.replace(/\. To specify.*$/s, "") : String(error));
  }
}

type Values = ReturnType<typeof parse>["values"];

function unknown(positionals: readonly string[]): string {
  return positionals.length === 0
    ? "Say what to do: emulator"
    : `There is no command ${JSON.stringify(positionals.join(" "))}, only emulator`;
}

async function version(): Promise<string> {
  // Not `new URL(…, import.meta.url)`: Vite would take that for an asset and put the file's text in its place.
  const text = await readFile(join(dirname(fileURLToPath(import.meta.url)), "../../package.json"), "utf8");
  return (JSON.parse(text) as { version: string }).version;
}

async function emulate(values: Values, { out, error, signal }: CommandEnvironment): Promise<number> {
  const tls = await certificate(values);
  const emulator = create(values);
  const recording = values.har === undefined ? undefined : record();
  let server: ServedHttp;
  try {
    server = await serve(recording ? { handle: recording.handler(emulator.handle) } : emulator, { ...listening(values), tls });
  } catch (cause) {
    error(`azure-files: ${refusal(cause, values)}`);
    return 1;
  }
  announce(emulator, server, values, out);
  if (!signal.aborted) await once(signal, "abort");
  await server.close();
  if (recording !== undefined && values.har !== undefined) {
    await saveHar(values.har, recording);
    out(`${recording.har().log.entries.length} exchanges written to ${values.har}`);
  }
  return 0;
}

/** Certificate and key for HTTPS, where they are given; both or none. */
async function certificate({ cert, "cert-key": key }: Values): Promise<{ cert: Buffer; key: Buffer } | undefined> {
  if (cert === undefined && key === undefined) return undefined;
  if (cert === undefined || key === undefined) throw new UsageError("--cert and --cert-key come together");
  const read = async (option: string, file: string): Promise<Buffer> => {
    try {
      return await readFile(file);
    } catch {
      throw new UsageError(`${option} cannot be read: ${file}`);
    }
  };
  return { cert: await read("--cert", cert), key: await read("--cert-key", key) };
}

const KINDS = ["any", "standard", "premium", "provisioned"] as const;

function create({ account, key, kind: word, "insecure-bearer": insecureBearer, "soft-delete-days": days }: Values): Emulator {
  const kind = KINDS.find((known) => known === word);
  if (kind === undefined) throw new UsageError(`--kind takes ${KINDS.join(", ")}, not ${JSON.stringify(word)}`);
  if (!/^\d{1,3}$/.test(days)) throw new UsageError(`--soft-delete-days takes a number from 0 to 999, not ${JSON.stringify(days)}`);
  try {
    // Node's own MD5 takes a tenth of the time of one in JavaScript, and every range has one.
    return createEmulator({
      account,
      key,
      kind,
      insecureBearer,
      softDeleteDays: Number(days),
      md5: (bytes) => createHash("md5").update(bytes).digest(),
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function listening({ port, hostname }: Values): { port: number; hostname: string } {
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65535)
    throw new UsageError(`--port takes a number from 0 to 65535, not ${JSON.stringify(port)}`);
  return { port: Number(port), hostname };
}

/** Why nothing can listen there, for a person. */
function refusal(error: unknown, { port, hostname }: Values): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "EADDRINUSE")
    return `Port ${port} of ${hostname} is in use by another program; choose another with --port, or any free one with --port 0`;
  if (code === "EACCES") return `This user may not listen on port ${port}; choose one above 1023 with --port`;
  if (code === "EADDRNOTAVAIL" || code === "ENOTFOUND") return `${hostname} is no address of this machine`;
  if (code?.toString().startsWith("ERR_OSSL") || code === "ERR_SSL_KEY_VALUES_MISMATCH")
    return "--cert and --cert-key are no PEM certificate and its key";
  throw error;
}

function announce(emulator: Emulator, server: ServedHttp, values: Values, out: (line: string) => void): void {
  const endpoint = `${server.url}/${emulator.account}`;
  const key = values.key === undefined ? emulator.key : "<the key you gave>";
  out(`Azure Files emulator: ${endpoint}`);
  out(
    `Connection string: DefaultEndpointsProtocol=${new URL(endpoint).protocol.slice(0, -1)};AccountName=${emulator.account};AccountKey=${key};FileEndpoint=${endpoint};`,
  );
  if (values.key === undefined) out("The key is the public one of all storage emulators: no secret, and no protection.");
  out("Everything is kept in memory and gone at the end. Ctrl-C stops it.");
}
