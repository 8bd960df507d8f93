import { wholeText } from "../codegen/row-ref.js";
import type { Sink, SinkOperator } from "../operators/operator.js";

interface ReduceParams {
  readonly f: (a: never, b: never) => unknown;
}

const reduceOperator: SinkOperator<ReduceParams> = {
  kind: "reduce",
  shape: "sink",
  bindings: ({ f }) => [f],
  emit(e) {
    const [seen, total] = [e.let("seen", "false"), e.let("v")];
    return {
      row(row) {
        const value = wholeText(e.whole(row));
        e.mark(row);
        e.w.line(`if (${seen}) ${total} = ${e.binding(0)}(${total}, ${value}); else { ${total} = ${value}; ${seen} = true; }`);
      },
      end() {
        e.w.line(`t.noPromise(${total});`);
        return `t.block(${seen} ? [${total}] : [])`;
      },
    };
  },
};

/** No row for an empty partition, otherwise one: its rows reduced in their order. */
export function reduce(f: (a: never, b: never) => unknown): Sink<ReduceParams> {
  return { operator: reduceOperator, params: { f } };
}
