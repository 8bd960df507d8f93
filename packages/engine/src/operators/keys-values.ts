import { tupleRef } from "../codegen/row-ref.js";
import type { NodeFactory, RddNode } from "../rdd/node.js";
import { defineOperator } from "./define-operator.js";

const keysOperator = defineOperator<object>({
  kind: "keys",
  label: "MapPartitionsRDD",
  shape: "row",
  eachRow: true,
  emit: (e) => ({ row: (row, next) => next(e.pair(row)[0]) }),
});

const valuesOperator = defineOperator<object>({
  kind: "values",
  label: "MapPartitionsRDD",
  shape: "row",
  eachRow: true,
  emit: (e) => ({ row: (row, next) => next(e.pair(row)[1]) }),
});

interface KeyByParams {
  readonly f: (row: never) => unknown;
}

const keyByOperator = defineOperator<KeyByParams>({
  kind: "keyBy",
  label: "MapPartitionsRDD",
  shape: "row",
  eachRow: true,
  bindings: ({ f }) => [f],
  emit(e) {
    const last = e.lastValue();
    return {
      row(row, next) {
        const whole = e.whole(row);
        next(tupleRef(last.set(e.apply(0, [whole])), whole));
      },
      end: () => last.refusePromise(),
    };
  },
});

export function keys(make: NodeFactory, parent: RddNode): RddNode {
  return make(keysOperator.kind, [parent], {});
}

export function values(make: NodeFactory, parent: RddNode): RddNode {
  return make(valuesOperator.kind, [parent], {});
}

/** `[f(row), row]` for each row. */
export function keyBy(make: NodeFactory, parent: RddNode, f: (row: never) => unknown): RddNode {
  return make(keyByOperator.kind, [parent], { f });
}
