import { wholeText } from "../codegen/row-ref.js";
import type { Sink, SinkOperator } from "../operators/operator.js";
import type { Compare } from "../rdd/partitioner.js";

interface ExtremeParams {
  readonly compare: Compare | undefined;
  /** 1: the largest, -1: the smallest. */
  readonly sign: 1 | -1;
}

const extremeOperator: SinkOperator<ExtremeParams> = {
  kind: "extreme",
  shape: "sink",
  bindings: ({ compare }) => [compare],
  emit(e) {
    const [seen, best] = [e.let("seen", "false"), e.let("v")];
    const compare = e.params.compare === undefined ? "t.compare" : e.binding(0);
    const better = e.params.sign === 1 ? "> 0" : "< 0";
    return {
      row(row) {
        const value = wholeText(e.whole(row));
        e.mark(row);
        e.w.line(`if (!${seen} || ${compare}(${value}, ${best}) ${better}) { ${best} = ${value}; ${seen} = true; }`);
      },
      end: () => `t.block(${seen} ? [${best}] : [])`,
    };
  },
};

/** The largest or smallest row of a partition, the first of equal ones; no row for an empty partition. */
export function extreme(compare: Compare | undefined, sign: 1 | -1): Sink<ExtremeParams> {
  return { operator: extremeOperator, params: { compare, sign } };
}
