import type { NodeFactory, RddNode } from "../rdd/node.js";
import { defineOperator } from "./define-operator.js";

interface PruneParams {
  readonly partitions: readonly number[];
}

const pruneOperator = defineOperator<PruneParams>({
  kind: "prune",
  label: "PartitionPruningRDD",
  shape: "alias",
  partitions: (node) => node.params.partitions.length,
  parent: (node, partition) => ({ input: 0, partition: node.params.partitions[partition] as number }),
});

/** Some of the parent's partitions. */
export function prune(make: NodeFactory, parent: RddNode, partitions: readonly number[]): RddNode {
  return make(pruneOperator.kind, [parent], { partitions });
}
