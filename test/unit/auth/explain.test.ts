/** What a refusal is explained with: the words of the token, the operation's needs, the time of the try. */
import { describe, expect, it } from "vitest";
import { explain } from "../../../src/auth/explain.js";
import { neededGrants } from "../../../src/auth/needed-grants.js";
import { ServiceError, TransportError } from "../../../src/errors.js";
import { connect } from "../../../src/connect.js";
import { bearer } from "../../../src/auth/bearer.js";
import { sas } from "../../../src/auth/sas.js";
import { getUserDelegationKey } from "../../../src/services/account.js";
import { create } from "../../../src/services/directories.js";
import type { OperationName, WireRequest } from "../../../src/types/requests.js";
import { coded, ending, refusal as refusalBody } from "../wire-double.js";

const NOW = Date.UTC(2026, 5, 1);
const SIGNATURE = "c2VjcmV0c2VjcmV0c2VjcmV0";

/** A refusal of the service, for a request with these words or headers. */
function refusal(
  status: number,
  code: string,
  {
    operation = "Put Range",
    words,
    headers = {},
    details = {},
    protocol = "https:",
  }: {
    operation?: OperationName;
    words?: string | undefined;
    headers?: Record<string, string>;
    details?: Record<string, string>;
    protocol?: string;
  },
): ServiceError {
  const request: WireRequest = {
    operation,
    attempt: 1,
    method: "PUT",
    url: `${protocol}//account.file.core.windows.net/share/a?comp=range${words === undefined ? "" : `&${words}&sig=${SIGNATURE}`}`,
    headers,
    signal: new AbortController().signal,
  };
  const error = new ServiceError("No.", { status, code, requestId: "1", retryAfter: undefined, details }, { request });
  error.attempts = [{ startedAt: NOW, duration: 1, status, code }];
  return error;
}

const share = "sv=2026-10-06&sr=s&se=2027-01-01T00%3A00%3A00Z";
const file = "sv=2026-10-06&sr=f&se=2027-01-01T00%3A00%3A00Z";
const wide = "sv=2026-10-06&ss=f&srt=sco&se=2027-01-01T00%3A00%3A00Z";

