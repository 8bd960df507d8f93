import type { NodeFactory, RddNode } from "../rdd/node.js";
import { defineOperator } from "./define-operator.js";

/** Rows that the driver holds, cut into partitions. They travel as one source block a partition, made when a task first asks for it. */
export interface ParallelizeParams {
  readonly numSlices: number;
  /** The rows of one slice, read when its block is made (Spark's rule: changed before the first action, the change counts). */
  readonly slice: (index: number) => readonly unknown[];
}

const parallelizeOperator = defineOperator<ParallelizeParams>({
  kind: "parallelize",
  label: "ParallelCollectionRDD",
  shape: "source",
  partitions: (node) => node.params.numSlices,
  input: (node, partition) => ({ kind: "block", block: { kind: "source", rddId: node.id, partition } }),
  emit: (e, next) => e.batches(`t.blockBatches(${e.input()})`, next),
  emitCount: (e) => `t.blockCount(${e.input()})`,
});

/** Spark's cut: slice i of n has the elements from i * length / n. */
export function sliceBounds(length: number, numSlices: number, index: number): readonly [number, number] {
  return [Math.floor((index * length) / numSlices), Math.floor(((index + 1) * length) / numSlices)];
}

export function parallelize(make: NodeFactory, data: readonly unknown[], numSlices: number): RddNode {
  return make(parallelizeOperator.kind, [], {
    numSlices,
    slice: (index: number) => data.slice(...sliceBounds(data.length, numSlices, index)),
  });
}
