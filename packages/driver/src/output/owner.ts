/**
 * Who makes an output: a process, named so that another one can tell whether it still lives. The name is that of the job's own folder in
 * `_temporary`, not the content of a file in it: a name is there whole or not at all.
 */

import { createHash, randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { hostname } from "node:os";

/** Letters, digits and "-" only: `<pid>-<start>-<host>-<nonce>`. */
export type OwnerName = string;

const OWNER_NAME = /^(\d+)-([0-9a-f]+)-([0-9a-f]{8})-([0-9a-f]{12})$/;

export interface Owner {
  readonly pid: number;
  /** When that process began, with the machine's boot: a process id is used again, this pair is not. "0" where the system does not tell. */
  readonly start: string;
  readonly host: string;
}

/** A name for one output job of this process. */
export function newOwnerName(): OwnerName {
  return `${process.pid}-${processStart(process.pid) ?? "0"}-${hostKey()}-${randomBytes(6).toString("hex")}`;
}

export function parseOwnerName(name: string): Owner | undefined {
  const found = OWNER_NAME.exec(name);
  if (found === null) return undefined;
  return { pid: Number(found[1]), start: found[2] as string, host: found[3] as string };
}

/** False only when it is certain that the process is gone: one of another host counts as alive. */
export function isOwnerAlive({ pid, start, host }: Owner): boolean {
  if (host !== hostKey()) return true;
  if (!processExists(pid)) return false;
  return start === "0" || (processStart(pid) ?? start) === start;
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

/** Linux only: the boot's id and the process's start in ticks since then. */
function processStart(pid: number): string | undefined {
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

function hostKey(): string {
  return createHash("sha256").update(hostname()).digest("hex").slice(0, 8);
}