describe("a SAS", () => {
  it.each<[string, string, Parameters<typeof refusal>[2], string]>([
    [
      "letters of a share's token",
      "AuthorizationPermissionMismatch",
      { words: `${share}&sp=r` },
      'Put Range needs "w" (write), and the token allows "r" (read) (sp=r).',
    ],
    [
      "letters of which one is enough",
      "AuthorizationPermissionMismatch",
      { operation: "Create File", words: `${file}&sp=rd` },
      'Create File needs "c" (create) or "w" (write), and the token allows "r" (read) and "d" (delete) (sp=rd).',
    ],
    [
      "an overwrite with the letter for new files",
      "AuthorizationPermissionMismatch",
      { operation: "Create File", words: `${share}&sp=c` },
      'What is there already may not be replaced: that needs "w" (write), and the token allows "c" (create) (sp=c).',
    ],
    [
      "letters of an account's token",
      "AuthorizationPermissionMismatch",
      { operation: "List Shares", words: `${wide}&sp=rw` },
      'List Shares needs "l" (list), and the token allows "r" (read) and "w" (write) (sp=rw).',
    ],
    [
      "a resource type",
      "AuthorizationResourceTypeMismatch",
      { operation: "List Shares", words: "sv=2026-10-06&ss=f&srt=co&sp=l&se=2027-01-01" },
      'List Shares needs a token for the service (srt with "s"), and this one has srt=co.',
    ],
    [
      "a service",
      "AuthorizationServiceMismatch",
      { words: "sv=2026-10-06&ss=bq&srt=o&sp=w&se=2027-01-01" },
      "The token is for other services (ss=bq); files need ss=f.",
    ],
    [
      "a token of a share for what is the account's",
      "AuthorizationFailure",
      { operation: "List Shares", words: `${share}&sp=rl` },
      'The token is for a share, and List Shares takes an account SAS with srt=s and "l" (list) (sp).',
    ],
    [
      "a token of a file for what is the share's",
      "AuthorizationFailure",
      { operation: "List Directories and Files", words: `${file}&sp=r` },
      'The token is for one file, and List Directories and Files takes a token for the share with "l" (list) (sp), or an account SAS with srt=c and "l" (list) (sp).',
    ],
    [
      "what no token can do",
      "AuthorizationFailure",
      { operation: "Set Share ACL", words: `${wide}&sp=rwdlc` },
      "No SAS is good for Set Share ACL: it takes the account's key, or a bearer token.",
    ],
    [
      "a token that has ended",
      "AuthenticationFailed",
      { words: "sv=2026-10-06&sr=s&sp=w&se=2026-05-31T23%3A59%3A59Z" },
      "The token ended at 2026-05-31T23:59:59Z (se); the request was made at 2026-06-01T00:00:00.000Z.",
    ],
    [
      "a token that has not begun",
      "AuthenticationFailed",
      { words: `${share}&sp=w&st=2026-06-01T00%3A00%3A01Z` },
      "The token begins at 2026-06-01T00:00:01Z (st); the request was made at 2026-06-01T00:00:00.000Z, unless this clock is wrong.",
    ],
    [
      "a user's key that has ended",
      "AuthenticationFailed",
      { words: `${share}&sp=w&skoid=o&skt=2026-01-01&ske=2026-06-01T00%3A00%3A00Z` },
      "The user's key that signed the token ended at 2026-06-01T00:00:00Z (ske); the request was made at 2026-06-01T00:00:00.000Z.",
    ],
    [
      "a protocol",
      "AuthorizationProtocolMismatch",
      { words: `${share}&sp=w&spr=https`, protocol: "http:" },
      "The token is good over https only (spr=https), and this was http.",
    ],
    [
      "an address",
      "AuthorizationSourceIPMismatch",
      { words: `${share}&sp=w&sip=10.0.0.1-10.0.0.9` },
      "The token is good for requests from 10.0.0.1-10.0.0.9 only (sip), and this one came from another address.",
    ],
    [
      "a policy's letters",
      "AuthorizationPermissionMismatch",
      { words: "sv=2026-10-06&sr=s&si=readers" },
      'Put Range needs "w" (write), which the stored policy "readers" (si) does not allow.',
    ],
    [
      "a role of the user who signed",
      "AuthorizationPermissionMismatch",
      { words: `${share}&sp=w&skoid=o` },
      "The token's letters are enough (sp=w), so the user whose key signed it lacks the role: Put Range takes Storage File Data Privileged Contributor.",
    ],
    [
      "a network",
      "AuthorizationFailure",
      { words: `${share}&sp=w` },
      "Key, token or role would be good enough, as far as can be told: the account's network rules may not let this address in.",
    ],
    [
      "a code that the page may not see",
      "Unknown",
      { words: `${share}&sp=r` },
      'Put Range needs "w" (write), and the token allows "r" (read) (sp=r).',
    ],
  ])("lacks %s", (_what, code, about, explanation) => {
    expect(explain(refusal(403, code, about))).toBe(explanation);
  });

  it("whose signature does not fit tells what may be the cause", () => {
    expect(explain(refusal(403, "AuthenticationFailed", { words: `${file}&sp=w` }))).toBe(
      "The token's signature is not that of this request: the key that signed it was renewed, or a word of it was changed on the way, or it is for another file.",
    );
    expect(explain(refusal(403, "AuthenticationFailed", { words: "sv=2026-10-06&sr=s&si=gone" }))).toContain(
      'or its stored policy "gone" (si) was removed or has ended',
    );
  });

  it("that lacks nothing to be seen is not explained", () => {
    expect(explain(refusal(403, "Unknown", { words: `${share}&sp=w` }))).toBeUndefined();
  });
});

describe("a bearer token", () => {
  const headers = { authorization: "Bearer abc", "x-ms-file-request-intent": "backup" };

  it.each<[number, string, Parameters<typeof refusal>[2], string]>([
    [
      401,
      "InvalidAuthenticationInfo",
      { headers, details: { AuthenticationErrorDetail: "Audience validation failed." } },
      "The bearer token was not accepted: it has ended, or is for another audience than https://storage.azure.com, or of another tenant. The service says: Audience validation failed.",
    ],
    [
      403,
      "AuthorizationPermissionMismatch",
      { headers },
      "The identity behind the bearer token lacks the role: Put Range takes Storage File Data Privileged Contributor.",
    ],
    [
      403,
      "AuthorizationPermissionMismatch",
      { headers, operation: "Get File" },
      "The identity behind the bearer token lacks the role: Get File takes Storage File Data Privileged Reader or Contributor.",
    ],
    [
      403,
      "AuthorizationPermissionMismatch",
      { headers: { authorization: "Bearer abc" }, operation: "Get User Delegation Key" },
      "The identity behind the bearer token lacks the role: Get User Delegation Key takes one such as Storage File Delegator.",
    ],
    [
      400,
      "MissingRequiredHeader",
      { headers: { authorization: "Bearer abc" }, details: { HeaderName: "x-ms-file-request-intent" } },
      'Put Range with a bearer token needs the intent "backup", which bearer(source, { intent: "backup" }) sends.',
    ],
    [
      409,
      "FileOAuthManagementApiRestrictedToSrp",
      { headers, operation: "List Shares" },
      "This operation takes no bearer token here: use the account's key or a SAS, or the management API of the storage account.",
    ],
  ])("that is refused with %i %s", (status, code, about, explanation) => {
    expect(explain(refusal(status, code, about))).toBe(explanation);
  });
});

