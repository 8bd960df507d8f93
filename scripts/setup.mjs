/**
 * Makes a clone ready to run: installs what the lock file names when it is not installed, bundles when a source has changed. Only `node:` builtins, since it
 * runs before anything is installed; when nothing has to be done it costs some milliseconds.
 *
 * `node scripts/setup.mjs` does both by hand.
 */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { fingerprint, isStale, markBuilt } from "./stamp.mjs";

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), "..");

/** The oldest Node that loads ES modules through `require` without a flag. */
const NODE_MIN = [20, 19];

/** Installs and builds what is missing. Prints one line for each thing that takes time; throws when one fails. */
export async function ensureReady({ build = true } = {}) {
  checkNode();
  ensureInstalled();
  if (build) await ensureBundled();
}

function checkNode() {
  const [major, minor] = process.versions.node.split(".").map(Number);
  const enough = major > NODE_MIN[0] || (major === NODE_MIN[0] && minor >= NODE_MIN[1]);
  if (!enough) throw new Error(`Volley needs Node ${NODE_MIN.join(".")} or later, this is ${process.versions.node}`);
}

export function ensureInstalled() {
  const reason = whyInstall();
  if (reason === undefined) return;
  console.error(`setup: installing (${reason})`);
  // npm is a script on Windows, so it needs a shell there; its arguments are constants.
  const done = spawnSync("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"], {
    cwd: ROOT,
    stdio: ["ignore", 2, 2],
    shell: process.platform === "win32",
  });
  if (done.error !== undefined) throw done.error;
  if (done.status !== 0) throw new Error(`npm ci ended with status ${done.status}`);
}

/** Compares the lock file with npm's own record of what it installed. Undefined when they agree. */
function whyInstall() {
  const recordPath = join(ROOT, "node_modules/.package-lock.json");
  if (!existsSync(recordPath)) return "nothing is installed";
  const wanted = JSON.parse(readFileSync(join(ROOT, "package-lock.json"), "utf8")).packages;
  const installed = JSON.parse(readFileSync(recordPath, "utf8")).packages;
  for (const [place, entry] of Object.entries(wanted)) {
    if (!place.startsWith("node_modules/") || entry.optional || entry.link) continue;
    if (installed[place]?.version !== entry.version)
      return `${place.slice("node_modules/".length)} is not as the lock file has it`;
  }
  return undefined;
}

async function ensureBundled() {
  if (!isStale("bundle")) return;
  const value = fingerprint("bundle");
  const { bundle } = await import("./bundle.mjs");
  const start = performance.now();
  const { built } = await bundle();
  if (built.length > 0) markBuilt("bundle", value);
  console.error(`setup: built in ${Math.round(performance.now() - start)} ms`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await ensureReady();
  console.error("setup: ready");
}
