import { wholeText } from "../codegen/row-ref.js";
import type { Sink, SinkOperator } from "../operators/operator.js";

interface HeadParams {
  readonly n: number;
  readonly counts: boolean;
}

const headOperator: SinkOperator<HeadParams> = {
  kind: "head",
  shape: "sink",
  bindings: ({ n }) => [n],
  emit(e) {
    const [rows, count] = [e.let("rows", "[]"), e.let("n", "0")];
    return {
      row(row) {
        if (!e.params.counts) e.w.line(`if (${rows}.length >= ${e.binding(0)}) ${e.stop()}`);
        e.w.line(`${count}++;`);
        e.w.block(`if (${rows}.length < ${e.binding(0)})`, () => e.w.line(`${rows}.push(${wholeText(row)});`));
      },
      end: () => `t.block([[${count}, ${rows}]])`,
    };
  },
};

/** One row a partition: `[number of rows, the first n rows]`; without `counts` the number ends where the rows do. */
export function sliceOfHeads(n: number, counts: boolean): Sink<HeadParams> {
  return { operator: headOperator, params: { n, counts } };
}
