/**
 * `npm start`: makes the clone ready and runs the main example, as `npx tsx examples/pagerank-wordnet.ts` would. Another example by name:
 * `npm start -- word-count`.
 */
import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { ensureReady } from "./setup.mjs";

const EXAMPLES = resolve(dirname(fileURLToPath(import.meta.url)), "../examples");
const name = process.argv[2] ?? "pagerank-wordnet";
const script = join(EXAMPLES, `${name}.ts`);
if (!/^[a-z0-9-]+$/.test(name) || !existsSync(script)) {
  console.error(`start: there is no examples/${name}.ts`);
  process.exit(1);
}
try {
  await ensureReady();
} catch (error) {
  console.error(`start: ${error.message}`);
  process.exit(1);
}
// The example runs in this process, as a script that a user starts: nothing stands between it and the terminal.
// Node strips types by itself from 22.18 on.
if (!process.features.typescript) {
  const { register } = await import("node:module");
  register("./typescript-hook.mjs", import.meta.url);
  process.setSourceMapsEnabled(true);
}
process.argv.splice(1, 2, script);
await import(script);
