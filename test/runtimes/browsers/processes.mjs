// Programs that a browser run starts: each in a process group of its own, all of which ends with the run or with this process.
import { spawn } from "node:child_process";
import { setTimeout as delay } from "node:timers/promises";

const groups = new Set();
process.on("exit", () => {
  for (const group of groups) end(group, "SIGKILL");
});

function end(group, signal) {
  try {
    process.kill(-group, signal);
    return true;
  } catch {
    return false; // Nobody of the group is left.
  }
}

/**
 * Starts a program. `stop` asks its whole group to end, insists after two seconds and resolves when nobody is left.
 *
 * @param {string} program
 * @param {string[]} parameters
 * @param {import("node:child_process").SpawnOptions} [options]
 */
export function start(program, parameters, options = {}) {
  const child = spawn(program, parameters, { stdio: "ignore", detached: true, ...options });
  const failed = new Promise((_, reject) => {
    child.once("error", reject);
    child.once("exit", (code, signal) => reject(new Error(`${program} ended with ${signal ?? `code ${code}`}`)));
  });
  failed.catch(() => undefined);
  if (child.pid !== undefined) groups.add(child.pid);
  return {
    child,
    /** Rejects when the program is gone. */
    failed,
    async stop() {
      if (child.pid === undefined) return;
      for (let turn = 0; turn < 40 && end(child.pid, turn < 20 ? "SIGTERM" : "SIGKILL"); turn++) await delay(100);
      groups.delete(child.pid);
    },
  };
}
