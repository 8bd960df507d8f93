import { wholeText } from "../codegen/row-ref.js";
import type { Sink, SinkOperator } from "../operators/operator.js";

interface TakeParams {
  readonly n: number;
}

const takeOperator: SinkOperator<TakeParams> = {
  kind: "take",
  shape: "sink",
  bindings: ({ n }) => [n],
  emit(e) {
    const writer = e.let("writer");
    e.w.line(`${writer} = t.writer();`);
    return {
      row(row) {
        e.mark(row);
        e.w.line(`${writer}.push(${wholeText(row)});`);
        // Stopping before the next row is asked for: nothing beyond the n-th is computed.
        e.w.line(`if (${writer}.rowCount >= ${e.binding(0)}) ${e.stop()}`);
      },
      end: () => `${writer}.finish()`,
    };
  },
};

/** The first `n` rows (n >= 1) of a partition; later ones are not computed. */
export function take(n: number): Sink<TakeParams> {
  return { operator: takeOperator, params: { n } };
}
