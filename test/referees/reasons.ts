/**
 * Why an exchange cannot be judged: a closed list. Each reason is a predicate over the exchange and what went before it in its file;
 * none looks at a file's name. The first that applies counts.
 */
import { isCallable } from "./client-calls.js";
import { type Exchange, requestBody, responseBody, succeeded } from "./recording.js";
import { fileTouched, lastOfShare, listsOtherShares, shareTouched } from "./history.js";

/** One reason. */
export interface Reason {
  readonly text: string;
  readonly applies: (exchange: Exchange) => boolean;
}

const anyHeader = (headers: Readonly<Record<string, string>>, pattern: RegExp): boolean =>
  Object.keys(headers).some((name) => pattern.test(name));

/** Features of premium, NFS and provisioned accounts, and of newer accounts, that answers tell of. */
const otherAccount =
  /^x-ms-(enabled-protocols|root-squash|mode|owner|group|link-count|file-file-type|enable-.*|share-(provisioned|paid|included|max-burst|next-allowed)-.*|file-share-(snapshot-)?usage-bytes)$/;

const shareOfOtherAccount = ({ requestHeaders, responseHeaders, responseBody: body }: Exchange): boolean =>
  anyHeader(responseHeaders, otherAccount) || anyHeader(requestHeaders, otherAccount) || /<EnabledProtocols>|<Provisioned/.test(body ?? "");

const noOperation: Reason = { text: "operation not at this stage", applies: ({ operation }) => operation === undefined };

const cutXml: Reason = {
  text: "the recorder cut the XML of the answer",
  applies: (exchange) => exchange.responseHeaders["content-type"] === "application/xml" && !responseBody(exchange).whole,
};

/** Reasons why the emulator cannot be judged. */
export const emulatorReasons: readonly Reason[] = [
  noOperation,
  cutXml,
  {
    text: "needs a share snapshot, which is not at this stage",
    applies: ({ query, responseHeaders }) =>
      (query.has("sharesnapshot") || query.has("prevsharesnapshot")) && !/Snapshot/.test(responseHeaders["x-ms-error-code"] ?? ""),
  },
  {
    text: "a premium, NFS or provisioned account, or a setting of shares that is not at this stage",
    applies: (exchange) =>
      shareOfOtherAccount(exchange) ||
      exchange.earlier.some(
        (other) => exchange.share !== "" && other.share === exchange.share && other.path.length === 0 && shareOfOtherAccount(other),
      ),
  },
  {
    text: "deletes once more what is being deleted already: the emulator frees a share's name at once",
    applies: (exchange) =>
      exchange.operation === "Delete Share" && succeeded(exchange) && lastOfShare(exchange)?.operation === "Delete Share",
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
  { text: "depends on an earlier operation on the same path that is not at this stage", applies: fileTouched },
  {
    text: "the ETag is a change time of the client's, in a header that the recorder did not keep",
    applies: ({ requestBodyNotRecorded, responseHeaders: { etag }, path, earlier }) =>
      requestBodyNotRecorded === true &&
      etag !== undefined &&
      earlier.some((other) => other.path.join("/") !== path.join("/") && other.responseHeaders["etag"] === etag),
  },
];

const noCall: Reason = {
  text: "operation that the client does not have at this stage",
  applies: ({ operation }) => !isCallable(operation),
};

/** Headers and query words for which the client has no option yet. */
const laterOption =
  /^x-ms-(mode|owner|group|range-get-content-md5|file-(support-rename|property-semantics|file-type)|enable-.*|share-(provisioned|paid)-.*)$/;

/** Reasons why a request of the client cannot be judged. */
export const requestReasons: readonly Reason[] = [
  noOperation,
  noCall,
  {
    text: "an option that the client does not have at this stage: NFS, provisioning, range diffs and pages, content at creation",
    applies: (exchange) =>
      anyHeader(exchange.requestHeaders, laterOption) ||
      exchange.query.has("prevsharesnapshot") ||
      (exchange.operation === "List Ranges" && (exchange.query.has("marker") || exchange.query.has("maxresults"))) ||
      (exchange.operation === "Create File" && requestBody(exchange).bytes.length > 0),
  },
];

/** Reasons why the client's reading of an answer cannot be judged. */
export const answerReasons: readonly Reason[] = [noOperation, noCall, cutXml];

/** Why an exchange cannot be judged; undefined where it can. */
export const reasonOf = (reasons: readonly Reason[], exchange: Exchange): string | undefined =>
  reasons.find(({ applies }) => applies(exchange))?.text;
