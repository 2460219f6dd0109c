/** Errors in words that somebody who wants to send a file can act on. */
import { isAzureFilesError, isIntegrityError, isServiceError, isTransportError, type ServiceError } from "azure-files";
import { SessionError } from "./session.js";

/** What went wrong, what can be done about it, and the facts for whoever looks closer. */
export interface Explanation {
  readonly title: string;
  readonly advice: string;
  readonly technical?: string | undefined;
}

const LETTERS: Readonly<Record<string, string>> = { r: "read", c: "create", w: "write", d: "delete", l: "list" };

/** The permissions that each operation of this page takes, and what the user was about to do. */
const NEEDS: Readonly<Record<string, { letters: string; doing: string }>> = {
  "Create File": { letters: "cw", doing: "send files" },
  "Put Range": { letters: "cw", doing: "send files" },
  "Set File Properties": { letters: "cw", doing: "send files" },
  "Create Directory": { letters: "c", doing: "create folders" },
  "List Directories and Files": { letters: "l", doing: "see what is in the share" },
  "Delete File": { letters: "d", doing: "delete files" },
  "Delete Directory": { letters: "d", doing: "delete folders" },
  "Get File": { letters: "r", doing: "download files" },
  "Get File Properties": { letters: "r", doing: "download files" },
};

