/**
 * Why an exchange cannot be judged: a closed list. Each reason is a predicate over the exchange and what went before it in its file;
 * none looks at a file's name. The first that applies counts.
 */
import { type Exchange, responseBody, succeeded } from "./recording.js";
import { fileTouched, lastOfShare, listsOtherShares, pathMissing, shareTouched } from "./history.js";

/** One reason. */
export interface Reason {
  readonly text: string;
  readonly applies: (exchange: Exchange) => boolean;
}

const anyHeader = (headers: Readonly<Record<string, string>>, pattern: RegExp): boolean => Object.keys(headers).some((name) => pattern.test(name));

/** Features of premium, NFS and provisioned accounts, and of newer accounts, that answers tell of. */
const otherAccount =
  /^x-ms-(enabled-protocols|root-squash|mode|owner|group|link-count|file-file-type|enable-.*|share-(provisioned|paid|included|max-burst|next-allowed)-.*|file-share-(snapshot-)?usage-bytes)$/;

const shareOfOtherAccount = ({ requestHeaders, responseHeaders, responseBody: body }: Exchange): boolean =>
  anyHeader(responseHeaders, otherAccount) || anyHeader(requestHeaders, otherAccount) || /<EnabledProtocols>|<Provisioned/.test(body ?? "");

const noOperation: Reason = { text: "operation not at this stage", applies: ({ operation }) => operation === undefined };

/** Reasons why the emulator cannot be judged. */
export const emulatorReasons: readonly Reason[] = [
  noOperation,
  {
    text: "the recorder cut the XML of the answer",
    applies: (exchange) => exchange.responseHeaders["content-type"] === "application/xml" && !responseBody(exchange).whole,
  },
  {
    text: "needs a share snapshot, which is not at this stage",
    applies: ({ query, responseHeaders }) =>
      (query.has("sharesnapshot") || query.has("prevsharesnapshot")) && !/Snapshot/.test(responseHeaders["x-ms-error-code"] ?? ""),
  },
  {
    text: "a premium, NFS or provisioned account, or a setting of shares that is not at this stage",
    applies: (exchange) =>
      shareOfOtherAccount(exchange) ||
      exchange.earlier.some((other) => exchange.share !== "" && other.share === exchange.share && other.path.length === 0 && shareOfOtherAccount(other)),
  },
  {
    text: "the recorder kept neither range nor bytes of the request",
    applies: ({ operation, requestBodyNotRecorded }) =>
      requestBodyNotRecorded === true && (operation === "Put Range" || operation === "Clear Range"),
  },
  {
    text: "deletes once more what is being deleted already: the emulator frees a share's name at once",
    applies: (exchange) => exchange.operation === "Delete Share" && succeeded(exchange) && lastOfShare(exchange)?.operation === "Delete Share",
  },
  {
    text: "the share was made outside of the recording",
    applies: (exchange) =>
      exchange.share !== "" &&
      exchange.operation !== "Create Share" &&
      exchange.responseHeaders["x-ms-error-code"] !== "ShareNotFound" &&
      lastOfShare(exchange)?.operation !== "Create Share",
  },
  {
    text: "a SAS with headers of its own, whose signature the recorder removed",
    applies: ({ url }) => /[?&]rs(cc|cd|ce|cl|ct)=/.test(url),
  },
  { text: "lists shares that were made outside of the recording, or their snapshots", applies: listsOtherShares },
  { text: "depends on an earlier operation on the share that is not at this stage", applies: shareTouched },
  { text: "depends on an earlier operation on the same path that is not at this stage, or was not recorded whole", applies: fileTouched },
  { text: "the file or directory was made outside of the recording", applies: pathMissing },
  {
    text: "the ETag is a change time of the client's, in a header that the recorder did not keep",
    applies: ({ requestBodyNotRecorded, responseHeaders: { etag }, path, earlier }) =>
      requestBodyNotRecorded === true &&
      etag !== undefined &&
      earlier.some((other) => other.path.join("/") !== path.join("/") && other.responseHeaders["etag"] === etag),
  },
];

/** Why the emulator cannot be judged by an exchange; undefined where it can. */
export const emulatorReason = (exchange: Exchange): string | undefined => emulatorReasons.find(({ applies }) => applies(exchange))?.text;
