/**
 * Why an exchange cannot be judged: a closed list. Each reason is a predicate over the exchange and what went before it in its file;
 * none looks at a file's name. The first that applies counts.
 */
import { type Exchange, responseBody } from "./recording.js";

/** One reason. */
export interface Reason {
  readonly text: string;
  applies(exchange: Exchange): boolean;
}

const isXmlCut = (exchange: Exchange): boolean =>
  exchange.responseHeaders["content-type"] === "application/xml" && !responseBody(exchange).whole;

const otherOperation: Reason = { text: "operation not at this stage", applies: ({ operation }) => operation === undefined };

const cutXml: Reason = { text: "the recorder cut the XML of the answer", applies: isXmlCut };

/** Reasons why the emulator cannot be judged. */
export const emulatorReasons: readonly Reason[] = [otherOperation, cutXml];

/** Why the emulator cannot be judged by an exchange; undefined where it can. */
export const emulatorReason = (exchange: Exchange): string | undefined => emulatorReasons.find(({ applies }) => applies(exchange))?.text;
