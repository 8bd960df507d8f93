import { assert } from "../lib/assert.js";
import type { Facts } from "../plan/facts.js";
import type { NodeFactory, RddNode } from "../rdd/node.js";
import { defineOperator } from "./define-operator.js";

/** Partition numbers at which the parents' partitions begin, the total last; made once a node and plan. */
const starts = new WeakMap<RddNode, Float64Array>();

function startsOf(node: RddNode, facts: Facts): Float64Array {
  let at = starts.get(node);
  if (at === undefined) {
    at = new Float64Array(node.inputs.length + 1);
    for (let index = 0; index < node.inputs.length; index++) {
      at[index + 1] = (at[index] as number) + facts.numPartitions(node.inputs[index] as RddNode);
    }
    starts.set(node, at);
  }
  return at;
}

const unionOperator = defineOperator<object>({
  kind: "union",
  label: "UnionRDD",
  shape: "alias",
  partitions: (node, facts) => startsOf(node, facts)[node.inputs.length] as number,
  parent(node, partition, facts) {
    const at = startsOf(node, facts);
    let low = 0;
    let high = node.inputs.length;
    while (high - low > 1) {
      const middle = (low + high) >>> 1;
      if ((at[middle] as number) <= partition) low = middle;
      else high = middle;
    }
    assert(partition < (at[low + 1] as number), "the partition is one of a parent's");
    return { input: low, partition: partition - (at[low] as number) };
  },
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
