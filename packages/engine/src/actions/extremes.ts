import { wholeText } from "../codegen/row-ref.js";
import type { Sink, SinkOperator } from "../operators/operator.js";

const extremesOperator: SinkOperator<object> = {
  kind: "extremes",
  shape: "sink",
  emit(e) {
    const [min, max, seen] = [e.let("min", "Infinity"), e.let("max", "-Infinity"), e.let("seen", "false")];
    return {
      row(row) {
        const value = wholeText(e.whole(row));
        e.mark(row);
        e.w.line(`if (typeof ${value} !== "number") t.notANumber(${value});`);
        e.w.line(`${min} = Math.min(${min}, ${value}); ${max} = Math.max(${max}, ${value}); ${seen} = true;`);
      },
      end: () => `t.block(${seen} ? [[${min}, ${max}]] : [])`,
    };
  },
};

/** `[smallest, largest]` number of a partition (NaN if there is one among them); no row for an empty partition. */
export function extremes(): Sink<object> {
  return { operator: extremesOperator, params: {} };
}
