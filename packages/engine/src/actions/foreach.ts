import type { Sink, SinkOperator } from "../operators/operator.js";

interface ForeachParams {
  readonly f: (row: never) => unknown;
}

const foreachOperator: SinkOperator<ForeachParams> = {
  kind: "foreach",
  shape: "sink",
  bindings: ({ f }) => [f],
  emit(e) {
    const last = e.lastValue();
    return {
      row: (row) => void last.set(e.apply(0, [row])),
      end() {
        last.refusePromise();
        return "t.block([])";
      },
    };
  },
};

/** Calls `f` for each row; no result. */
export function foreach(f: (row: never) => unknown): Sink<ForeachParams> {
  return { operator: foreachOperator, params: { f } };
}
