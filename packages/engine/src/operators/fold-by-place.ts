/** A round of tree aggregation: the values of several partitions are merged into one; the first round makes them of the rows. */

import type { OperatorEmitter } from "../codegen/operator-emitter.js";
import { keptText, type RowRef, valueRef, wholeText } from "../codegen/row-ref.js";
import type { NodeFactory, RddNode } from "../rdd/node.js";
import { defineOperator } from "./define-operator.js";
import type { ExchangeOperator } from "./operator.js";

type Merge = (a: never, b: never) => unknown;

/** A function, and what it starts from: a copy of the zero, or else the first row. */
export interface Fold {
  readonly f: Merge;
  readonly zero: { readonly value: unknown } | undefined;
}

export interface FoldByPlaceParams {
  readonly numPartitions: number;
  /** How the values of partitions are merged. */
  readonly merge: Fold;
  /** In the first round: how the rows of a partition become a value. Without a zero an empty partition has none. */
  readonly rows: Fold | undefined;
}

const COUNT = 0;
/** Bindings of the merge: its function, then its zero. */
const MERGE = 1;
const ROWS = 3;

/** A running total; returns what adds to it and the condition under which there is one. */
function emitTotal(e: OperatorEmitter<FoldByPlaceParams>, fold: Fold, binding: number) {
  const [seen, total, own] = [e.let("seen"), e.let("v"), e.let("own", "false")];
  const hasZero = fold.zero !== undefined;
  e.w.line(hasZero ? `${total} = t.copier(${e.binding(binding + 1)})(); ${seen} = false;` : `${seen} = false;`);
  return {
    total,
    seen,
    add(row: RowRef): void {
      const value = e.held(row);
      const merge = () => e.fold(binding, total, value, own);
      if (hasZero) {
        merge();
        e.w.line(`${seen} = true;`);
        return;
      }
      e.w.branch(`!${seen}`, () => e.w.line(`${total} = ${keptText(value)}; ${seen} = true;`), merge);
    },
  };
}

const foldByPlaceOperator = defineOperator<FoldByPlaceParams, ExchangeOperator<FoldByPlaceParams>>({
  kind: "foldByPlace",
  label: "ShuffledRDD",
  shape: "exchange",
  bindings: ({ numPartitions, merge, rows }) => [numPartitions, merge.f, merge.zero?.value, rows?.f, rows?.zero?.value],
  partitions: (node) => node.params.numPartitions,
  emitWrite(e) {
    const writer = e.let("writer");
    const { rows } = e.params;
    e.w.line(`${writer} = t.segmentWriter(${e.binding(COUNT)});`);
    const push = (value: string) => `${writer}.push(t.io.partition % ${e.binding(COUNT)}, ${value});`;
    if (rows === undefined) return { row: (row) => e.w.line(push(wholeText(row))), end: () => `${writer}.finish()` };
    const { add, total, seen } = emitTotal(e, rows, ROWS);
    return {
      row: add,
      end() {
        e.w.line(`t.noPromise(${total});`);
        e.w.line(rows.zero === undefined ? `if (${seen}) ${push(total)}` : push(total));
        return `${writer}.finish()`;
      },
    };
  },
  emitRead(e, next) {
    const { add, total, seen } = emitTotal(e, e.params.merge, MERGE);
    e.batches(`t.segments(${e.input()})`, add);
    e.w.line(`t.noPromise(${total});`);
    e.w.block(`if (${seen})`, () => next(valueRef(total)));
  },
});

/** The parent's partition p, merged with all partitions that are equal to p modulo `numPartitions`: one row, or none where all are empty. */
export function foldByPlace(make: NodeFactory, parent: RddNode, params: FoldByPlaceParams): RddNode {
  return make(foldByPlaceOperator.kind, [parent], params);
}
