/** The two places where any runtime runs the conformance cases: with an emulator of its own, and with one over HTTP. Told as plain JSON. */
import { createEmulator } from "azure-files/simulation";
import { createContext, type Context } from "../conformance/context.js";
import { type Outcome, run } from "./run.js";

/** An emulator that another process serves over HTTP. */
export interface ServedAccount {
  /** URL of the file service. */
  readonly endpoint: string;
  readonly account: string;
  /** Key of the account, in base64. */
  readonly key: string;
  /** A bearer token that it takes. */
  readonly token: string;
  /** Where the emulator is told, with a POST that adds `immediate` or `pending` to the URL, whether copies are done at once. */
  readonly copies?: string | undefined;
}

/** How one case went, as JSON has it. */
export interface ToldOutcome extends Omit<Outcome, "error"> {
  /** What a failed one failed with, and where. */
  readonly error?: string | undefined;
}

/** Runs every case against an emulator in this runtime. */
export async function inProcess(): Promise<ToldOutcome[]> {
  const emulator = createEmulator({ softDeleteDays: 7, insecureBearer: true });
  const { fetch, endpoint, account, key } = emulator;
  const setCopies = (when: "immediate" | "pending"): void => void (emulator.copies = when);
  return told(await createContext({ endpoint, account, key, fetch, token: () => emulator.token(), setCopies }));
}

/** Runs every case against an emulator over HTTP, with the runtime's own `fetch`. */
export async function overHttp({ endpoint, account, key, token, copies }: ServedAccount): Promise<ToldOutcome[]> {
  const setCopies = async (when: "immediate" | "pending"): Promise<void> => {
    const { status } = await fetch(`${copies}${when}`, { method: "POST" });
    if (status !== 204) throw new Error(`The emulator was not told about copies: ${status}`);
  };
  return told(await createContext({ endpoint, account, key, token: () => token, ...(copies === undefined ? {} : { setCopies }) }));
}

async function told(context: Context): Promise<ToldOutcome[]> {
  const outcomes = await run(context);
  const toldOf = ({ name, result, error, missing = [] }: Outcome): ToldOutcome => {
    if (result === "skipped") return { name, result, missing };
    return { name, result, error: result === "failed" ? textOf(error) : undefined };
  };
  return outcomes.map(toldOf);
}

/** Some engines have the message in the stack, others do not. */
function textOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { name, message, stack = "" } = error;
  return stack.includes(message) ? stack : `${name}: ${message}\n${stack}`;
}
