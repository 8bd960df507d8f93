import { readdirSync, readFileSync } from "node:fs";

/** Linux counts processor time in ticks of this many to the second (USER_HZ, the same on every architecture that Node runs on). */
const TICKS_PER_SECOND = 100;

export interface TreeUsage {
  /** Resident memory of all processes of the tree together, in bytes. */
  readonly residentBytes: number;
  /** Highest resident memory of each process, summed: an upper bound of the tree's peak, in bytes. */
  readonly peakBytes: number;
  /** Processor time of the processes that live, and of children that they have waited for, in seconds. */
  readonly cpuSeconds: number;
}

/** What a process and all below it use now. Linux only. */
export function usageOfTree(root: number): TreeUsage {
  let residentBytes = 0;
  let peakBytes = 0;
  let ticks = 0;
  for (const pid of processTree(root)) {
    const status = readProc(pid, "status");
    const stat = readProc(pid, "stat");
    if (status === undefined || stat === undefined) continue;
    residentBytes += kibibytes(status, "VmRSS") * 1024;
    peakBytes += kibibytes(status, "VmHWM") * 1024;
    // Fields after the command's name, which may hold anything but a closing parenthesis at its end.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    for (const index of [11, 12, 13, 14]) ticks += Number(fields[index]);
  }
  return { residentBytes, peakBytes, cpuSeconds: ticks / TICKS_PER_SECOND };
}

function processTree(root: number): number[] {
  const parents = new Map<number, number>();
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const status = readProc(Number(name), "status");
    if (status !== undefined) parents.set(Number(name), Number(/^PPid:\s+(\d+)$/m.exec(status)?.[1]));
  }
  const tree = [root];
  for (const parent of tree) for (const [pid, of] of parents) if (of === parent) tree.push(pid);
  return tree;
}

function kibibytes(status: string, field: string): number {
  return Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, "m").exec(status)?.[1] ?? 0);
}

function readProc(pid: number, file: "status" | "stat"): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8");
  } catch {
    // It ended while the list was read.
    return undefined;
  }
}
