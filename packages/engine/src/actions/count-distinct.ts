import { wholeText } from "../codegen/row-ref.js";
import { addToRegisters, newRegisters } from "../lib/hyper-log-log.js";
import type { Sink, SinkOperator } from "../operators/operator.js";

interface CountDistinctParams {
  readonly relativeSD: number;
}

const countDistinctOperator: SinkOperator<CountDistinctParams> = {
  kind: "countDistinct",
  shape: "sink",
  bindings: ({ relativeSD }) => [newRegisters, relativeSD, addToRegisters],
  emit(e) {
    const registers = e.let("registers");
    e.w.line(`${registers} = ${e.binding(0)}(${e.binding(1)});`);
    return {
      row(row) {
        const value = wholeText(e.whole(row));
        e.mark(row);
        e.w.line(`${e.binding(2)}(${registers}, ${value});`);
      },
      end: () => `t.block([${registers}])`,
    };
  },
};

/** One row a partition: HyperLogLog registers of its rows. */
export function countDistinct(relativeSD: number): Sink<CountDistinctParams> {
  return { operator: countDistinctOperator, params: { relativeSD } };
}
