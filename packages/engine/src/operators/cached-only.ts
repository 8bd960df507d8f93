import type { NodeFactory, RddNode } from "../rdd/node.js";
import { defineOperator } from "./define-operator.js";

interface CachedOnlyParams {
  readonly rddId: number;
  readonly numPartitions: number;
}

const cachedOnlyOperator = defineOperator<CachedOnlyParams>({
  kind: "cachedOnly",
  label: "LocalCheckpointRDD",
  shape: "source",
  partitions: (node) => node.params.numPartitions,
  input: (node, partition) => ({ kind: "block", block: { kind: "rdd", rddId: node.params.rddId, partition } }),
  emit: (e, next) => e.batches(`t.blockBatches(${e.input()})`, next),
  emitCount: (e) => `t.blockCount(${e.input()})`,
});

/** The cached partitions of an RDD whose lineage is gone (localCheckpoint): lost with their executors. */
export function cachedOnly(make: NodeFactory, rddId: number, numPartitions: number): RddNode {
  return make(cachedOnlyOperator.kind, [], { rddId, numPartitions });
}
