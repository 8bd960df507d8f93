import { tupleRef, wholeText } from "../codegen/row-ref.js";
import type { Sink, SinkOperator } from "../operators/operator.js";

const collectPairsOperator: SinkOperator<object> = {
  kind: "collectPairs",
  shape: "sink",
  emit(e) {
    const writer = e.let("writer");
    e.w.line(`${writer} = t.writer();`);
    return {
      row(row) {
        const pair = e.pair(row);
        e.mark(row);
        e.w.line(`${writer}.push(${wholeText(tupleRef(...pair))});`);
      },
      end: () => `${writer}.finish()`,
    };
  },
};

/** All rows of a partition, which must be pairs. */
export function collectPairs(): Sink<object> {
  return { operator: collectPairsOperator, params: {} };
}
