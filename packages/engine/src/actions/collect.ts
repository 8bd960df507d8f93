import { wholeText } from "../codegen/row-ref.js";
import type { Sink, SinkOperator } from "../operators/operator.js";

const collectOperator: SinkOperator<object> = {
  kind: "collect",
  shape: "sink",
  emit(e) {
    const writer = e.let("writer");
    e.w.line(`${writer} = t.writer();`);
    return {
      row(row) {
        e.mark(row);
        const pair = row.kind === "tuple" && row.items.length === 2;
        if (pair) e.w.line(`${writer}.pushPair(${row.items.map(wholeText).join(", ")});`);
        else e.w.line(`${writer}.push(${wholeText(row)});`);
      },
      end: () => `${writer}.finish()`,
    };
  },
};

/** All rows of a partition. */
export function collect(): Sink<object> {
  return { operator: collectOperator, params: {} };
}
