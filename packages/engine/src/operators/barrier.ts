import type { NodeFactory, RddNode } from "../rdd/node.js";
import { defineOperator } from "./define-operator.js";
import type { CutOperator } from "./operator.js";

interface BarrierParams {
  readonly f: (...args: never[]) => unknown;
  /** Whether `f` gets the partition's number first. */
  readonly withIndex: boolean;
}

const barrierOperator = defineOperator<BarrierParams, CutOperator<BarrierParams>>({
  kind: "barrierMapPartitions",
  label: "MapPartitionsRDD",
  shape: "cut",
  barrier: true,
  bindings: ({ f }) => [f],
  emit(e, next) {
    e.mark();
    const index = e.params.withIndex ? `${e.partition()}, ` : "";
    e.iterate(`t.iterable(${e.binding(0)}(${index}${e.syncPort(0)}))`, next);
  },
});

/** mapPartitions in a stage whose tasks all start at once or not at all. */
export function barrierMapPartitions(
  make: NodeFactory,
  parent: RddNode,
  params: BarrierParams,
  preservesPartitioning: boolean,
): RddNode {
  return make(barrierOperator.kind, [parent], params, preservesPartitioning ? { partitioner: parent.partitioner } : {});
}