const listed = (words: string[]): string => (words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`);
const worded = (letters: string): string => listed([...letters].map((letter) => `${LETTERS[letter] ?? "use"} (${letter})`));

/** Permission letters as words: "cw" becomes "create and write". */
export function permissionWords(letters: string): string {
  return listed([...letters].map((letter) => LETTERS[letter] ?? letter));
}

/** What a refusal means, by the service's error code. */
const REFUSALS: Readonly<Record<string, readonly [title: string, advice: string]>> = {
  ShareNotFound: [
    "The share does not exist",
    "It may have been deleted or renamed. Whoever runs this page can tell which share it should use.",
  ],
  ShareBeingDeleted: ["The share is being deleted", "Its name is free again about half a minute after that. Try again then."],
  ShareSizeLimitReached: ["The share is full", "Delete something, or ask for a larger quota, and try again."],
  ResourceNotFound: ["It is not there any more", "Somebody may have deleted or moved it. Refresh the list to see what is there."],
  ParentNotFound: ["The folder is not there any more", "Somebody may have deleted it. Refresh the list and send the file again."],
  ResourceTypeMismatch: ["A file and a folder share this name", "Rename one of them, or send the file to another folder."],
  ResourceAlreadyExists: ["There is already something of this name", "Rename what you send, or delete what is there."],
  DirectoryNotEmpty: ["The folder is not empty", "Something was put into it meanwhile. Refresh the list and delete it again."],
  ReadOnlyAttribute: ["The file is read-only", "Somebody marked it so. The mark has to be taken off before it can be changed or deleted."],
  SharingViolation: ["The file is open elsewhere", "Somebody has it open through a network drive. Close it there and try again."],
  FileLockConflict: ["The file is locked elsewhere", "A program locks a part of it through a network drive. Close it there and try again."],
  DeletePending: ["The file is about to be deleted", "It goes when the last program that has it open closes it. Try again then."],
  LeaseIdMissing: ["The file is locked by a lease", "A program reserved it. It can be changed once that program lets go of it."],
  ServerBusy: ["The share is busy", "It asked for a pause several times. Wait a minute and try again."],
  CorsPreflightFailure: [
    "The account does not let this page in",
    "Its CORS rule has to allow this page's address, the methods and the headers.",
  ],
};

const facts = (error: ServiceError): string =>
  `${error.operation ?? "Request"}: ${error.status} ${error.code}${error.requestId ? `, request ${error.requestId}` : ""}`;

function lacking(doing: string, missing: string, permissions: string, technical: string): Explanation {
  const has = permissions ? `may only ${permissionWords(permissions)}` : "has no permission at all";
  return {
    title: `This page may not ${doing}`,
    advice: missing
      ? `Its access link (SAS) ${has}. What is missing: ${worded(missing)}. Whoever runs this page can issue a SAS with it.`
      : `Its access link (SAS) ${has}, and the share refused this. Whoever runs this page can issue another SAS.`,
    technical,
  };
}

function explainPermission(error: ServiceError, permissions: string): Explanation {
  const need = NEEDS[error.operation ?? ""];
  const missing = [...(need?.letters ?? "")].filter((letter) => !permissions.includes(letter)).join("");
  return lacking(need?.doing ?? "do that", missing, permissions, facts(error));
}

function explainRefusal(error: ServiceError, permissions: string): Explanation {
  if (error.code === "AuthorizationPermissionMismatch" || error.code === "AuthorizationResourceTypeMismatch") {
    return explainPermission(error, permissions);
  }
  if (error.status === 403) {
    return {
      title: "The share does not accept this page's access link",
      advice: "The SAS has run out or does not belong to this share, or this computer's clock is wrong. Reload the page to get a new one.",
      technical: [facts(error), error.details["AuthenticationErrorDetail"]].filter(Boolean).join(". "),
    };
  }
  const [title, advice] = REFUSALS[error.code] ?? [
    "The share refused",
    "Try again. If it stays like this, the line below tells whoever runs the share why.",
  ];
  return { title, advice, technical: facts(error) };
}

/** The CORS rule that this page needs, in the words of the account's settings. */
export function corsRule(): string {
  return `allowed origin ${location.origin}; methods GET, HEAD, PUT, DELETE; allowed headers x-ms-*, content-type; exposed headers x-ms-*, ETag, Content-Range`;
}

/** Puts an error into words. `permissions` are the letters of the SAS in use. */
export function explain(error: unknown, permissions: string): Explanation {
  if (isServiceError(error)) return explainRefusal(error, permissions);
  if (error instanceof SessionError) {
    return { title: "The page has no access to the share", advice: `${error.message} Reload to try again.` };
  }
  if (isAzureFilesError(error) && error.operation === "Delete Directory" && isServiceError(error.cause)) {
    const { advice, technical } = explainRefusal(error.cause, permissions);
    return { title: "Not all of the folder could be deleted", advice: `The first thing that stayed: ${advice}`, technical };
  }
  const technical = error instanceof Error ? error.message : String(error);
  if (isTransportError(error, "network")) {
    if (!navigator.onLine) return { title: "You are offline", advice: "Try again when the network is back.", technical };
    return {
      title: "The share cannot be reached",
      advice:
        "Either there is no way to it, or the account's CORS rule does not let this page in; a browser does not tell a page which. " +
        `The rule needs: ${corsRule()}.`,
      technical,
    };
  }
  if (isTransportError(error)) {
    return { title: "The connection broke off", advice: "It was tried several times. Try again; a steadier network helps.", technical };
  }
  if (isIntegrityError(error, "source") || (error instanceof DOMException && error.name !== "AbortError")) {
    return {
      title: "The file cannot be read",
      advice: "It was changed, moved or locked on your computer since you chose it. Choose it again.",
      technical,
    };
  }
  if (isIntegrityError(error)) return { title: "The bytes are not what they should be", advice: "Try again.", technical };
  // The library looks at the SAS before it sends a file, and names the letters of which one is missing.
  if (error instanceof TypeError && technical.includes("needs the permission")) {
    const letters = [...technical.matchAll(/"([a-z])" \(/g)].map(([, letter]) => letter).join("");
    return lacking("send files", letters, permissions, technical);
  }
  if (error instanceof TypeError || error instanceof RangeError) {
    return { title: "This name or size cannot be stored", advice: technical };
  }
  return { title: "Something unexpected happened", advice: "Reload the page and try again.", technical };
}
