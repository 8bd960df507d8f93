/** The pieces of tree aggregation: one value a partition, then rounds that merge the values of several partitions. */

import { wholeText } from "../codegen/row-ref.js";
import type { NodeFactory, RddNode } from "../rdd/node.js";
import { defineOperator } from "./define-operator.js";
import type { ExchangeOperator } from "./operator.js";

type Merge = (a: never, b: never) => unknown;

interface FoldParams {
  readonly zero: unknown;
  readonly f: Merge;
}

const foldOnceOperator = defineOperator<FoldParams>({
  kind: "foldOnce",
  label: "MapPartitionsRDD",
  shape: "cut",
  bindings: ({ zero, f }) => [zero, f],
  emit(e, next) {
    const total = e.let("v");
    e.w.line(`${total} = t.copier(${e.binding(0)})();`);
    e.iterate(e.port(0), (row) => {
      e.w.line(`${total} = ${wholeText(e.apply(1, [{ kind: "value", text: total }, e.whole(row)], row))};`);
    });
    e.w.line(`t.noPromise(${total});`);
    next({ kind: "value", text: total });
  },
});

const reduceOnceOperator = defineOperator<{ readonly f: Merge }>({
  kind: "reduceOnce",
  label: "MapPartitionsRDD",
  shape: "cut",
  bindings: ({ f }) => [f],
  emit(e, next) {
    const [seen, total] = [e.let("seen"), e.let("v")];
    e.w.line(`${seen} = false;`);
    e.iterate(e.port(0), (row) => {
      const value = e.whole(row);
      e.w.block(`if (!${seen})`, () => e.w.line(`${total} = ${wholeText(value)}; ${seen} = true;`), "} else {");
      e.w.line(`${total} = ${wholeText(e.apply(0, [{ kind: "value", text: total }, value], value))};`);
      e.w.line("}");
    });
    e.w.line(`t.noPromise(${total});`);
    e.w.block(`if (${seen})`, () => next({ kind: "value", text: total }));
  },
});

export interface FoldByPlaceParams {
  readonly numPartitions: number;
  readonly f: Merge;
  /** Merging starts from a copy of this; undefined: from the first value. */
  readonly zero: { readonly value: unknown } | undefined;
}

const foldByPlaceOperator = defineOperator<FoldByPlaceParams, ExchangeOperator<FoldByPlaceParams>>({
  kind: "foldByPlace",
  label: "ShuffledRDD",
  shape: "exchange",
  bindings: ({ numPartitions, f, zero }) => [numPartitions, f, zero?.value],
  partitions: (node) => node.params.numPartitions,
  emitWrite(e) {
    const writer = e.let("writer");
    e.w.line(`${writer} = t.segmentWriter(${e.binding(0)});`);
    return {
      row: (row) => e.w.line(`${writer}.push(t.io.partition % ${e.binding(0)}, ${wholeText(row)});`),
      end: () => `${writer}.finish()`,
    };
  },
  emitRead(e, next) {
    const [seen, total] = [e.let("seen"), e.let("v")];
    const hasZero = e.params.zero !== undefined;
    e.w.line(hasZero ? `${seen} = false; ${total} = t.copier(${e.binding(2)})();` : `${seen} = false;`);
    e.batches(`t.segments(${e.input()})`, (row) => {
      const value = e.whole(row);
      const merge = () =>
        e.w.line(`${total} = ${wholeText(e.apply(1, [{ kind: "value", text: total }, value], value))};`);
      if (hasZero) merge();
      else {
        e.w.block(`if (!${seen})`, () => e.w.line(`${total} = ${wholeText(value)};`), "} else {");
        merge();
        e.w.line("}");
      }
      e.w.line(`${seen} = true;`);
    });
    e.w.line(`t.noPromise(${total});`);
    e.w.block(`if (${seen})`, () => next({ kind: "value", text: total }));
  },
});

/** One row a partition: its rows folded into a copy of the zero. */
export function foldOnce(make: NodeFactory, parent: RddNode, zero: unknown, f: Merge): RddNode {
  return make(foldOnceOperator.kind, [parent], { zero, f });
}

/** One row a partition: its rows reduced; none for an empty partition. */
export function reduceOnce(make: NodeFactory, parent: RddNode, f: Merge): RddNode {
  return make(reduceOnceOperator.kind, [parent], { f });
}

/** The rows of the parent's partition p, merged with those of all partitions that are equal to p modulo `numPartitions`. */
export function foldByPlace(make: NodeFactory, parent: RddNode, params: FoldByPlaceParams): RddNode {
  return make(foldByPlaceOperator.kind, [parent], params);
}
