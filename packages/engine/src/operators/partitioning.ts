/** Code that finds the reduce partition of a key, for every operator that shuffles by key. */

import type { OperatorEmitter } from "../codegen/operator-emitter.js";
import type { Facts } from "../plan/facts.js";
import type { PrepareTools } from "../plan/prepare.js";
import { LateHashPartitioner } from "../rdd/late-hash-partitioner.js";
import type { RddNode } from "../rdd/node.js";
import { HashPartitioner, type Partitioner, RangePartitioner } from "../rdd/partitioner.js";
import { sampleRangeBounds } from "./range-bounds.js";

export interface KeyedParams {
  readonly partitioner: Partitioner;
}

/** Bindings that `emitPartition` needs, to be the first of the operator's. */
export function partitioningBindings({ partitioner }: KeyedParams): readonly unknown[] {
  if (partitioner instanceof LateHashPartitioner) return [undefined, undefined];
  if (partitioner instanceof HashPartitioner) return [partitioner.numPartitions, undefined];
  if (partitioner instanceof RangePartitioner) return [undefined, partitioner.compare];
  return [partitioner.numPartitions, partitioner];
}

export const PARTITIONING_BINDINGS = 2;

export function partitioningLateBindings(node: RddNode<KeyedParams>): readonly unknown[] {
  const { partitioner } = node.params;
  if (partitioner instanceof LateHashPartitioner) return [partitioner.numPartitions];
  return partitioner instanceof RangePartitioner ? [partitioner.bounds ?? []] : [];
}

/** The number of reduce partitions, known once `preparePartitioning` has run. */
export function partitioningCount(node: RddNode<KeyedParams>, _facts: Facts): number {
  return node.params.partitioner.numPartitions;
}

/** Samples the keys of a range partitioner that nobody has sampled yet; finds the number of partitions that was left open. */
export async function preparePartitioning(node: RddNode<KeyedParams>, tools: PrepareTools): Promise<void> {
  const { partitioner } = node.params;
  if (partitioner instanceof LateHashPartitioner && !partitioner.isKnown) {
    let most = 0;
    for (const source of partitioner.sources()) most = Math.max(most, await tools.prepared(source));
    partitioner.resolve(most);
  }
  if (partitioner instanceof RangePartitioner && partitioner.bounds === undefined)
    await sampleRangeBounds(partitioner, tools, node.site);
}

/** Expression: the partition of the key in `key` (a name). */
export function emitPartition<P extends KeyedParams>(e: OperatorEmitter<P>, key: string): string {
  const { partitioner } = e.params;
  if (partitioner instanceof LateHashPartitioner) return `t.hash(${key}) % ${e.late(0)}`;
  if (partitioner instanceof HashPartitioner) {
    return partitioner.numPartitions === 1 ? "0" : `t.hash(${key}) % ${e.binding(0)}`;
  }
  if (partitioner instanceof RangePartitioner) {
    return `t.rangeOf(${key}, ${e.late(0)}, ${e.binding(1)}, ${partitioner.ascending})`;
  }
  return `t.checkPartition(${e.binding(1)}.getPartition(${key}), ${e.binding(0)})`;
}

/** Expression: the number of partitions among which `hash(key)` decides; undefined where something else does. */
export function emitHashPartitions<P extends KeyedParams>(e: OperatorEmitter<P>): string | undefined {
  return e.params.partitioner instanceof HashPartitioner ? emitNumPartitions(e) : undefined;
}

/** Expression: the number of reduce partitions. */
export function emitNumPartitions<P extends KeyedParams>(e: OperatorEmitter<P>): string {
  const { partitioner } = e.params;
  if (partitioner instanceof LateHashPartitioner) return e.late(0);
  return partitioner instanceof RangePartitioner ? `${e.late(0)}.length + 1` : e.binding(0);
}
