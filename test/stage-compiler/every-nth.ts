import { applyOperator, defineOperator, type RDD } from "volley";

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
  return applyOperator(everyNthOperator, [rdd], { n }, { method: everyNth, partitioner: rdd.partitioner });
}
