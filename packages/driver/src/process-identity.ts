/** Whether a process that left something behind still lives. A process id is used again; together with when it began, it is not. */

import { readFileSync } from "node:fs";

/** Stands for a start that the system does not tell. */
const UNKNOWN_START = "0";

/** When a process began, with the machine's boot: hexadecimal digits. "0" where the system does not tell (only Linux does). */
export function processStart(pid: number): string {
  return knownStart(pid) ?? UNKNOWN_START;
}

/** False only when it is certain that the process with this id and start is gone. */
export function isProcessAlive(pid: number, start: string): boolean {
  if (!processExists(pid)) return false;
  return start === UNKNOWN_START || (knownStart(pid) ?? start) === start;
}

function processExists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it is there and belongs to somebody else.
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** The boot's id and the process's start in ticks since then. */
function knownStart(pid: number): string | undefined {
  if (process.platform !== "linux") return undefined;
  try {
    const boot = readFileSync("/proc/sys/kernel/random/boot_id", "latin1").slice(0, 8);
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    // The second field is the program's name in brackets and may hold anything; fields are counted after it. The 22nd is the start.
    const ticks = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19]);
    return Number.isSafeInteger(ticks) ? boot + ticks.toString(16) : undefined;
  } catch {
    // No /proc, or the process ended meanwhile: the caller goes by the process id alone.
    return undefined;
  }
}
