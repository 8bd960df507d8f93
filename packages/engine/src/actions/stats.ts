import { wholeText } from "../codegen/row-ref.js";
import type { Sink, SinkOperator } from "../operators/operator.js";
import { StatCounter } from "../rdd/stat-counter.js";

const statsOperator: SinkOperator<object> = {
  kind: "stats",
  shape: "sink",
  // Volley's own class travels by name.
  bindings: () => [StatCounter],
  emit(e) {
    const counter = e.let("counter");
    e.w.line(`${counter} = new ${e.binding(0)}();`);
    return {
      row(row) {
        const value = wholeText(e.whole(row));
        e.mark(row);
        e.w.line(`if (typeof ${value} !== "number") t.notANumber(${value});`);
        e.w.line(`${counter}.add(${value});`);
      },
      end: () => `t.block([${counter}.state()])`,
    };
  },
};

/** One row a partition: the state of a StatCounter of its numbers. */
export function stats(): Sink<object> {
  return { operator: statsOperator, params: {} };
}
