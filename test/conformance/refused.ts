/** Cases of what is refused before the network, from a table. */
import type { Connection } from "azure-files";
import type { Case } from "./case.js";
import { equal, ok, rejects } from "./check.js";
import { watching } from "./wire.js";

/** What is wrong, a call that says it, and what that has to throw. */
export type Row = readonly [what: string, call: (connection: Connection) => unknown, error: "TypeError" | "RangeError", message?: RegExp];

/** Stands in rows for what no error may tell. */
export const SECRET = "c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0";

/** A case for each row: the error is of the right class, says what is wrong, tells no secret, and nothing was sent. */
export const refused = (rows: readonly Row[]): readonly Case[] =>
  rows.map(([what, call, name, message]) => ({
    name: `${what} is refused before the network`,
    async run(context) {
      const wire = watching();
      const connection = context.connect({ share: "never-made", middleware: [wire.middleware] });
      const error = await rejects(async () => call(connection), { name, ...(message === undefined ? {} : { message }) });
      equal(wire.count(), 0, "requests");
      ok(!`${error.message} ${error.stack?.split("\n")[0]} ${JSON.stringify(error)}`.includes(SECRET), "no secret in the error");
    },
  }));
