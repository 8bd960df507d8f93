import { wholeText } from "../codegen/row-ref.js";
import type { NodeFactory, RddNode } from "../rdd/node.js";
import { defineOperator } from "./define-operator.js";

interface FilterParams {
  readonly f: (row: never) => unknown;
}

const filterOperator = defineOperator<FilterParams>({
  kind: "filter",
  label: "MapPartitionsRDD",
  shape: "row",
  eachRow: true,
  bindings: ({ f }) => [f],
  emit: (e) => ({
    row(row, next) {
      const result = e.whole(e.apply(0, [row]));
      const kept = wholeText(result);
      const isPrimitive = result.kind === "value" && result.type !== undefined;
      if (!isPrimitive) e.w.line(`if (typeof ${kept} === "object") t.noPromise(${kept});`);
      e.w.block(`if (${kept})`, () => next(row));
    },
  }),
});

/** The rows for which `f` gives something truthy. Keeps the parent's partitioner. */
export function filter(make: NodeFactory, parent: RddNode, f: (row: never) => unknown): RddNode {
  return make(filterOperator.kind, [parent], { f }, { partitioner: parent.partitioner });
}
