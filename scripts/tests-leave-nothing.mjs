/**
 * vitest's global set-up: the run gets a temporary folder of its own, and what lies there or still runs there when the tests are over fails the run. So no test helper, and no
 * part of Volley, can begin to leave files or processes behind unnoticed.
 */
import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Processes that are ending have this long to do so. */
const PATIENCE_MS = 3_000;

/** tsx keeps what it compiled for its next run, newer Nodes what tools ask them to keep so. */
const KEPT_BY_TOOLS = /^(tsx-\d+|node-compile-cache)(\/|$)/;

export default function setup() {
  const before = process.env.TMPDIR;
  removeFoldersOfTheDead(tmpdir());
  const folder = mkdtempSync(join(tmpdir(), `volley-tests-${process.pid}-`));
  process.env.TMPDIR = folder;
  return async () => {
    if (before === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = before;
    const processes = await processesLeft(folder);
    const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter(
      (path) => !KEPT_BY_TOOLS.test(path),
    );
    rmSync(folder, { recursive: true, force: true });
    if (files.length === 0 && processes.length === 0) return;
    // vitest prints the error of a teardown and ends with success all the same.
    process.exitCode = 1;
    throw new Error(`the tests left behind:\n${[...processes, ...files.map((path) => `file ${path}`)].join("\n")}`);
  };
}

/** A run that was killed had no teardown. */
function removeFoldersOfTheDead(parent) {
  for (const name of readdirSync(parent)) {
    const pid = /^volley-tests-(\d+)-/.exec(name)?.[1];
    if (pid !== undefined && !isAlive(Number(pid))) rmSync(join(parent, name), { recursive: true, force: true });
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}

/** Whatever was started with this temporary folder: executors inherit it, the scripts that tests run have one inside it. */
async function processesLeft(folder) {
  if (process.platform !== "linux") return [];
  const until = performance.now() + PATIENCE_MS;
  for (;;) {
    const left = readdirSync("/proc").flatMap((name) => describe(name, folder));
    if (left.length === 0 || performance.now() > until) return left;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function describe(name, folder) {
  if (!/^\d+$/.test(name) || Number(name) === process.pid) return [];
  try {
    const environment = readFileSync(`/proc/${name}/environ`, "latin1").split("\0");
    if (!environment.some((entry) => entry.startsWith(`TMPDIR=${folder}`))) return [];
    // Those of the test runner itself are ended by it, and a zombie has no program.
    readlinkSync(`/proc/${name}/exe`);
    const command = readFileSync(`/proc/${name}/cmdline`, "latin1").split("\0").join(" ").trim();
    return /\b(vitest|esbuild)\b/.test(command) ? [] : [`process ${name}: ${command}`];
  } catch {
    // It ended meanwhile, or is another user's.
    return [];
  }
}
