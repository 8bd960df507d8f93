import { tupleRef, wholeText } from "../codegen/row-ref.js";
import type { NodeFactory, RddNode } from "../rdd/node.js";
import { defineOperator } from "./define-operator.js";
import { emitEach } from "./flat-map.js";

interface MapValuesParams {
  readonly f: (value: never) => unknown;
}

const mapValuesOperator = defineOperator<MapValuesParams>({
  kind: "mapValues",
  label: "MapPartitionsRDD",
  shape: "row",
  eachRow: true,
  bindings: ({ f }) => [f],
  emit(e) {
    const last = e.lastValue();
    return {
      row(row, next) {
        const [key, value] = e.pair(row);
        next(tupleRef(key, last.set(e.apply(0, [value], row))));
      },
      end: () => last.refusePromise(),
    };
  },
});

const flatMapValuesOperator = defineOperator<MapValuesParams>({
  kind: "flatMapValues",
  label: "MapPartitionsRDD",
  shape: "row",
  eachRow: true,
  bindings: ({ f }) => [f],
  emit: (e) => ({
    row(row, next) {
      const [key, value] = e.pair(row);
      emitEach(e, wholeText(e.apply(0, [value], row)), row, (item) => next(tupleRef(key, item)));
    },
  }),
});

/** The same keys with other values; keeps the partitioner. */
export function mapValues(make: NodeFactory, parent: RddNode, f: (value: never) => unknown): RddNode {
  return make(mapValuesOperator.kind, [parent], { f }, { partitioner: parent.partitioner });
}

/** Each key with every element of what `f` gives for its value; keeps the partitioner. */
export function flatMapValues(make: NodeFactory, parent: RddNode, f: (value: never) => unknown): RddNode {
  return make(flatMapValuesOperator.kind, [parent], { f }, { partitioner: parent.partitioner });
}
