import type { NodeFactory, RddNode } from "../rdd/node.js";
import { defineOperator } from "./define-operator.js";

interface MapParams {
  readonly f: (row: never) => unknown;
}

const mapOperator = defineOperator<MapParams>({
  kind: "map",
  label: "MapPartitionsRDD",
  shape: "row",
  eachRow: true,
  bindings: ({ f }) => [f],
  emit(e) {
    const last = e.lastValue();
    return {
      row: (row, next) => next(last.set(e.apply(0, [row]))),
      end: () => last.refusePromise(),
    };
  },
});

/** One row for each row. */
export function map(make: NodeFactory, parent: RddNode, f: (row: never) => unknown): RddNode {
  return make(mapOperator.kind, [parent], { f });
}
