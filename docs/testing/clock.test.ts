/** Time: the emulator's clock is the test's, so leases and tokens run out when the test says so, and nobody waits. */
import { connect, sas, sharedKey } from "azure-files";
import { write } from "azure-files/files";
import { acquire } from "azure-files/leases";
import { serviceSas } from "azure-files/sas";
import { create as createShare } from "azure-files/shares";
import { createEmulator, type Emulator } from "azure-files/simulation";
import { download } from "azure-files/streaming";
import { beforeEach, expect, test } from "vitest";

let now = Date.parse("2026-10-01T12:00:00Z");
const pass = (seconds: number): void => void (now += seconds * 1000);
/** The client signs with this time and asks for new tokens by it; its timers stay real ones. */
const clock = {
  now: () => now,
  setTimeout: (callback: () => void, delay: number) => setTimeout(callback, delay),
  clearTimeout: (handle: unknown) => clearTimeout(handle as number),
};
let emulator: Emulator;

beforeEach(() => {
  emulator = createEmulator({ clock });
});

test("a lease of a share ends when its time is over", async () => {
  const { endpoint, fetch } = emulator;
  const connection = connect({ endpoint, fetch, share: "reports", credential: sharedKey(emulator), clock });
  await createShare(connection);
  await acquire(connection, { duration: 15 });
  pass(14);
  await expect(acquire(connection, { duration: 15 })).rejects.toMatchObject({ code: "LeaseAlreadyPresent" });
  pass(2);
  await acquire(connection, { duration: 15 });
});

test("a token runs out: one that is fixed is refused, and one that is asked for is renewed before", async () => {
  const { endpoint, fetch, account, key } = emulator;
  const owner = connect({ endpoint, fetch, share: "reports", credential: sharedKey(emulator), clock });
  await createShare(owner);
  await write(owner, { path: "a.txt", body: "All is well." });
  let issued = 0;
  const token = (): Promise<string> => {
    issued += 1;
    const [startsOn, expiresOn] = [new Date(now), new Date(now + 60_000)];
    return serviceSas({ account, key, share: "reports", permissions: "r", startsOn, expiresOn, protocol: "https,http" });
  };
  const fixed = connect({ endpoint, fetch, share: "reports", credential: sas(await token()), clock, retry: false });
  const renewed = connect({ endpoint, fetch, share: "reports", credential: sas(token), clock });

  for (const connection of [fixed, renewed]) expect(await (await download(connection, { path: "a.txt" })).text()).toBe("All is well.");
  pass(61);
  await expect(download(fixed, { path: "a.txt" })).rejects.toMatchObject({ code: "AuthenticationFailed" });
  expect(await (await download(renewed, { path: "a.txt" })).text()).toBe("All is well.");
  expect(issued).toBe(3);
});
