/**
 * The stage of each story: an account of its own, the built demo in front of it, and a folder for files.
 *
 * Stories run in several ways, each a project of `playwright.config.ts`: against an emulator that the fixture of `azure-files/playwright`
 * serves, or one inside the page, behind a service worker or called in place of `fetch`, or with answers from a recording of the story. What a
 * story says of the page is the same.
 */
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { test as base, expect } from "@playwright/test";
import type {
  FileChooser,
  Locator,
  Page,
  PlaywrightTestArgs,
  PlaywrightTestOptions,
  PlaywrightWorkerArgs,
  PlaywrightWorkerOptions,
  TestType,
} from "@playwright/test";
import { azureFilesTest, type AzureFiles, type AzureFilesFixtures, type AzureFilesWorkerFixtures } from "azure-files/playwright";
import { loadHar, saveHar, serve } from "azure-files/node";
import { serviceSas } from "azure-files/sas";
import { record, replay, type CorsRule, type Emulator } from "azure-files/simulation";
import { preview } from "vite";
import { sasEndpoint } from "../demo/server/sas-endpoint.js";
import { PAGE_PERMISSIONS } from "../demo/server/settings.js";
import { hashFile, hashUrl } from "./content.js";

const ROOT = fileURLToPath(new URL("../demo", import.meta.url));
const SHARE = "demo";

/**
 * Marks stories that can be recorded and replayed: what they ask for follows from what the user does, and not from chance, a clock, or what
 * another tab is at. What they put into the share they put there through the endpoint of their stage.
 */
export const replayable: { tag: string[] } = { tag: ["@replayable"] };

/** Marks those of them that need nothing of the account but what a page sees of it: they run in every way. */
export const anywhere: { tag: string[] } = { tag: ["@anywhere", "@replayable"] };

/** Where the account of a story is. */
export type Way = "fixture" | "msw" | "in-process" | "record" | "replay";

/** What is added to the page's address in each way. */
const QUERY: Readonly<Record<Way, string>> = {
  fixture: "",
  msw: "?emulator=page",
  "in-process": "?emulator=direct",
  record: "",
  replay: "",
};

/** What a story may want otherwise. */
export interface StageOptions {
  /** Permission letters of the SAS that the page gets. */
  permissions?: string;
  /** The account's CORS rules, in place of the emulator's own. */
  cors?: readonly CorsRule[];
  /** Runs before the share answers a request; it can hold it up, and answer in its place. */
  before?(request: Request): Promise<Response | void> | Response | void;
}

/** A running stage. */
export interface Stage {
  readonly emulator: Emulator;
  /** Address of the page. */
  readonly url: string;
  /** Address of the account, on HTTP. */
  readonly endpoint: string;
  /** A read-only link to a file of the share, minted here and not by the demo. */
  link(path: string): Promise<string>;
  /** SHA-256 of a file in the share, in hex. An account inside the page is asked through the page, whose listing has to show the file. */
  hash(page: Page, path: string): Promise<string>;
}

interface Fixtures {
  /** Option: where the account is. */
  way: Way;
  /** Starts a stage; it ends with the story. */
  stage(options?: StageOptions): Promise<Stage>;
  /** A folder that goes with the story. */
  folder: string;
}

type StoryTest = TestType<
  PlaywrightTestArgs & PlaywrightTestOptions & AzureFilesFixtures & Fixtures,
  PlaywrightWorkerArgs & PlaywrightWorkerOptions & AzureFilesWorkerFixtures
>;

/** Puts a recorder before the fixture's account, or a recording in its place; answers where that is, and what ends it. */
async function openTape(
  way: "record" | "replay",
  { emulator }: AzureFiles,
  title: string,
): Promise<{ endpoint: string; silence(): Promise<void>; close(): Promise<void> }> {
  const file = fileURLToPath(new URL(`../out/stories/${title.replaceAll(/\W+/g, "-")}/story.har`, import.meta.url));
  const recording = record();
  let handle: (request: Request) => Promise<Response> = recording.handler(emulator.handle);
  if (way === "replay") {
    const { har, options } = await loadHar(file);
    handle = replay(har, options).fetch();
  }
  const errors: unknown[] = [];
  let [underWay, heardAt] = [0, performance.now()];
  const heard = async (request: Request): Promise<Response> => {
    underWay++;
    return handle(request).finally(() => {
      underWay--;
      heardAt = performance.now();
    });
  };
  const server = await serve({ handle: heard }, { onError: (error) => errors.push(error) });
  return {
    endpoint: `${server.url}/${emulator.account}`,
    /** Resolves when nothing was asked for half a second, or after ten: a page may ask for ever. */
    async silence() {
      for (const end = performance.now() + 10_000; performance.now() < end; await delay(50)) {
        if (underWay === 0 && performance.now() - heardAt > 500) return;
      }
    },
    async close() {
      await server.close();
      expect(errors).toEqual([]);
      if (way === "record") await saveHar(file, recording);
      else expect(emulator.requests, "the emulator was not asked").toEqual([]);
    },
  };
}

