// A page's tests with MSW, in the page and on Node. Compiled, never run.
import { setupWorker } from "msw/browser";
import { setupServer } from "msw/node";
import { mswHandlers } from "azure-files/msw";
import { createEmulator } from "azure-files/simulation";

export function listen(): void {
  const emulator = createEmulator();
  setupServer(...mswHandlers(emulator)).listen();
  void setupWorker(...mswHandlers(emulator, { respond: (_request, answer) => answer() }));
  // @ts-expect-error an address is no emulator
  mswHandlers(emulator.endpoint);
}
