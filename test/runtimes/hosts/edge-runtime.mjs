// Run by Node: the conformance cases inside Vercel's edge-runtime. Parameters are the bundle and, for HTTP, the account; the last line has
// what was found, as JSON.
import { readFileSync } from "node:fs";
import { engineVersion, importEngine } from "../engines.mjs";

const [bundle, account] = process.argv.slice(2);
const { EdgeRuntime } = await importEngine("edge-runtime");
const runtime = new EdgeRuntime({ initialCode: readFileSync(bundle, "utf8") });
const found = await runtime.evaluate(`${account ? `places.overHttp(${account})` : "places.inProcess()"}.then(JSON.stringify)`);
process.stdout.write(`${JSON.stringify({ version: engineVersion("edge-runtime"), outcomes: JSON.parse(found) })}\n`, () => process.exit(0));
