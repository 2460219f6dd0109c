// The emulator in a process of its own, as `npx azure-files emulator` starts it: rates and memory of ours are then ours alone.
import { createServer } from "node:net";
import { startNode } from "./run.mjs";

const START_MILLISECONDS = 30_000;

/** Starts the built program on this port, or on a free one where that is taken; resolves to its endpoint and account key. */
export async function startEmulator(port = 0) {
  const child = startNode(["dist/node/cli.js", "emulator", "--port", String((await isFree(port)) ? port : 0)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const text = await new Promise((resolve, reject) => {
    let said = "";
    const late = setTimeout(() => reject(new Error("The emulator does not start")), START_MILLISECONDS);
    child.once("exit", (code) => reject(new Error(`The emulator ended with code ${code}`)));
    child.stdout.setEncoding("utf8").on("data", (piece) => {
      said += piece;
      if (!said.includes("Ctrl-C")) return;
      clearTimeout(late);
      resolve(said);
    });
  });
  const [, account, key, endpoint] = /AccountName=([^;]+);AccountKey=([^;]+);FileEndpoint=([^;]+);/.exec(text) ?? [];
  if (endpoint === undefined) throw new Error("The emulator does not say where it is");
  return { account, key, endpoint, child };
}

function isFree(port) {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", () => resolve(false));
    probe.listen({ port, host: "127.0.0.1" }, () => probe.close(() => resolve(true)));
  });
}
