/**
 * The XML parser, loaded with the first document that wants it: listings, the frequent documents, are read without. The package's `imports`
 * have this file under the condition `node`, where loading it would be a quarter of the client's start.
 */
import type { XMLParser } from "fast-xml-parser";

/** The parser's class. */
export const xmlParser = async (): Promise<typeof XMLParser> => (await import("fast-xml-parser")).XMLParser;
