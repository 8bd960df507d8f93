import type { NodeFactory, RddNode } from "../rdd/node.js";
import { defineOperator } from "./define-operator.js";

interface CoalesceParams {
  readonly numPartitions: number;
}

const coalesceOperator = defineOperator<CoalesceParams>({
  kind: "coalesce",
  label: "CoalescedRDD",
  shape: "cut",
  partitions: (node, facts) => Math.min(node.params.numPartitions, facts.numPartitions(node.inputs[0] as RddNode)),
  ports(node, partition, facts) {
    const parents = facts.numPartitions(node.inputs[0] as RddNode);
    const own = Math.min(node.params.numPartitions, parents);
    const from = Math.floor((partition * parents) / own);
    const until = Math.floor(((partition + 1) * parents) / own);
    return [Array.from({ length: until - from }, (_, index) => ({ input: 0, partition: from + index }))];
  },
  emit: (e, next) => e.iterate(e.port(0), next),
});

/** Contiguous runs of the parent's partitions as one each; never more partitions than the parent has. */
export function coalesce(make: NodeFactory, parent: RddNode, numPartitions: number): RddNode {
  return make(coalesceOperator.kind, [parent], { numPartitions });
}
