/**
 * Playwright tests with an Azure Files account of their own: a fresh emulator on 127.0.0.1 for each test, under a fixed address where the
 * page cannot be told another one.
 *
 * Requests are not caught in the browser: bodies that pass through `context.route` arrive empty when they are streams. They go over a
 * socket to a server, as they would to the service.
 *
 * @module
 */
import { createHash } from "node:crypto";
import type { PlaywrightWorkerOptions, TestInfo, TestType } from "@playwright/test";
import { connect, sharedKey, type Connection } from "../index.js";
import { serviceSas } from "../auth/mint.js";
import { createEmulator, record, type AnsweredRequest, type Emulator, type EmulatorOptions } from "../simulation/index.js";
import { createIfMissing } from "../services/shares.js";
import { keyFingerprint, makeCertificate, type TestCertificate } from "./certificate.js";
import { serve, type Served, type ServedHttp } from "./serve.js";

export type { TestCertificate } from "./certificate.js";

/** What a test, a file or a project may want otherwise: `test.use({ azureFilesOptions: { … } })`. */
export interface AzureFilesOptions {
  /** How the emulator is set up; its `endpoint` follows from where it is served. @default an empty account */
  readonly emulator?: Omit<EmulatorOptions, "endpoint"> | undefined;
  /** Share that is there when the test begins. @default "test" */
  readonly share?: string | undefined;
  /** When what went over the wire is attached to the report, as `azure-files.har` with secrets removed. @default "failed" */
  readonly har?: "failed" | "always" | "never" | undefined;
}

/** What a token of `azureFiles.sas` is good for. */
export interface FixtureSasOptions {
  /** Letters, as `serviceSas` takes them. @default "rcwdl", for a single file "rcwd" */
  readonly permissions?: string | undefined;
  /** Path of a file, for a token that is good for this file only. @default the whole share */
  readonly path?: string | undefined;
  /** Another share. @default that of the options */
  readonly share?: string | undefined;
  /** How long it is good for, in milliseconds of the account's time. @default one hour */
  readonly lifetime?: number | undefined;
}

/** The account of one test. */
export interface AzureFiles {
  /** The account's address, as the page has to use it. */
  readonly endpoint: string;
  /** The share that is there. */
  readonly share: string;
  /** The emulator itself: `respond` scripts failures and delays, `setCors`, `openHandle` and `copies` do what their names say. */
  readonly emulator: Emulator;
  /** What the page asked, and what it was answered, the oldest first; the test's own requests through `connection` are not among it. */
  readonly requests: readonly AnsweredRequest[];
  /** The owner's connection to the share, to put things there and to look at what is there. It needs no network. */
  readonly connection: Connection;
  /** Mints a token for the page. */
  sas(options?: FixtureSasOptions): Promise<string>;
  /** Lets the account's time go on, so that tokens and leases run out. The page's own clock is Playwright's `page.clock`. */
  advance(milliseconds: number): void;
}

/** Fixtures for tests. */
export interface AzureFilesFixtures {
  /** Option: what a test wants otherwise. */
  azureFilesOptions: AzureFilesOptions;
  /** The account of this test. */
  azureFiles: AzureFiles;
}

/** Fixtures for workers: `use` of the configuration or of a file, not of a single test. */
export interface AzureFilesWorkerFixtures {
  /**
   * Option: the address where the page believes the account to be, such as `https://myaccount.file.core.windows.net`. The browser is started
   * so that it leads to the emulator; nothing leaves the machine. Chromium only. Launch options of your own go into the configuration: those of
   * `test.use` would take the place of these.
   *
   * @default an address on 127.0.0.1 that changes with each test
   */
  azureFilesEndpoint: string | undefined;
  /** Option: certificate for that address. @default one made by the optional peer `selfsigned`; the browser trusts it and no other */
  azureFilesCertificate: TestCertificate | undefined;
}

/** What the worker keeps for the tests that it runs: a server at a fixed address, or none. */
interface Mapped {
  readonly address: URL;
  readonly arguments: readonly string[];
  /** Who answers now. */
  served: Served | undefined;
}

interface InnerFixtures extends AzureFilesWorkerFixtures {
  azureFilesMapped: Mapped | undefined;
}

const HOUR = 3_600_000;

/** Nobody's test is running: what still comes is late, and gets no answer. */
const nobody: Served = { handle: async () => Response.error() };

/**
 * Extends a Playwright `test` with the fixture `azureFiles`.
 *
 * @param base - your own `test`, or that of `@playwright/test`
 * @example
 * import { test as base, expect } from "@playwright/test";
 * const test = azureFilesTest(base);
 * test("uploads", async ({ page, azureFiles }) => {
 *   await page.goto(`/?endpoint=${azureFiles.endpoint}&sas=${encodeURIComponent(await azureFiles.sas())}`);
 * });
 */
