/** Runs tasks a few at a time. */

/** Takes a task and runs it when there is room. */
export type Limit = <T>(task: () => Promise<T>) => Promise<T>;

/** A limit of `most` tasks at once, first come, first served. */
export function limit(most: number): Limit {
  const waiting: (() => void)[] = [];
  let running = 0;
  return async (task) => {
    if (running >= most) await new Promise<void>((go) => waiting.push(go));
    else running++;
    try {
      return await task();
    } finally {
      // The place goes straight to the next in line, so that nobody can slip in between.
      const next = waiting.shift();
      if (next) next();
      else running--;
    }
  };
}
