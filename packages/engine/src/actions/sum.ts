import { wholeText } from "../codegen/row-ref.js";
import type { Sink, SinkOperator } from "../operators/operator.js";

const sumOperator: SinkOperator<object> = {
  kind: "sum",
  shape: "sink",
  emit(e) {
    const total = e.let("total", "0");
    return {
      row(row) {
        const whole = e.whole(row);
        const value = wholeText(whole);
        if (whole.kind === "value" && whole.type === "number") return e.w.line(`${total} += ${value};`);
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
