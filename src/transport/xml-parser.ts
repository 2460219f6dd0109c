/** The XML parser, as a part of whatever imports it. */
import { XMLParser } from "fast-xml-parser";

/** The parser's class. */
export const xmlParser = (): Promise<typeof XMLParser> => Promise.resolve(XMLParser);
