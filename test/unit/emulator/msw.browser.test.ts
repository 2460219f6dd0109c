/** Mock Service Worker in a page. */
import { setupWorker } from "msw/browser";
import { afterAll, beforeAll, describe } from "vitest";
import { mswStories } from "./msw-stories.js";

const worker = setupWorker();
beforeAll(() => worker.start({ onUnhandledFrame: "bypass", quiet: true, serviceWorker: { url: "/mockServiceWorker.js" } }));
afterAll(() => worker.stop());

describe("mswHandlers in a page", () =>
  mswStories(
    (handlers) => worker.resetHandlers(...handlers),
    () => location.href,
  ));
