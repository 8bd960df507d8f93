/** The partitioner of a shuffle whose caller gave no number, over RDDs whose number of partitions is not known yet (files not listed). */

import type { RddNode } from "./node.js";
import { HashPartitioner } from "./partitioner.js";

/**
 * As many partitions as the largest of `sources` turns out to have. Until an action or `getNumPartitions` has found that out,
 * `numPartitions` is an estimate.
 */
export class LateHashPartitioner extends HashPartitioner {
  /** @internal */
  readonly sources: readonly RddNode[];
  #found: number | undefined;

  constructor(estimate: number, sources: readonly RddNode[]) {
    super(estimate);
    this.sources = sources;
  }

  override get numPartitions(): number {
    return this.#found ?? this.partitionCount;
  }

  override get isKnown(): boolean {
    return this.#found !== undefined;
  }

  /** Called once the sources are prepared. */
  resolve(numPartitions: number): void {
    this.#found ??= numPartitions;
  }
}
