import { readdirSync, readFileSync } from "node:fs";

/** Peak resident memory of this process and of every process below it, in bytes, summed over processes (so an upper bound of the tree's peak). Linux only. */
export function peakMemoryOfTree(): number {
  let kibibytes = 0;
  for (const pid of processTree(process.pid)) {
    const peak = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"));
    kibibytes += Number(peak?.[1] ?? 0);
  }
  return kibibytes * 1024;
}

function processTree(root: number): number[] {
  const parents = new Map<number, number>();
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const status = readFileSync(`/proc/${name}/status`, "utf8");
      parents.set(Number(name), Number(/^PPid:\s+(\d+)$/m.exec(status)?.[1]));
    } catch {
      // It ended while the list was read.
    }
  }
  const tree = [root];
  for (const parent of tree) for (const [pid, of] of parents) if (of === parent) tree.push(pid);
  return tree;
}
