/**
 * Microsoft's own client before the emulator over HTTP, and the frame in which its methods are told: one story for each, counted by
 * reflection, so that a method that a newer client brings is missed here first.
 */
import {
  newPipeline,
  RestError,
  type ShareClient,
  type ShareFileClient,
  ShareServiceClient,
  StorageSharedKeyCredential,
} from "@azure/storage-file-share";
import { describe, expect, it, vi } from "vitest";
import { serve } from "../../src/node/index.js";
import { createEmulator, type Emulator } from "../../src/simulation/index.js";
import { hostAddress, inProcess } from "./in-process.js";

/** An account, its server, and the official client for it. */
export interface Official {
  readonly emulator: Emulator;
  readonly credential: StorageSharedKeyCredential;
  readonly service: ShareServiceClient;
  /** The same account at an address of the real form: the official client's renames lose the account of an address whose path names it. */
  readonly byHost: ShareServiceClient;
  /** The address of the account. */
  readonly endpoint: string;
  /** A new share, made. */
  newShare(options?: Parameters<ShareClient["create"]>[0]): Promise<ShareClient>;
  /** A new file in a new share, with bytes in it. */
  newFile(size?: number): Promise<ShareFileClient>;
  close(): Promise<void>;
}

/** How often the official client tries. */
export const onlyOnce = { retryOptions: { maxTries: 1 } } as const;

/** Bytes that differ from place to place. */
export const bytesOf = (size: number): Buffer =>
  Buffer.from(Uint8Array.from({ length: size }, (_, index) => (index * 31 + (index >> 8)) & 255));

/** Starts a server of its own. */
export async function startOfficial(): Promise<Official> {
  const emulator = createEmulator({ softDeleteDays: 7 });
  const server = await serve(emulator);
  const endpoint = `${server.url}/${emulator.account}`;
  const credential = new StorageSharedKeyCredential(emulator.account, emulator.key);
  const service = new ShareServiceClient(endpoint, newPipeline(credential, onlyOnce));
  let last = 0;
  const newShare: Official["newShare"] = async (options) => {
    const share = service.getShareClient(`official-${++last}`);
    await share.create(options);
    return share;
  };
  return {
    emulator,
    credential,
    service,
    byHost: new ShareServiceClient(hostAddress(emulator), newPipeline(credential, { ...onlyOnce, httpClient: inProcess(emulator) })),
    endpoint,
    newShare,
    newFile: async (size = 2000) => {
      const file = (await newShare()).rootDirectoryClient.getFileClient("file.bin");
      await file.uploadData(bytesOf(size));
      return file;
    },
    close: () => server.close(),
  };
}

/** All that an iterator gives. */
export async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

/** Names of what an iterator gives. */
export const names = async (items: AsyncIterable<{ readonly name: string }>): Promise<string[]> =>
  (await all(items)).map(({ name }) => name);

/** Status and code of the refusal that a call must end with. */
export async function refused(work: Promise<unknown>): Promise<{ status: number | undefined; code: string | undefined }> {
  const error: unknown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(RestError);
  const { statusCode, details, code } = error as RestError & { details?: { errorCode?: string } };
  return { status: statusCode, code: details?.errorCode ?? code };
}

/** The words of a signed address. */
export const wordsOf = (url: string): Record<string, string> => Object.fromEntries(new URL(url).searchParams);

/** Methods, and what calling them does; a method that another one calls is told with it. */
export type Stories = readonly (readonly [methods: string, tell: () => Promise<void>])[];

/** A method or a getter that can be watched. */
function watch(prototype: object, name: string): () => boolean {
  const descriptor = Object.getOwnPropertyDescriptor(prototype, name);
  const spy = descriptor?.get
    ? vi.spyOn(prototype as Record<string, unknown>, name, "get")
    : vi.spyOn(prototype as Record<string, () => void>, name);
  return () => spy.mock.calls.length > 0;
}

/** Tells the stories of a class, each of which must call its methods, and demands that no method is left out but those named. */
export function tellOf(
  client: { readonly name: string; readonly prototype: object },
  stories: Stories,
  untold: readonly string[] = [],
): void {
  describe(`${client.name} of the official client`, () => {
    for (const [methods, tell] of stories) {
      it(methods, async () => {
        const called = methods.split(" ").map((name) => [name, watch(client.prototype, name)] as const);
        await tell();
        expect(called.filter(([, wasCalled]) => !wasCalled()).map(([name]) => name)).toEqual([]);
        vi.restoreAllMocks();
      });
    }

    it("has no other methods", () => {
      const told = stories.flatMap(([methods]) => methods.split(" "));
      const own = Object.getOwnPropertyNames(client.prototype).filter((name) => name !== "constructor");
      expect([...told, ...untold].toSorted()).toEqual(own.toSorted());
    });
  });
}