export function azureFilesTest<T extends object, W extends Pick<PlaywrightWorkerOptions, "launchOptions">>(
  base: TestType<T, W>,
): TestType<T & AzureFilesFixtures, W & AzureFilesWorkerFixtures> {
  // Playwright's types compute with the fixtures of `base`, which are not known here.
  const known = base as unknown as TestType<object, Pick<PlaywrightWorkerOptions, "launchOptions" | "browserName">>;
  const extended = known.extend<AzureFilesFixtures, InnerFixtures>({
    azureFilesEndpoint: [undefined, { scope: "worker", option: true }],
    azureFilesCertificate: [undefined, { scope: "worker", option: true }],
    azureFilesOptions: [{}, { option: true }],
    azureFilesMapped: [
      async ({ azureFilesEndpoint, azureFilesCertificate, browserName }, use) => {
        if (azureFilesEndpoint === undefined) return use(undefined);
        if (browserName !== "chromium") throw new Error(`azureFilesEndpoint needs Chromium: ${browserName} takes no rules for host names.`);
        const { mapped, server } = await serveAt(azureFilesEndpoint, azureFilesCertificate);
        await use(mapped);
        return server.close();
      },
      { scope: "worker", box: true },
    ],
    launchOptions: [
      async ({ launchOptions, azureFilesMapped }, use) =>
        use(
          azureFilesMapped
            ? { ...launchOptions, args: withArguments(launchOptions.args ?? [], azureFilesMapped.arguments) }
            : launchOptions,
        ),
      { scope: "worker", box: true },
    ],
    azureFiles: async ({ azureFilesOptions, azureFilesMapped }, use, testInfo) => {
      const { azureFiles, close } = await openAccount(azureFilesOptions, azureFilesMapped, testInfo);
      await use(azureFiles);
      await close();
    },
  });
  return extended as unknown as TestType<T & AzureFilesFixtures, W & AzureFilesWorkerFixtures>;
}

/** Serves whoever answers now, and says how a browser finds it under its fixed address. */
async function serveAt(endpoint: string, given: TestCertificate | undefined): Promise<{ mapped: Mapped; server: ServedHttp }> {
  // Not echoed: it may hold a SAS.
  if (!/^https?:\/\//i.test(endpoint) || !URL.canParse(endpoint)) throw new TypeError("azureFilesEndpoint is no URL with http: or https:");
  const address = new URL(endpoint);
  const tls = address.protocol === "https:" ? (given ?? (await makeCertificate(address.hostname))) : undefined;
  const server = await serve({ handle: (request, context) => (mapped.served ?? nobody).handle(request, context) }, { tls });
  const port = address.port === "" ? "" : `:${address.port}`;
  const mapped: Mapped = {
    address,
    arguments: [
      `--host-resolver-rules=MAP ${address.hostname}${port} 127.0.0.1:${server.port}`,
      // Narrower than `ignoreHTTPSErrors`: every other certificate is still checked.
      ...(tls ? [`--ignore-certificate-errors-spki-list=${keyFingerprint(tls.cert)}`] : []),
    ],
    served: undefined,
  };
  return { mapped, server };
}

/** Adds arguments of the form `--name=list` to those that are there; of two with one name Chromium reads only the last. */
function withArguments(there: readonly string[], added: readonly string[]): string[] {
  const result = [...there];
  for (const argument of added) {
    const [name = "", ...list] = argument.split("=");
    const index = result.findIndex((other) => other.startsWith(`${name}=`));
    if (index < 0) result.push(argument);
    else result[index] = `${result[index]},${list.join("=")}`;
  }
  return result;
}

/** Makes the account of one test, and what ends it. */
async function openAccount(
  { emulator: options = {}, share = "test", har = "failed" }: AzureFilesOptions,
  mapped: Mapped | undefined,
  testInfo: TestInfo,
): Promise<{ azureFiles: AzureFiles; close(): Promise<void> }> {
  const base = options.clock ?? Date;
  let later = 0;
  const now = (): number => base.now() + later;
  let served = nobody;
  const server = mapped ? undefined : await serve({ handle: (request, context) => served.handle(request, context) });
  const account = options.account ?? accountOf(mapped?.address);
  const endpoint = mapped ? mapped.address.href.replace(/\/$/, "") : `${server?.url}/${account}`;
  const emulator = createEmulator({
    md5: (bytes) => createHash("md5").update(bytes).digest(),
    ...options,
    account,
    endpoint,
    clock: { now },
  });
  // A look at what was asked, and not something to replay.
  const recording = record({ bodies: false });
  served = { handle: recording.handler(emulator.handle) };
  if (mapped) mapped.served = served;
  const { key } = emulator;
  const connection = connect({
    endpoint,
    share,
    fetch: (input, init) => emulator.handle(new Request(input, init), { direct: true }),
    credential: sharedKey({ account, key }),
    clock: { now, setTimeout: (callback, delay) => setTimeout(callback, delay), clearTimeout: (handle) => clearTimeout(handle as number) },
  });
  await createIfMissing(connection, {});
  return {
    azureFiles: {
      endpoint,
      share,
      emulator,
      get requests() {
        return emulator.requests;
      },
      connection,
      sas({ path, share: other = share, permissions = path === undefined ? "rcwdl" : "rcwd", lifetime = HOUR } = {}) {
        const protocol = endpoint.startsWith("https:") ? "https" : "https,http";
        return serviceSas({ account, key, share: other, path, permissions, expiresOn: new Date(now() + lifetime), protocol });
      },
      advance(milliseconds) {
        later += milliseconds;
      },
    },
    async close() {
      if (mapped) mapped.served = undefined;
      await server?.close();
      const failed = testInfo.status !== testInfo.expectedStatus;
      if (har === "always" || (har === "failed" && failed)) {
        await testInfo.attach("azure-files.har", { body: JSON.stringify(recording.har()), contentType: "application/json" });
      }
    },
  };
}

/** The account that an address names: the first label of a host of the service, else the first part of the path. */
function accountOf(address: URL | undefined): string {
  const host = address && /^([a-z0-9]+)\.file\./.exec(address.hostname)?.[1];
  return host ?? (address?.pathname.split("/")[1] || "devstoreaccount1");
}