async function openStage(account: AzureFiles, way: Way, title: string, options: StageOptions): Promise<Stage & { close(): Promise<void> }> {
  const tape = way === "record" || way === "replay" ? await openTape(way, account, title) : undefined;
  const stage = await openPageServer({ ...account, endpoint: tape?.endpoint ?? account.endpoint }, way, options);
  return {
    ...stage,
    async close() {
      // A question that is still on its way is not in the recording, and would be asked in vain another time.
      if (way === "record") await tape?.silence();
      await stage.close();
      await tape?.close();
    },
  };
}

async function openPageServer(
  { endpoint, emulator }: Pick<AzureFiles, "endpoint" | "emulator">,
  way: Way,
  { permissions = PAGE_PERMISSIONS, cors, before }: StageOptions,
): Promise<Stage & { close(): Promise<void> }> {
  if (!existsSync(join(ROOT, "dist/index.html"))) throw new Error("The demo is not built: `npx vite build demo` comes first.");
  const { account, key } = emulator;
  if (cors) emulator.setCors(cors);
  if (before) {
    const held = async (request: Request, answer: () => Promise<Response>): Promise<Response> => {
      return (await before(request)) ?? answer();
    };
    emulator.respond("*", held, { times: Number.POSITIVE_INFINITY });
  }
  const page = await preview({
    configFile: false,
    root: ROOT,
    logLevel: "warn",
    preview: { host: "127.0.0.1", port: 0 },
    plugins: [sasEndpoint({ endpoint, account, key, share: SHARE, permissions })],
  });
  const url = page.resolvedUrls?.local[0];
  if (url === undefined) throw new Error("The preview server has no address.");
  const link: Stage["link"] = async (path) => {
    const expiresOn = new Date(Date.now() + 600_000);
    const token = await serviceSas({ account, key, share: SHARE, path, permissions: "r", expiresOn, protocol: "https,http" });
    return `${endpoint}/${SHARE}/${path.split("/").map(encodeURIComponent).join("/")}?${token}`;
  };
  return {
    emulator,
    url: `${url}${QUERY[way]}`,
    endpoint,
    link,
    async hash(page, path) {
      if (way !== "msw" && way !== "in-process") return (await hashUrl(await link(path))).sha256;
      const download = page.waitForEvent("download");
      await page.getByRole("button", { name: `Download ${path.split("/").at(-1)}`, exact: true }).click();
      return hashFile(await (await download).path());
    },
    close: () => page.close(),
  };
}

export const test: StoryTest = azureFilesTest(base).extend<Fixtures>({
  azureFilesOptions: { share: SHARE },
  way: ["fixture", { option: true }],
  stage: async ({ azureFiles, way, page }, use, { title }) => {
    // Asked for, so that it is there as long as the stage is.
    void page;
    const open: { close(): Promise<void> }[] = [];
    await use(async (options = {}) => {
      const stage = await openStage(azureFiles, way, title, options);
      open.push(stage);
      return stage;
    });
    for (const stage of open) await stage.close();
  },
  // Playwright reads from the pattern which other fixtures this one needs: none.
  // oxlint-disable-next-line no-empty-pattern
  folder: async ({}, use) => {
    const folder = await mkdtemp(join(tmpdir(), "azure-files-e2e-"));
    await use(folder);
    await rm(folder, { recursive: true, force: true });
  },
});

/** Holds a request until the page lets go of it, and then loses it: what has come of its body must not be written after all. */
export async function lost({ signal }: Request): Promise<Response> {
  await new Promise((resolve) => signal.addEventListener("abort", resolve));
  return Response.error();
}

/** The line of a file in the queue. */
export const transfer = (page: Page, name: string): Locator =>
  page.getByRole("list", { name: "Transfers" }).getByRole("listitem").filter({ hasText: name });

/** The line of an entry in the listing. */
export const entry = (page: Page, name: string): Locator =>
  page.getByRole("row").filter({ has: page.getByRole("rowheader", { name, exact: true }) });

/** Waits for the browser's dialog from now on. Must be awaited before the key or click that opens it: the browser is told to hand it over. */
export async function expectChooser(page: Page): Promise<{ chooser: Promise<FileChooser> }> {
  const chooser = page.waitForEvent("filechooser");
  // Playwright asks the browser for the dialog without waiting for its answer, and a key press can be faster. One round trip settles it.
  await page.evaluate(() => undefined);
  return { chooser };
}

/** Chooses files, or a folder, through the browser's own dialog. */
export async function choose(page: Page, button: "Choose files" | "Choose a folder", paths: string | string[]): Promise<void> {
  const { chooser } = await expectChooser(page);
  await page.getByRole("button", { name: button }).click();
  await (await chooser).setFiles(paths);
}

/** Opens the page and waits until it works with its share. */
export async function openPage(page: Page, url: string): Promise<void> {
  await page.goto(url);
  await expect(page.getByText("This page holds a SAS")).toBeVisible();
}

export { expect };
