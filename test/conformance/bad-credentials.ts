/** Keys, tokens, URLs and connection strings that break the rules. */
import { connect, fromConnectionString, fromUrl, sas, sharedKey } from "azure-files";
import { accountSas, serviceSas } from "azure-files/sas";
import type { Case } from "./case.js";
import { refused, type Row, SECRET } from "./refused.js";

/** Each holds a secret, which no error may tell. */
const token = `sv=2026-10-06&sr=s&sp=r&se=2100-01-01T00:00:00Z&sig=${SECRET}`;
const secrets: readonly Row[] = [
  ["a key that is no base64", () => sharedKey({ account: "abc", key: `${SECRET}!`, dangerouslyAllowBrowser: true }), "TypeError"],
  ["a key that is missing", () => sharedKey({ account: "abc", key: undefined as never, dangerouslyAllowBrowser: true }), "TypeError"],
  ["a key for a malformed account", () => sharedKey({ account: "A B", key: SECRET, dangerouslyAllowBrowser: true }), "TypeError"],
  ["a token that is a URL", () => sas(`https://abc.file.core.windows.net/s?${token}`), "TypeError", /fromUrl/],
  ["a token without sv", () => sas(token.replace(/sv=[^&]*&/, "")), "TypeError", /sv/],
  ["a token without sig", () => sas(token.replace(/&sig=.*/, "")), "TypeError", /sig/],
  ["a token without se and si", () => sas(token.replace(/&se=[^&]*/, "")), "TypeError", /se or si/],
  ["a token whose se is no time", () => sas(token.replace(/se=[^&]*/, "se=tomorrow")), "TypeError", /time/],
  ["a token that says a name twice", () => sas(`${token}&sig=${SECRET}`), "TypeError"],
  ["a token with blanks", () => sas(token.replace("sp=r", "sp=r w")), "TypeError"],
  ["a token that is empty", () => sas(""), "TypeError"],
  ["a token that is a key", () => sas(SECRET), "TypeError"],
  ["an endpoint with a query", () => connect({ endpoint: `https://abc.file.core.windows.net?${token}` }), "TypeError", /fromUrl/],
  ["an endpoint with a user", () => connect({ endpoint: `https://me:${SECRET}@abc.file.core.windows.net` }), "TypeError"],
  ["an endpoint that is none", () => connect({ endpoint: `abc?${token}` }), "TypeError", /endpoint/],
  ["an endpoint of another scheme", () => connect({ endpoint: "ftp://abc.file.core.windows.net" }), "TypeError", /http/],
  ["a URL that does not parse", () => fromUrl(`//abc/s?${token}`), "TypeError"],
  ["a URL of another scheme", () => fromUrl(`smb://abc.file.core.windows.net/s?${token}`), "TypeError", /https/],
  ["a URL without account", () => fromUrl(`http://127.0.0.1:10004/?${token}`), "TypeError", /account/],
  ["a URL with a bad share", () => fromUrl(`https://abc.file.core.windows.net/A?${token}`), "TypeError", /share/],
  ["a URL with a bad path", () => fromUrl(`https://abc.file.core.windows.net/abc/a%3Ab?${token}`), "TypeError", /component/],
  ["a URL with half an escape", () => fromUrl(`https://abc.file.core.windows.net/abc/100%?${token}`), "TypeError", /percent/],
  ["a URL whose query is no SAS", () => fromUrl(`https://abc.file.core.windows.net/abc/a?sig=${SECRET}`), "TypeError", /SAS/],
  ["a connection string without account", () => fromConnectionString(`AccountKey=${SECRET}`), "TypeError", /AccountName/],
  ["a connection string without credential", () => fromConnectionString("AccountName=abc"), "TypeError", /AccountKey/],
  ["a connection string with a key cut off", () => fromConnectionString(`AccountName=abc;AccountKey=;${SECRET}`), "TypeError"],
  ["a connection string with a part without name", () => fromConnectionString(`AccountName=abc;${SECRET}`), "TypeError", /part 2/],
  ["a connection string with an unknown name", () => fromConnectionString(`AccountName=abc;${SECRET}=1`), "TypeError", /part 2/],
  [
    "a connection string that says a name twice",
    () => fromConnectionString(`AccountName=abc;AccountKey=${SECRET};AccountKey=${SECRET}`),
    "TypeError",
    /twice/,
  ],
  [
    "a connection string with a bad key",
    () => fromConnectionString(`AccountName=abc;AccountKey=${SECRET}!`, { dangerouslyAllowBrowser: true }),
    "TypeError",
  ],
  ["a connection string that is empty", () => fromConnectionString(""), "TypeError"],
  [
    "minting with a bad key",
    () => accountSas({ account: "abc", key: `${SECRET}!`, permissions: "r", resourceTypes: "o", expiresOn: "2100-01-01" }),
    "TypeError",
  ],
  [
    "minting an unknown letter",
    () => accountSas({ account: "abc", key: SECRET, permissions: "rx", resourceTypes: "o", expiresOn: "2100-01-01" }),
    "TypeError",
    /"x"/,
  ],
  [
    "minting without letters",
    () => serviceSas({ account: "abc", key: SECRET, share: "abc", expiresOn: "2100-01-01" }),
    "TypeError",
    /permissions/,
  ],
  [
    "minting the end before the start",
    () => serviceSas({ account: "abc", key: SECRET, share: "abc", permissions: "r", startsOn: "2100-01-02", expiresOn: "2100-01-01" }),
    "RangeError",
    /startsOn/,
  ],
  [
    "minting for no address",
    () => accountSas({ account: "abc", key: SECRET, permissions: "r", resourceTypes: "o", expiresOn: "2100-01-01", ipRange: "1.2.3" }),
    "TypeError",
    /ipRange/,
  ],
  [
    "minting a line break",
    () => serviceSas({ account: "abc", key: SECRET, share: "abc", permissions: "r", expiresOn: "2100-01-01", contentType: "a\nb" }),
    "TypeError",
    /contentType/,
  ],
];

export const badCredentialCases: readonly Case[] = refused(secrets);
