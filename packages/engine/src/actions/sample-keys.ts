import { wholeText } from "../codegen/row-ref.js";
import type { Sink, SinkOperator } from "../operators/operator.js";

interface SampleKeysParams {
  readonly keyOf: ((row: never) => unknown) | undefined;
  readonly size: number;
  /** Whether every row has to be seen. */
  readonly whole: boolean;
}

const sampleKeysOperator: SinkOperator<SampleKeysParams> = {
  kind: "sampleKeys",
  shape: "sink",
  takesParts: ({ whole }) => !whole,
  bindings: ({ keyOf, size }) => [size, keyOf],
  emit(e) {
    const reservoir = e.let("reservoir");
    e.w.line(`${reservoir} = t.reservoir(${e.binding(0)});`);
    return {
      row(row) {
        const key = e.params.keyOf === undefined ? e.pair(row)[0] : e.whole(e.apply(1, [row]));
        e.w.line(`${reservoir}.add(${wholeText(key)});`);
      },
      end: () => `t.block([[${reservoir}.seen, ${reservoir}.items, t.readShare]])`,
    };
  },
};

/**
 * One row a partition: `[number of rows seen, evenly drawn keys, share of the partition that was read]`, at most `size` keys. The share is 1 with `whole`, and
 * wherever reading less saves nothing.
 */
export function sampleKeys(
  keyOf: ((row: never) => unknown) | undefined,
  size: number,
  whole: boolean,
): Sink<SampleKeysParams> {
  return { operator: sampleKeysOperator, params: { keyOf, size, whole } };
}
