import { keptText } from "../codegen/row-ref.js";
import type { Sink, SinkOperator } from "../operators/operator.js";

interface ReduceParams {
  readonly f: (a: never, b: never) => unknown;
}

const reduceOperator: SinkOperator<ReduceParams> = {
  kind: "reduce",
  shape: "sink",
  bindings: ({ f }) => [f],
  emit(e) {
    const [seen, total, own] = [e.let("seen", "false"), e.let("v", "0"), e.let("own", "false")];
    return {
      row(row) {
        const value = e.held(row);
        e.w.branch(
          seen,
          () => e.fold(0, total, value, own),
          () => e.w.line(`${total} = ${keptText(value)}; ${seen} = true;`),
        );
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
