import { describe, expect, it, vi } from "vitest";
import { sas } from "../../../src/auth/sas.js";
import { parseSasToken } from "../../../src/auth/sas-token.js";
import { request, stoppedClock } from "./request.js";

const MINUTE = 60_000;
const start = "2026-01-01T12:00:00Z";

/** A token that runs out so many minutes after the start, told apart by its signature. */
function token(signature: string, minutes: number): string {
  const end = new Date(Date.parse(start) + minutes * MINUTE).toISOString().replace(".000Z", "Z");
  return `sv=2026-10-06&sr=s&sp=rw&se=${encodeURIComponent(end)}&sig=${signature}`;
}

/** The signature that a request carries. */
const signature = (url: string): string | null => new URL(url).searchParams.get("sig");

describe("a SAS token", () => {
  it("loses a question mark, an ampersand and white space around it, and nothing else", () => {
    const text = token("a%2Bb%2F%3D", 5);
    for (const form of [text, `?${text}`, `&${text}`, ` ${text}\n`]) {
      expect(parseSasToken(form)).toEqual({ text, expiresOn: Date.parse(start) + 5 * MINUTE, allows: { letters: "rw", isFile: false } });
    }
  });

  it.each([
    ["2026-05-04", Date.UTC(2026, 4, 4)],
    ["2026-05-04T03:02Z", Date.UTC(2026, 4, 4, 3, 2)],
    ["2026-05-04T03%3A02%3A01Z", Date.UTC(2026, 4, 4, 3, 2, 1)],
    ["2026-05-04T03%3A02%3A01%2B02%3A00", Date.UTC(2026, 4, 4, 1, 2, 1)],
    ["2026-05-04T03%3a02%3a01.5Z", Date.UTC(2026, 4, 4, 3, 2, 1, 500)],
  ])("ends at %s", (se, time) => {
    expect(parseSasToken(`sv=1&sig=a&se=${se}`).expiresOn).toBe(time);
  });

  it("has an end that nobody knows where a stored policy says it", () => {
    expect(parseSasToken("sv=1&sig=a&si=policy").expiresOn).toBeUndefined();
  });

  it.each([
    ["sig=SECRET&se=2026-01-01", /no sv/],
    ["sv=1&se=2026-01-01", /no sig/],
    ["sv=&sig=SECRET&se=2026-01-01", /no sv/],
    ["sv=1&sig=SECRET", /no se.*\bsi\b/],
    ["sv=1&sig=SECRET&se=&si=", /no se.*\bsi\b/],
    ["sv=1&sig=SECRET&se=never", /\bse\b/],
    ["https://a.file.core.windows.net/share?sv=1&sig=SECRET&se=2026-01-01", /whole URL.*fromUrl\(\)/],
    ["sv=1&sig=SEC RET&se=2026-01-01", /the SAS/],
    ["sv=1&sig=SEC\nRET&se=2026-01-01", /the SAS/],
    ["sv=1&sig=SECRET&se=2026-01-01#part", /the SAS/],
    ["sv=1&sig=SECRET&se=2026-01-01&sig=SECRET", /the SAS/],
    ["sv=1&sig=SECRET&se=2026-01-01&comp=list", /the SAS/],
    ["sv=1&sig=SECRET&se=2026-01-01&RESTYPE=share", /the SAS/],
    ["sv=1&sig=SECRET&&se=2026-01-01", /the SAS/],
    ["sv=1&SECRET&se=2026-01-01", /the SAS/],
    ["SECRET", /the SAS/],
    ["", /the SAS/],
    ["?", /the SAS/],
    [undefined, /the SAS/],
    [null, /the SAS/],
    [7, /the SAS/],
    [{ sig: "SECRET" }, /the SAS/],
  ])("%j is refused without being echoed", (text, message) => {
    let thrown: unknown;
    try {
      parseSasToken(text);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(TypeError);
    expect(String(thrown)).toMatch(message);
    expect(String(thrown)).not.toMatch(/SEC|RET/);
    if (typeof text === "string") expect(() => sas(text)).toThrow(message);
  });
});

describe("sas(token)", () => {
  it("goes behind the query as it is encoded", async () => {
    const text = token("a%2Bb%2f%3D", 5);
    const credential = sas(`?${text}`);
    const clock = stoppedClock(start);
    const plain = request();
    const listing = request({ url: "https://account.file.core.windows.net/share?comp=list&prefix=a%20b" });
    expect(await credential.authorize(plain, clock)).toEqual({ ...plain, url: `${plain.url}?${text}` });
    expect((await credential.authorize(listing, clock)).url).toBe(`${listing.url}&${text}`);
    expect(credential.kind).toBe("sas");
  });

  it("cannot bring another token", () => {
    expect(sas(token("a", 5)).refused?.(request()) ?? false).toBe(false);
  });
});

describe("a source in a header", () => {
  const text = token("a", 5);
  const authorized = async (url: string, headers: Record<string, string>): Promise<Readonly<Record<string, string>>> =>
    (await sas(text).authorize(request({ url, headers }), stoppedClock(start))).headers;
  const file = "https://account.file.core.windows.net/share/b?comp=rename";
  const local = "http://127.0.0.1:10004/devstoreaccount1/share/b?comp=rename";

  it.each(["x-ms-file-rename-source", "x-ms-copy-source"])("%s in the same account gets the token, behind its query", async (name) => {
    for (const [source, expected] of [
      ["https://account.file.core.windows.net/share/a", "?"],
      ["https://account.file.core.windows.net/other/a%3Fsig=1", "?"],
      ["https://account.file.core.windows.net/share/a?sharesnapshot=2026", "&"],
    ] as const) {
      expect(await authorized(file, { [name]: source, "x-ms-version": "1" })).toEqual({
        [name]: `${source}${expected}${text}`,
        "x-ms-version": "1",
      });
    }
    const source = "http://127.0.0.1:10004/devstoreaccount1/share/a";
    expect(await authorized(local, { [name]: source })).toEqual({ [name]: `${source}?${text}` });
  });

  it.each([
    [file, "https://other.file.core.windows.net/share/a"],
    [file, "https://account.file.core.windows.net.evil.example/share/a"],
    [file, "https://account.file.core.windows.net@evil.example/share/a"],
    [file, "https://account.blob.core.windows.net/share/a"],
    [file, "http://account.file.core.windows.net/share/a"],
    [file, "https://account.file.core.windows.net:8443/share/a"],
    [local, "http://127.0.0.1:10004/another/share/a"],
    [local, "http://127.0.0.1:10005/devstoreaccount1/share/a"],
    [local, "http://localhost:10004/devstoreaccount1/share/a"],
  ])("never leaves the account: a request to %s does not tell %s", async (url, source) => {
    for (const name of ["x-ms-file-rename-source", "x-ms-copy-source"]) {
      const headers = await authorized(url, { [name]: source });
      expect(headers).toEqual({ [name]: source });
    }
  });

  it.each(["?sv=1&sig=own", "?SIG=own", "?sharesnapshot=2026&sig=own"])("keeps a token of its own: %s", async (query) => {
    const headers = { "x-ms-copy-source": `https://account.file.core.windows.net/share/a${query}` };
    expect(await authorized(file, headers)).toEqual(headers);
  });

  it("gets the token once for each try, and the request that was given stays as it is", async () => {
    const headers = { "x-ms-file-rename-source": "https://account.file.core.windows.net/share/a" };
    const given = request({ url: file, headers });
    const credential = sas(() => text);
    const clock = stoppedClock(start);
    const tries = [await credential.authorize(given, clock), await credential.authorize(given, clock)];
    for (const { headers: sent } of tries)
      expect(sent).toEqual({ "x-ms-file-rename-source": `${headers["x-ms-file-rename-source"]}?${text}` });
    expect(given.headers).toEqual({ "x-ms-file-rename-source": "https://account.file.core.windows.net/share/a" });
  });
});

describe("sas(function)", () => {
  it("asks when the first request needs it, once for all that wait, and keeps the token", async () => {
    let give: (token: string) => void = () => undefined;
    const source = vi.fn(() => new Promise<string>((done) => (give = done)));
    const credential = sas(source);
    expect(source).not.toHaveBeenCalled();
    const clock = stoppedClock(start);
    const waiting = [request(), request(), request()].map(async (each) => credential.authorize(each, clock));
    give(`?${token("one", 60)}`);
    const urls = (await Promise.all(waiting)).map(({ url }) => url);
    expect(urls).toEqual(Array(3).fill(`${request().url}?${token("one", 60)}`));
    await credential.authorize(request(), clock);
    expect(source).toHaveBeenCalledTimes(1);
  });

  it.each([
    ["five minutes before its end", 60, 55],
    ["when a quarter of its life is left, if that is less", 8, 6],
  ])("renews a token %s", async (_, life, minutes) => {
    const tokens = [token("one", life), token("two", 1000)];
    const source = vi.fn(() => tokens.shift() ?? "");
    const credential = sas(source);
    const clock = stoppedClock(start);
    expect(signature((await credential.authorize(request(), clock)).url)).toBe("one");
    clock.advance(minutes * MINUTE - 1);
    expect(signature((await credential.authorize(request(), clock)).url)).toBe("one");
    clock.advance(1);
    const both = await Promise.all([credential.authorize(request(), clock), credential.authorize(request(), clock)]);
    expect(both.map(({ url }) => signature(url))).toEqual(["two", "two"]);
    expect(source).toHaveBeenCalledTimes(2);
  });

  it("keeps a token without an end until it is refused", async () => {
    let count = 0;
    const credential = sas(() => `sv=1&si=policy&sig=${++count}`);
    const clock = stoppedClock(start);
    await credential.authorize(request(), clock);
    clock.advance(1000 * 24 * 60 * MINUTE);
    const late = request();
    expect(signature((await credential.authorize(late, clock)).url)).toBe("1");
    expect(credential.refused?.(late)).toBe(true);
    expect(signature((await credential.authorize(request(), clock)).url)).toBe("2");
  });

  it("forgets a token once, though many requests with it were refused", async () => {
    let count = 0;
    const credential = sas(() => token(String(++count), 60));
    const clock = stoppedClock(start);
    const [first, second] = [request(), request()];
    await Promise.all([credential.authorize(first, clock), credential.authorize(second, clock)]);
    expect(credential.refused?.(first)).toBe(true);
    expect(signature((await credential.authorize(request(), clock)).url)).toBe("2");
    // The newer one is kept.
    expect(credential.refused?.(second)).toBe(true);
    expect(signature((await credential.authorize(request(), clock)).url)).toBe("2");
    expect(count).toBe(2);
  });

  it("passes on what the function throws, untouched, and asks again afterwards", async () => {
    const mine = Object.assign(new Error("offline"), { own: true });
    const answers: (() => string | Promise<string>)[] = [
      () => Promise.reject(mine),
      () => {
        throw mine;
      },
      () => token("three", 60),
    ];
    const credential = sas(() => answers.shift()?.() ?? "");
    const clock = stoppedClock(start);
    const ends = await Promise.allSettled([credential.authorize(request(), clock), credential.authorize(request(), clock)]);
    expect(ends.map((end) => end.status === "rejected" && end.reason === mine)).toEqual([true, true]);
    await expect(credential.authorize(request(), clock)).rejects.toBe(mine);
    expect(signature((await credential.authorize(request(), clock)).url)).toBe("three");
  });

  it("refuses what is no token before it is sent", async () => {
    const answers = ["<!doctype html>SECRET", undefined, token("good", 60)];
    const credential = sas(() => answers.shift() as string);
    const clock = stoppedClock(start);
    const end = async (): Promise<string> =>
      String(await Promise.resolve(credential.authorize(request(), clock)).catch((error: unknown) => error));
    for (const _ of [1, 2]) {
      const text = await end();
      expect(text).toMatch(/^TypeError: the SAS/);
      expect(text).not.toContain("SECRET");
    }
    expect(signature((await credential.authorize(request(), clock)).url)).toBe("good");
  });
});
