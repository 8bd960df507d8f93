import type { OperatorEmitter } from "../codegen/operator-emitter.js";
import { type RowRef, wholeText } from "../codegen/row-ref.js";
import type { Sink, SinkFragments, SinkOperator } from "../operators/operator.js";

/** A table of counts; each row adds one to its key's. */
function emitCounts(e: OperatorEmitter<object>, keyOf: (row: RowRef) => RowRef): SinkFragments {
  const [keys, counts, slot] = [e.let("keys"), e.let("counts"), e.let("slot")];
  e.w.line(`${keys} = t.keyIndex(); ${counts} = [];`);
  return {
    row(row) {
      const key = keyOf(row);
      e.mark(key);
      e.w.line(`${slot} = ${keys}.slotOf(${wholeText(key)});`);
      e.w.line(`if (${slot} === ${counts}.length) ${counts}.push(1); else ${counts}[${slot}]++;`);
    },
    end: () => `t.block(Array.from(${counts}, (n, i) => [${keys}.keyAt(i), n]))`,
  };
}

const countByKeyOperator: SinkOperator<object> = {
  kind: "countByKey",
  shape: "sink",
  emit: (e) => emitCounts(e, (row) => e.pair(row)[0]),
};

const countByValueOperator: SinkOperator<object> = {
  kind: "countByValue",
  shape: "sink",
  emit: (e) => emitCounts(e, (row) => e.whole(row)),
};

/** Rows `[key, number of pairs]`, each key of a partition once. */
export function countByKey(): Sink<object> {
  return { operator: countByKeyOperator, params: {} };
}

/** Rows `[row, number of such rows]`, each row of a partition once. */
export function countByValue(): Sink<object> {
  return { operator: countByValueOperator, params: {} };
}
