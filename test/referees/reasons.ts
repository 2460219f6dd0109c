/**
 * Why an exchange cannot be judged: a closed list. Each reason is a predicate over the exchange and what went before it in its file;
 * none looks at a file's name. The first that applies counts.
 */
import { type Exchange, isAzureFiles, isOf, responseBody } from "./recording.js";
import { lastOfShare, listsOtherShares } from "./history.js";
import { copySource } from "./sources.js";

/** One reason. */
export interface Reason {
  readonly text: string;
  readonly applies: (exchange: Exchange) => boolean;
}

const elsewhere: Reason = { text: "a request to another service than Azure Files", applies: (exchange) => !isAzureFiles(exchange) };

const cutXml: Reason = {
  text: "the recorder cut the XML of the answer",
  applies: (exchange) => exchange.responseHeaders["content-type"] === "application/xml" && !responseBody(exchange).whole,
};

const copiesUnknown = (exchange: Exchange): boolean =>
  (exchange.operation === "Copy File" || exchange.operation === "Put Range from URL") && copySource(exchange) === undefined;

/** Reasons why the emulator cannot be judged. */
export const emulatorReasons: readonly Reason[] = [
  elsewhere,
  cutXml,
  {
    text: "the share was made outside of the recording",
    applies: (exchange) =>
      exchange.share !== "" &&
      exchange.operation !== "Create Share" &&
      exchange.responseHeaders["x-ms-error-code"] !== "ShareNotFound" &&
      lastOfShare(exchange) === undefined,
  },
  { text: "lists shares that were made outside of the recording", applies: listsOtherShares },
  {
    text: "copies from a blob or from a file that was made outside of the recording, or reads what was copied from there",
    applies: (exchange) => [...exchange.earlier.filter((other) => isOf(other, exchange)), exchange].some(copiesUnknown),
  },
  {
    text: "a copy between two accounts, which takes its time",
    applies: ({ responseHeaders }) => responseHeaders["x-ms-copy-status"] === "pending",
  },
  {
    text: "the ETag is a change time of the client's, in a header that the recorder did not keep",
    applies: ({ requestBodyNotRecorded, responseHeaders: { etag }, path, earlier }) =>
      requestBodyNotRecorded === true &&
      etag !== undefined &&
      earlier.some((other) => other.path.join("/") !== path.join("/") && other.responseHeaders["etag"] === etag),
  },
];

const noOperation: Reason = {
  text: "asks for what is no operation of Azure Files",
  applies: ({ operation }) => operation === undefined,
};

/** Reasons why a request of the client cannot be judged. */
export const requestReasons: readonly Reason[] = [
  noOperation,
  {
    text: "keeps dots at the ends of names on one side of a copy only, where the client keeps both or none",
    applies: ({ requestHeaders: headers }) =>
      headers["x-ms-source-allow-trailing-dot"] !== undefined &&
      headers["x-ms-source-allow-trailing-dot"] !== headers["x-ms-allow-trailing-dot"],
  },
];

/** Reasons why the client's reading of an answer cannot be judged. */
export const answerReasons: readonly Reason[] = [noOperation, cutXml];

/** Why an exchange cannot be judged; undefined where it can. */
export const reasonOf = (reasons: readonly Reason[], exchange: Exchange): string | undefined =>
  reasons.find(({ applies }) => applies(exchange))?.text;
