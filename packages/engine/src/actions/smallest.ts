import { wholeText } from "../codegen/row-ref.js";
import type { Sink, SinkOperator } from "../operators/operator.js";
import type { Compare } from "../rdd/partitioner.js";

interface SmallestParams {
  readonly n: number;
  readonly compare: Compare | undefined;
  readonly descending: boolean;
}

const smallestOperator: SinkOperator<SmallestParams> = {
  kind: "smallest",
  shape: "sink",
  bindings: ({ n, compare }) => [n, compare],
  emit(e) {
    const heap = e.let("heap");
    const order = e.params.compare === undefined ? "t.compare" : e.binding(1);
    e.w.line(`${heap} = t.boundedHeap(${e.binding(0)}, ${order}, ${e.params.descending});`);
    return {
      row(row) {
        const value = wholeText(e.whole(row));
        e.mark(row);
        e.w.line(`${heap}.add(${value});`);
      },
      end: () => `t.block(${heap}.sorted())`,
    };
  },
};

/** The `n` smallest rows (largest with `descending`) of a partition, in order; of equal ones the first. */
export function smallest(n: number, compare: Compare | undefined, descending: boolean): Sink<SmallestParams> {
  return { operator: smallestOperator, params: { n, compare, descending } };
}
