/**
 * A script as a user would run it, in a process of its own with a temporary folder of its own: what it prints line by line, which executors it has, and
 * what of it is left when it is over.
 */

import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

/** The built front door: what users import. */
export const FRONT_DOOR = fileURLToPath(new URL("../../packages/volley/dist/index.js", import.meta.url));

/** Bundles a script of ours so that plain Node runs it against the built front door. */
export async function bundleScript(source: string, target: string): Promise<void> {
  await build({
    entryPoints: [source],
    outfile: target,
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node20",
    sourcemap: true,
    logLevel: "silent",
    conditions: ["volley-source"],
    plugins: [
      {
        name: "front-door",
        setup: ({ onResolve }) => onResolve({ filter: /^volley$/ }, () => ({ path: FRONT_DOOR, external: true })),
      },
    ],
  });
}

export interface ScriptEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly lines: readonly string[];
  readonly stderr: string;
  /** It did not end by itself in time and was killed. */
  readonly hung: boolean;
  readonly tookMs: number;
  /** From the end of the script's own process to that of its last executor. */
  readonly lingeredMs: number;
}

export class ScriptProcess {
  readonly child: ChildProcess;
  readonly temporary: string;
  readonly ended: Promise<ScriptEnd>;

  /** `folder` must exist; what the script leaves in `folder/tmp` is asked of `left()`. */
  constructor(script: string, args: readonly string[], folder: string, limitMs: number, heard: (line: string) => void) {
    this.temporary = `${folder}/tmp`;
    mkdirSync(this.temporary);
    const startedAt = performance.now();
    const child = spawn(process.execPath, [script, ...args], {
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, TMPDIR: this.temporary },
    });
    this.child = child;
    const lines: string[] = [];
    let stderr = "";
    let hung = false;
    createInterface({ input: child.stdout }).on("line", (line) => {
      lines.push(line);
      heard(line);
    });
    child.stderr.on("data", (chunk: Buffer) => {
      stderr += chunk.toString();
    });
    const watchdog = setTimeout(() => {
      hung = true;
      child.kill("SIGKILL");
    }, limitMs);
    let exitedAt = 0;
    child.once("exit", () => {
      exitedAt = performance.now();
    });
    this.ended = new Promise((resolve, reject) => {
      child.once("error", reject);
      // The executors hold stderr too: it closes with the last of them.
      child.once("close", (code, signal) => {
        clearTimeout(watchdog);
        const now = performance.now();
        resolve({ code, signal, lines, stderr, hung, tookMs: now - startedAt, lingeredMs: now - exitedAt });
      });
    });
  }

  /** Files under its temporary folder. */
  left(): readonly string[] {
    return readdirSync(this.temporary, { recursive: true, encoding: "utf8" });
  }
}

/** How long a process may outlive its driver. */
const LINGER_MS = 2_000;

/** Which of these processes are there for longer than they may be. Their stderr closes before they are gone. */
export async function lingering(pids: Iterable<number>): Promise<readonly number[]> {
  const until = performance.now() + LINGER_MS;
  let left = [...pids].filter(isRunning);
  while (left.length > 0 && performance.now() < until) {
    await sleep(5);
    left = left.filter(isRunning);
  }
  return left;
}

/** Is there such a process, other than as an entry that waits for its parent to look at it? */
export function isRunning(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    const state = stat.slice(stat.lastIndexOf(")") + 2)[0];
    return state !== "Z" && state !== "X";
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ESRCH") return false;
    throw error;
  }
}
