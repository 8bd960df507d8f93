/** How an executor's process ended, as its parent sees it, with what it left behind about its memory. */

import { closeSync, constants, openSync, readFileSync } from "node:fs";
import { totalmem } from "node:os";
import { join } from "node:path";
import type { ExecutorDeath } from "@volley/driver/executor-source.js";
import { LAST_WORDS_FILE, type LastWords, LastWordsSchema } from "@volley/engine/wire/last-words.js";

/** How V8 and Node end a process that has no memory left: abort, or an instruction that traps. */
const FATAL_SIGNALS: ReadonlySet<NodeJS.Signals> = new Set(["SIGABRT", "SIGTRAP", "SIGILL"]);
/** Of the machine's memory: a process that held so much and was killed was killed by the kernel, for that. */
const KERNEL_KILL_SHARE = 0.8;

/** `localDir`: the executor's own folder, when it had been told one. */
export function executorDeath(
  code: number | null,
  signal: NodeJS.Signals | null,
  localDir: string | undefined,
): ExecutorDeath {
  const lastWords = localDir === undefined ? undefined : readLastWords(localDir);
  if (signal === null) return { detail: `exit code ${code}`, isOutOfMemory: false, lastWords };
  if (FATAL_SIGNALS.has(signal)) {
    const detail = `signal ${signal}: it ran out of memory, or user code aborted it`;
    return { detail, isOutOfMemory: true, lastWords };
  }
  const isOutOfMemory = signal === "SIGKILL" && (lastWords?.rssBytes ?? 0) >= KERNEL_KILL_SHARE * machineBytes();
  const detail = isOutOfMemory
    ? "signal SIGKILL: most likely the kernel, which had no memory left"
    : `signal ${signal}`;
  return { detail, isOutOfMemory, lastWords };
}

/** What the machine or the container has. */
function machineBytes(): number {
  const constrained = process.constrainedMemory?.() ?? 0;
  return constrained > 0 ? Math.min(constrained, totalmem()) : totalmem();
}

function readLastWords(localDir: string): LastWords | undefined {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(join(localDir, LAST_WORDS_FILE), constants.O_RDONLY | constants.O_NOFOLLOW);
    const parsed = LastWordsSchema.safeParse(JSON.parse(readFileSync(descriptor, "utf8")));
    return parsed.success ? parsed.data : undefined;
  } catch {
    // It had nothing to say, or took its folder with it: its end is told without.
    return undefined;
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}
