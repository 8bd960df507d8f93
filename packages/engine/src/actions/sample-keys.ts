import { wholeText } from "../codegen/row-ref.js";
import type { Sink, SinkOperator } from "../operators/operator.js";

interface SampleKeysParams {
  readonly keyOf: ((row: never) => unknown) | undefined;
  readonly size: number;
}

const sampleKeysOperator: SinkOperator<SampleKeysParams> = {
  kind: "sampleKeys",
  shape: "sink",
  bindings: ({ keyOf, size }) => [size, keyOf],
  emit(e) {
    const reservoir = e.let("reservoir");
    e.w.line(`${reservoir} = t.reservoir(${e.binding(0)});`);
    return {
      row(row) {
        const key = e.params.keyOf === undefined ? e.pair(row)[0] : e.whole(e.apply(1, [row]));
        e.w.line(`${reservoir}.add(${wholeText(key)});`);
      },
      end: () => `t.block([[${reservoir}.seen, ${reservoir}.items]])`,
    };
  },
};

/** One row a partition: `[number of rows, evenly drawn keys]`, at most `size` of them. */
export function sampleKeys(keyOf: ((row: never) => unknown) | undefined, size: number): Sink<SampleKeysParams> {
  return { operator: sampleKeysOperator, params: { keyOf, size } };
}
