import { defineOperator } from "@volley/engine/operators/define-operator.js";
import { CallSite } from "@volley/engine/rdd/call-site.js";
import { derive } from "@volley/engine/rdd/rdd-base.js";
import type { RDD } from "volley";

interface EveryNthParams {
  readonly n: number;
}

const everyNthOperator = defineOperator<EveryNthParams>({
  kind: "example.everyNth", // unique among all operators
  label: "EveryNthRDD", // what toDebugString calls it
  shape: "row", // one row after the other of the parent's partition
  bindings: ({ n }) => [n], // values travel apart: another n is the same program
  emit(e) {
    const seen = e.let("seen", "0"); // a variable of the whole function: begins anew in each partition
    return {
      row: (row, next) => e.w.block(`if (${seen}++ % ${e.binding(0)} === 0)`, () => next(row)),
    };
  },
});

/** The first row of each partition, and every nth after it. Keeps the partitioner. */
export function everyNth<T>(rdd: RDD<T>, n: number): RDD<T> {
  return derive(rdd, new CallSite("everyNth"), (make, parent) =>
    make(everyNthOperator.kind, [parent], { n }, { partitioner: parent.partitioner }),
  );
}
