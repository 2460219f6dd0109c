/** The table of operations: the words that name each, what a SAS needs for it, and the code that does it. */
import type { OperationName } from "../../types/requests.js";
import type { Grant } from "./access.js";
import { directoryOperations } from "./directory-table.js";
import type { Exchange, Reply } from "./exchange.js";
import { fileOperations } from "./file-table.js";
import { serviceOperations } from "./service-table.js";
import { shareOperations } from "./share-table.js";

/** What a URL can address; a share's root directory is a directory, and an item is a directory or a file, whichever is there. */
export type Scope = "service" | "share" | "directory" | "file" | "item";

/** One row of the table. */
export interface Operation {
  readonly methods: readonly string[];
  readonly scope: Scope;
  readonly restype?: string;
  readonly comp?: string;
  /** Tells apart operations that share all their words. */
  readonly when?: (headers: Headers) => boolean;
  /** Query words it takes besides those that all take. */
  readonly query?: readonly string[];
  readonly grant: Grant;
  /** First service version that lets a bearer token do it. @default 2022-11-02 for directories and files, 2024-11-04 for others */
  readonly bearerSince?: string;
  readonly run: (exchange: Exchange) => Reply | Promise<Reply>;
}

/** All rows. A missing operation does not compile. */
export const operations: Readonly<Record<OperationName, Operation>> = {
  ...serviceOperations,
  ...shareOperations,
  ...directoryOperations,
  ...fileOperations,
};

/** The name of each row. */
export const operationNames: ReadonlyMap<Operation, OperationName> = /* @__PURE__ */ new Map(
  (Object.entries(operations) as [OperationName, Operation][]).map(([name, row]) => [row, name]),
);
