/**
 * Unions of unions, flattened: which node's partition a partition of the outermost one is. Without it each of n partitions of a union that was made by
 * adding one RDD after the other would be looked for through n unions.
 */

import { assert } from "../lib/assert.js";
import { operatorOf } from "../operators/define-operator.js";
import type { RddNode } from "../rdd/node.js";
import { StorageLevel } from "../task/storage-level.js";
import type { Facts } from "./facts.js";

export class UnionLeaves {
  readonly #nodes: RddNode[] = [];
  /** Where each node's partitions begin; the total last. */
  readonly #starts: number[] = [0];

  /** `root` is a union. What is kept or checkpointed is not looked into: its own partitions are read. */
  constructor(root: RddNode, facts: Facts) {
    const isOpen = (node: RddNode) =>
      node === root || (facts.storageLevel(node) === StorageLevel.NONE && facts.checkpoint(node) === undefined);
    const left = [root];
    for (let node = left.pop(); node !== undefined; node = left.pop()) {
      const operator = operatorOf(node);
      if (operator.shape === "alias" && operator.parent === undefined && isOpen(node)) {
        for (let index = node.inputs.length - 1; index >= 0; index--) left.push(node.inputs[index] as RddNode);
      } else {
        this.#nodes.push(node);
        this.#starts.push((this.#starts.at(-1) as number) + facts.numPartitions(node));
      }
    }
  }

  /** The node and its partition that a partition of the root is. */
  of(partition: number): { readonly node: RddNode; readonly partition: number } {
    const starts = this.#starts;
    let low = 0;
    let high = this.#nodes.length;
    while (high - low > 1) {
      const middle = (low + high) >>> 1;
      if ((starts[middle] as number) <= partition) low = middle;
      else high = middle;
    }
    assert(partition < (starts[low + 1] as number), "the partition is one of a leaf's");
    return { node: this.#nodes[low] as RddNode, partition: partition - (starts[low] as number) };
  }
}
