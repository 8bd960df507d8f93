/** The partitioner of a shuffle whose caller gave no number, over RDDs whose number of partitions is not known yet (files not listed). */

import type { RddNode } from "./node.js";
import { HashPartitioner } from "./partitioner.js";

/** Apart from the partitioners: these may be captured by functions, and lineage does not travel. */
const sourcesOf = new WeakMap<LateHashPartitioner, readonly RddNode[]>();

/**
 * As many partitions as the largest of `sources` turns out to have. Until an action or `getNumPartitions` has found that out,
 * `numPartitions` is an estimate.
 */
export class LateHashPartitioner extends HashPartitioner {
  private found: number | undefined = undefined;
  private fewest = 0;

  constructor(estimate: number, sources: readonly RddNode[]) {
    super(estimate);
    sourcesOf.set(this, sources);
  }

  /** @internal */
  sources(): readonly RddNode[] {
    return sourcesOf.get(this) ?? [];
  }

  override get numPartitions(): number {
    return this.found ?? this.partitionCount;
  }

  override get isKnown(): boolean {
    return this.found !== undefined;
  }

  /** Other rows than those of the sources will be placed too, so there is to be a place for them, even if the sources have no partition. */
  takeOthers(): void {
    this.fewest = 1;
  }

  /** Called once the sources are prepared. */
  resolve(numPartitions: number): void {
    this.found ??= Math.max(this.fewest, numPartitions);
  }
}
