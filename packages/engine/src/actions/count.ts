import type { Sink, SinkOperator } from "../operators/operator.js";

const countOperator: SinkOperator<object> = {
  kind: "count",
  shape: "sink",
  emit(e) {
    const n = e.let("n", "0");
    return {
      row: () => e.w.line(`${n}++;`),
      rows: (count) => e.w.line(`${n} = ${count};`),
      end: () => `t.block([${n}])`,
    };
  },
};

/** One row a partition: its number of rows. */
export function count(): Sink<object> {
  return { operator: countOperator, params: {} };
}
