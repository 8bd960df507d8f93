import { count } from "../actions/count.js";
import { tupleRef } from "../codegen/row-ref.js";
import type { NodeFactory, RddNode } from "../rdd/node.js";
import { defineOperator } from "./define-operator.js";

const zipWithIndexOperator = defineOperator<object>({
  kind: "zipWithIndex",
  label: "ZippedWithIndexRDD",
  shape: "row",
  /** Counts every partition but the last, so that each knows where its numbers begin. */
  async prepare(node, tools) {
    const parent = node.inputs[0] as RddNode;
    const parts = await tools.prepared(parent);
    const starts = [0];
    if (parts > 1) {
      const counted = await tools.run(
        parent,
        count(),
        Array.from({ length: parts - 1 }, (_, partition) => partition),
      );
      for (const [rows] of counted) starts.push((starts.at(-1) as number) + (rows as number));
    }
    return starts;
  },
  lateBindings: (node, facts) => [facts.prepared<number[]>(node)],
  emit(e) {
    const at = e.let("at");
    e.w.line(`${at} = ${e.late(0)}[${e.partition()}];`);
    return { row: (row, next) => next(tupleRef(row, e.assign(`${at}++`))) };
  },
});

const zipWithUniqueIdOperator = defineOperator<object>({
  kind: "zipWithUniqueId",
  label: "MapPartitionsRDD",
  shape: "row",
  lateBindings: (node, facts) => [facts.numPartitions(node)],
  emit(e) {
    const at = e.let("at");
    e.w.line(`${at} = ${e.partition()} - ${e.late(0)};`);
    return { row: (row, next) => next(tupleRef(row, e.assign(`${at} += ${e.late(0)}`))) };
  },
});

/** `[row, its number]`, counted through all partitions. */
export function zipWithIndex(make: NodeFactory, parent: RddNode): RddNode {
  return make(zipWithIndexOperator.kind, [parent], {});
}

/** `[row, k * n + p]` for the k-th row of partition p of n: unique without counting. */
export function zipWithUniqueId(make: NodeFactory, parent: RddNode): RddNode {
  return make(zipWithUniqueIdOperator.kind, [parent], {});
}
