import type { NodeFactory, RddNode } from "../rdd/node.js";
import { defineOperator } from "./define-operator.js";

const unionOperator = defineOperator<object>({
  kind: "union",
  label: "UnionRDD",
  shape: "alias",
  partitions: (node, facts) => node.inputs.reduce((sum, parent) => sum + facts.numPartitions(parent), 0),
});

/** The partitions of all parents, one parent after the other. */
export function union(make: NodeFactory, parents: readonly RddNode[]): RddNode {
  return make(unionOperator.kind, parents, {});
}

const partitionerAwareUnionOperator = defineOperator<object>({
  kind: "partitionerAwareUnion",
  label: "PartitionerAwareUnionRDD",
  shape: "cut",
  ports: (node, partition) => [node.inputs.map((_, input) => ({ input, partition }))],
  emit: (e, next) => e.iterate(e.port(0), next),
});

/** The union of parents with one partitioner: as many partitions as each has, the rows of all parents one after the other in each. */
export function partitionerAwareUnion(make: NodeFactory, parents: readonly RddNode[]): RddNode {
  return make(partitionerAwareUnionOperator.kind, parents, {}, { partitioner: parents[0]?.partitioner });
}
