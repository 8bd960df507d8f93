/** Numbers of partitions that follow from the lineage alone, without a look at files or rows. */

import { assert } from "../lib/assert.js";
import { operatorOf } from "../operators/define-operator.js";
import { LateHashPartitioner } from "../rdd/late-hash-partitioner.js";
import type { RddNode } from "../rdd/node.js";
import { type Partitioner, RangePartitioner } from "../rdd/partitioner.js";
import type { Facts } from "./facts.js";
import { isExchange, parentsFirst } from "./lineage.js";

/** A number that was known once stays. */
const knownCounts = new WeakMap<RddNode, number>();

const lineageFacts: Facts = {
  numPartitions: (node) => {
    const count = knownCounts.get(node);
    assert(count !== undefined, `the partitions of RDD ${node.id} are known`);
    return count;
  },
  prepared: (node) =>
    assert(false, `RDD ${node.id} (${node.kind}) says its partitions without being prepared`) as never,
  storageLevel: (node) => assert(false, `RDD ${node.id} is asked for partitions only`) as never,
  checkpoint: () => undefined,
};

function countOfPartitioner(partitioner: Partitioner): number | undefined {
  if (partitioner instanceof LateHashPartitioner && !partitioner.isKnown) return undefined;
  if (partitioner instanceof RangePartitioner && partitioner.bounds === undefined) return undefined;
  return partitioner.numPartitions;
}

/** The number of partitions of a node, or undefined; `found` gives what earlier jobs have found out. */
export function knownPartitions(root: RddNode, found: (node: RddNode) => number | undefined): number | undefined {
  const parentsOf = (node: RddNode) =>
    knownCounts.has(node) || node.partitioner !== undefined || isExchange(node) ? [] : node.inputs;
  for (const node of parentsFirst([root], parentsOf)) {
    if (knownCounts.has(node)) continue;
    const count = countOf(node, found);
    if (count !== undefined) knownCounts.set(node, count);
  }
  return knownCounts.get(root);
}

function countOf(node: RddNode, found: (node: RddNode) => number | undefined): number | undefined {
  // A node with a partitioner has that partitioner's partitions, whatever its parents have.
  if (node.partitioner !== undefined) return countOfPartitioner(node.partitioner);
  const operator = operatorOf(node);
  if (operator.shape === "exchange") {
    const { partitioner } = node.params as { partitioner?: Partitioner };
    return partitioner === undefined ? operator.partitions(node, lineageFacts) : countOfPartitioner(partitioner);
  }
  if (node.inputs.some((input) => !knownCounts.has(input)) || operator.countsAtRunTime === true) return found(node);
  return operator.partitions?.(node, lineageFacts) ?? knownCounts.get(node.inputs[0] as RddNode);
}
