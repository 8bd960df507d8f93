/**
 * `node scripts/run-tool.mjs <tool> [arguments]`: runs a tool of the workspace (vitest, biome, tsc, tsx) after making the clone ready, so that every npm script
 * works on a fresh clone. The tool's exit status and signals pass through.
 */
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { ensureReady } from "./setup.mjs";

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), "..");

/** The package that a tool's command lies in. */
const TOOLS = { vitest: "vitest", biome: "@biomejs/biome", tsc: "typescript", tsx: "tsx" };

/** Tools that read sources only need no bundle; vitest's own set-up bundles. */
const NEEDS_BUNDLE = new Set(["tsx"]);

const [tool, ...args] = process.argv.slice(2);
const owner = TOOLS[tool];
if (owner === undefined) throw new Error(`no tool "${tool}"; there are ${Object.keys(TOOLS).join(", ")}`);
await ensureReady({ build: NEEDS_BUNDLE.has(tool) });
await run(commandOf(owner, tool), args);

function commandOf(name, command) {
  const folder = join(ROOT, "node_modules", name);
  const { bin } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  return join(folder, typeof bin === "string" ? bin : bin[command]);
}

async function run(command, argv) {
  const child = spawn(process.execPath, [command, ...argv], { stdio: "inherit", cwd: ROOT });
  // The terminal sends Ctrl-C to the whole group: this process waits for the child to end in its own way.
  for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => signal === "SIGTERM" && child.kill(signal));
  const [status, signal] = await new Promise((done, fail) => {
    child.on("error", fail);
    child.on("exit", (code, name) => done([code, name]));
  });
  if (signal !== null) {
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  }
  process.exitCode = status ?? 1;
}
