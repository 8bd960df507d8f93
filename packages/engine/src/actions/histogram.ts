import { wholeText } from "../codegen/row-ref.js";
import type { Sink, SinkOperator } from "../operators/operator.js";
import { Buckets } from "../rdd/buckets.js";

interface HistogramParams {
  readonly boundaries: readonly number[];
  readonly even: boolean;
}

const histogramOperator: SinkOperator<HistogramParams> = {
  kind: "histogram",
  shape: "sink",
  bindings: ({ boundaries, even }) => [Buckets, boundaries, even],
  emit(e) {
    const buckets = e.let("buckets");
    e.w.line(`${buckets} = new ${e.binding(0)}(${e.binding(1)}, ${e.binding(2)});`);
    return {
      row(row) {
        const value = wholeText(e.whole(row));
        e.mark(row);
        e.w.line(`if (typeof ${value} !== "number") t.notANumber(${value});`);
        e.w.line(`${buckets}.add(${value});`);
      },
      end: () => `t.block([${buckets}.counts])`,
    };
  },
};

/** One row a partition: how many of its numbers lie in each bucket. `even`: the boundaries lie evenly. */
export function histogram(boundaries: readonly number[], even: boolean): Sink<HistogramParams> {
  return { operator: histogramOperator, params: { boundaries, even } };
}
