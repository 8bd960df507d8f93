import { tupleRef, valueRef } from "../codegen/row-ref.js";
import type { NodeFactory, RddNode } from "../rdd/node.js";
import { defineOperator } from "./define-operator.js";

const rowAsKeyOperator = defineOperator<object>({
  kind: "rowAsKey",
  label: "MapPartitionsRDD",
  shape: "row",
  emit: (e) => ({ row: (row, next) => next(tupleRef(e.whole(row), valueRef("undefined"))) }),
});

/** `[row, undefined]`: rows as keys, for what treats RDDs as sets. */
export function rowAsKey(make: NodeFactory, parent: RddNode): RddNode {
  return make(rowAsKeyOperator.kind, [parent], {});
}
