import { tupleRef, wholeText } from "../codegen/row-ref.js";
import type { Sink, SinkOperator } from "../operators/operator.js";

interface ReduceByKeyLocallyParams {
  readonly f: (a: never, b: never) => unknown;
}

const reduceByKeyLocallyOperator: SinkOperator<ReduceByKeyLocallyParams> = {
  kind: "reduceByKeyLocally",
  shape: "sink",
  bindings: ({ f }) => [f],
  emit(e) {
    const [keys, totals, slot] = [e.let("keys"), e.let("totals"), e.let("slot")];
    e.w.line(`${keys} = t.keyIndex(); ${totals} = [];`);
    return {
      row(row) {
        const [key, value] = e.pair(row).map((part) => e.whole(part)) as [
          ReturnType<typeof e.whole>,
          ReturnType<typeof e.whole>,
        ];
        const record = tupleRef(key, value);
        e.mark(record);
        e.w.line(`${slot} = ${keys}.slotOf(${wholeText(key)});`);
        e.w.line(`if (${slot} === ${totals}.length) ${totals}.push(${wholeText(value)});`);
        e.w.block("else", () => {
          const merged = e.apply(0, [e.assign(`${totals}[${slot}]`), value], record);
          e.w.line(`${totals}[${slot}] = ${wholeText(merged)};`);
        });
      },
      end() {
        e.w.line(`for (const total of ${totals}) t.noPromise(total);`);
        return `t.block(Array.from(${totals}, (total, i) => [${keys}.keyAt(i), total]))`;
      },
    };
  },
};

/** Rows `[key, merged value]`, each key of a partition once. */
export function reduceByKeyLocally(f: (a: never, b: never) => unknown): Sink<ReduceByKeyLocallyParams> {
  return { operator: reduceByKeyLocallyOperator, params: { f } };
}
