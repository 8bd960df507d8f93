/**
 * `node scripts/run-tool.mjs <tool> [arguments]`: runs a tool of the workspace after making the clone ready, so that every npm script works on a fresh clone.
 * The tool's exit status passes through.
 */
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { ensureReady } from "./setup.mjs";

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), "..");

/**
 * How each tool is started, and whether it needs the bundles. `run` starts a TypeScript file against the built packages, as a user's script would;
 * `run-source` against the sources, for tools about the code itself.
 */
const TOOLS = {
  vitest: { start: () => [commandOf("vitest", "vitest")], bundle: false },
  biome: { start: () => [commandOf("@biomejs/biome", "biome")], bundle: false },
  tsc: { start: () => [commandOf("typescript", "tsc")], bundle: false },
  run: { start: () => ["--import", "tsx"], bundle: true },
  "run-source": { start: () => ["--conditions=volley-source", "--import", "tsx"], bundle: false },
};

const [name, ...args] = process.argv.slice(2);
const tool = TOOLS[name];
if (tool === undefined) throw new Error(`no tool "${name}"; there are ${Object.keys(TOOLS).join(", ")}`);
await ensureReady({ build: tool.bundle });
process.exitCode = await run([...tool.start(), ...args]);

function commandOf(owner, command) {
  const folder = join(ROOT, "node_modules", owner);
  const { bin } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  return join(folder, typeof bin === "string" ? bin : bin[command]);
}

/** Resolves with the exit status. Ctrl-C reaches the whole process group: this process waits until the tool has ended in its own way. */
async function run(argv) {
  const child = spawn(process.execPath, argv, { stdio: "inherit", cwd: ROOT });
  process.on("SIGINT", () => {});
  process.on("SIGTERM", () => child.kill("SIGTERM"));
  return new Promise((done, fail) => {
    child.on("error", fail);
    // 128 and the signal's number is what a shell reports; 1 is enough for npm.
    child.on("exit", (status) => done(status ?? 1));
  });
}
