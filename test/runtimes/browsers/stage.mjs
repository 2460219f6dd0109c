/**
 * Where the conformance cases run in a browser. One script for every place: the page itself, a worker that it starts and a service worker
 * that it registers. A page is told in its address what to do and reports to the server that it came from.
 */

/** Runs the cases in one place. What is thrown past all of them, a promise that rejects and has nobody to tell it to, has failed, too. */
async function perform({ inProcess, overHttp }, { over, account }) {
  const lost = [];
  addEventListener("error", ({ message }) => lost.push(message));
  addEventListener("unhandledrejection", ({ reason }) => lost.push(String(reason?.stack ?? reason)));
  const outcomes = await (over === "HTTP" ? overHttp(account) : inProcess());
  const name = "nothing is thrown where nobody catches it";
  return lost.length === 0 ? outcomes : [...outcomes, { name, result: "failed", error: lost.join("\n") }];
}

/** Has a worker or a service worker perform, and resolves to its answer. */
function ask(worker, scene) {
  return new Promise((resolve, reject) => {
    const { port1, port2 } = new MessageChannel();
    port1.addEventListener("message", ({ data }) => resolve(data));
    port1.start();
    worker.addEventListener("error", ({ message }) => reject(new Error(message || "the worker does not load")));
    worker.postMessage(scene, [port2]);
  });
}

/** A service worker of this page's own script, once it is active. */
async function serviceWorker() {
  const { serviceWorker: container } = navigator;
  const { installing, waiting, active } = await container.register(import.meta.url, { type: "module" });
  const worker = installing ?? waiting ?? active;
  if (worker.state !== "activated") {
    await new Promise((resolve, reject) => {
      worker.addEventListener("statechange", () => {
        if (worker.state === "activated") resolve();
        if (worker.state === "redundant") reject(new Error("the service worker is refused"));
      });
    });
  }
  return worker;
}

/** What a page does. */
async function act(tools) {
  const address = new URL(location.href);
  const scene = { over: address.searchParams.get("over"), account: await (await fetch("/account")).json() };
  const places = {
    page: () => perform(tools, scene),
    worker: () => ask(new Worker(import.meta.url, { type: "module" }), scene),
    "service worker": async () => ask(await serviceWorker(), scene),
  };
  const report = await places[address.searchParams.get("place")]().catch((error) => ({ broken: String(error) }));
  await fetch(`/report?run=${address.searchParams.get("run")}`, { method: "POST", body: JSON.stringify(report) });
}

/** Performs for the page that asks. */
function answer(tools, event) {
  const done = perform(tools, event.data)
    .catch((error) => ({ broken: String(error) }))
    .then((report) => event.ports[0].postMessage(report));
  // A service worker may be stopped once it has nothing left to wait for.
  event.waitUntil?.(done);
}

/** Begins, wherever this is. */
export function begin(tools) {
  if (typeof document === "object") void act(tools);
  else addEventListener("message", (event) => answer(tools, event));
}
