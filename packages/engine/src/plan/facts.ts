/** What is known about nodes when stages are cut and code is emitted. Everything here is known synchronously. */

import type { RddNode } from "../rdd/node.js";
import type { StorageLevel } from "../task/storage-level.js";

export interface Facts {
  numPartitions(node: RddNode): number;
  /** What the operator's `prepare` found. */
  prepared<T>(node: RddNode): T;
  /** StorageLevel.NONE when the RDD is not persisted. */
  storageLevel(node: RddNode): StorageLevel;
  /** The node that stands in for a checkpointed one: it reads the files. */
  checkpoint(node: RddNode): RddNode | undefined;
}
