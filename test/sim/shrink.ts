/** Finds the fewest kinds of faults with which a seed still fails: each is dropped in turn, for good if the failure stays. */

import { drawOptions, FAULT_KINDS, type FaultKind, type SimSize } from "./faults.js";
import { runSeed } from "./run-seed.js";

export interface Shrunk {
  readonly needed: readonly FaultKind[];
  /** What `--without` has to name. */
  readonly dropped: readonly FaultKind[];
}

export function shrink(seed: number, size: SimSize, without: ReadonlySet<FaultKind> = new Set()): Shrunk {
  const dropped = new Set(without);
  for (const kind of FAULT_KINDS) {
    if (dropped.has(kind)) continue;
    const isUsed = drawOptions(seed, size, dropped).faults.has(kind);
    if (!isUsed) continue;
    dropped.add(kind);
    if (runSeed(drawOptions(seed, size, dropped)).error === undefined) dropped.delete(kind);
  }
  return { needed: [...drawOptions(seed, size, dropped).faults], dropped: [...dropped] };
}
