import type { Sink, SinkOperator } from "../operators/operator.js";

interface AggregateParams {
  readonly zero: unknown;
  readonly seqOp: (total: never, row: never) => unknown;
}

const aggregateOperator: SinkOperator<AggregateParams> = {
  kind: "aggregate",
  shape: "sink",
  // A copy, though each task revives its own: what the functions captured may be the same object as the zero.
  bindings: ({ zero, seqOp }) => [zero, seqOp],
  emit(e) {
    const [total, own] = [e.let("v"), e.let("own", "false")];
    e.w.line(`${total} = t.copier(${e.binding(0)})();`);
    return {
      row(row) {
        e.fold(1, total, row, own);
      },
      end() {
        e.w.line(`t.noPromise(${total});`);
        return `t.block([${total}])`;
      },
    };
  },
};

/** One row a partition, empty ones too: its rows folded into the zero. */
export function aggregate(zero: unknown, seqOp: (total: never, row: never) => unknown): Sink<AggregateParams> {
  return { operator: aggregateOperator, params: { zero, seqOp } };
}
