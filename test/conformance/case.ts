/** The form of a case, and a share of its own for each. */
import type { Connection } from "azure-files";
import * as shares from "azure-files/shares";
import type { Capability, Context } from "./context.js";
import { type Wire, watching } from "./wire.js";

/** One fact about client and service together. */
export interface Case {
  readonly name: string;
  /** What the place must be able to do. */
  readonly needs?: readonly Capability[];
  /** Rejects where the fact does not hold. */
  run(context: Context): Promise<void>;
}

/** A share of a case's own. */
export interface Space extends Context {
  readonly share: string;
  /** The owner's connection to the share, watched by `wire`. */
  readonly connection: Connection;
  readonly wire: Wire;
}

/** A case with a share of its own, which is gone afterwards. */
export function inShare(name: string, body: (space: Space) => Promise<void>, needs: readonly Capability[] = []): Case {
  return {
    name,
    needs,
    async run(context) {
      const share = context.newShareName(name);
      const wire = watching();
      const connection = context.connect({ share, middleware: [wire.middleware] });
      await shares.create(connection);
      wire.clear();
      try {
        await body({ ...context, share, connection, wire });
      } finally {
        await shares.delete(context.connect({ share }), { deleteSnapshots: "include-leased" }).catch(() => undefined);
      }
    },
  };
}