describe("other refusals", () => {
  it.each<[number, string, Parameters<typeof refusal>[2], RegExp]>([
    [403, "AuthenticationFailed", { headers: { authorization: "SharedKey a:b" } }, /account's key was not accepted.+15 minutes/],
    [403, "AuthorizationFailure", { headers: { authorization: "SharedKey a:b" } }, /network rules/],
    [401, "NoAuthenticationInformation", {}, /^Put Range came without a credential/],
    [404, "ShareNotFound", {}, /^Put Range found no share of that name/],
    [404, "ShareSnapshotNotFound", {}, /no snapshot of that time/],
    [404, "ParentNotFound", {}, /recursive: true/],
    [404, "ResourceNotFound", {}, /nothing of that name/],
    [403, "AccountIsDisabled", {}, /account is disabled/],
  ])("%i %s are explained, too", (status, code, about, explanation) => {
    expect(explain(refusal(status, code, about))).toMatch(explanation);
  });

  it.each<unknown>([
    new Error("no"),
    undefined,
    new TransportError("network", "no"),
    refusal(409, "ShareAlreadyExists", {}),
    refusal(503, "ServerBusy", { words: `${share}&sp=r` }),
    refusal(400, "MissingRequiredHeader", { details: { HeaderName: "x-ms-type" } }),
    new ServiceError("No.", { status: 403, code: "AuthenticationFailed", requestId: "1", retryAfter: undefined, details: {} }),
  ])("are not: %s", (error) => {
    expect(explain(error)).toBeUndefined();
  });

  it("never tell a secret, for any operation and code", () => {
    const codes = [
      "AuthenticationFailed",
      "AuthorizationFailure",
      "AuthorizationPermissionMismatch",
      "Unknown",
      "InvalidAuthenticationInfo",
    ];
    for (const operation of Object.keys(neededGrants) as OperationName[]) {
      for (const code of codes) {
        for (const words of [`${share}&sp=r`, `${file}&sp=r`, `${wide}&sp=x`, undefined]) {
          const headers = { authorization: `Bearer ${SIGNATURE}`, ...(words ? {} : { "x-ms-file-request-intent": "backup" }) };
          const details = { AuthenticationErrorDetail: `it was sig=${SIGNATURE}` };
          expect(explain(refusal(403, code, { operation, words, headers, details })) ?? "").not.toContain(SIGNATURE);
        }
      }
    }
  });
});

describe("an error of a real call", () => {
  const refusing = (credential: Parameters<typeof connect>[0]["credential"], seen: WireRequest[] = []) =>
    connect({
      endpoint: "https://account.file.core.windows.net",
      share: "share",
      credential,
      retry: false,
      middleware: [
        () => async (request) => {
          seen.push(request);
          const code = "AuthorizationPermissionMismatch";
          return new Response(refusalBody(code), { status: 403, headers: coded(code) });
        },
      ],
    });

  it("shows the words of its token, without the signature", async () => {
    const token = `sv=2026-10-06&sr=s&sp=rl&se=2099-01-01&sig=${SIGNATURE}`;
    const error = (await ending(create(refusing(sas(token)), { path: "a" }))) as ServiceError;
    expect(error.request?.url).toBe(
      "https://account.file.core.windows.net/share/a?restype=directory&sv=2026-10-06&sr=s&sp=rl&se=2099-01-01&sig=REDACTED",
    );
    expect(explain(error)).toBe(
      'Create Directory needs "c" (create) or "w" (write), and the token allows "r" (read) and "l" (list) (sp=rl).',
    );
  });

  it("shows that a bearer token was sent; the request for a key carries no intent", async () => {
    const seen: WireRequest[] = [];
    const connection = refusing(
      bearer(async () => SIGNATURE, { intent: "backup" }),
      seen,
    );
    expect(explain(await ending(create(connection, { path: "a" })))).toMatch(/^The identity behind the bearer token/);
    expect(explain(await ending(getUserDelegationKey(connection, { expiresOn: "2099-01-01" })))).toMatch(/Storage File Delegator/);
    expect(seen.map(({ headers }) => headers["x-ms-file-request-intent"])).toEqual(["backup", undefined]);
  });
});
