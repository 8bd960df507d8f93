import { wholeText } from "../codegen/row-ref.js";
import type { Sink, SinkOperator } from "../operators/operator.js";

const sumOperator: SinkOperator<object> = {
  kind: "sum",
  shape: "sink",
  emit(e) {
    const total = e.let("total", "0");
    return {
      row(row) {
        const value = wholeText(e.whole(row));
        e.mark(row);
        e.w.line(`if (typeof ${value} !== "number") t.notANumber(${value});`);
        e.w.line(`${total} += ${value};`);
      },
      end: () => `t.block([${total}])`,
    };
  },
};

/** One row a partition: the sum of its numbers. */
export function sum(): Sink<object> {
  return { operator: sumOperator, params: {} };
}
