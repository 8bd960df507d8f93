import type { OperatorEmitter } from "../codegen/operator-emitter.js";
import { type RowRef, valueRef, wholeText } from "../codegen/row-ref.js";
import type { NodeFactory, RddNode } from "../rdd/node.js";
import type { Partitioner } from "../rdd/partitioner.js";
import { defineOperator } from "./define-operator.js";
import { emitKeyTable } from "./key-table.js";
import type { EmitNext, ExchangeOperator } from "./operator.js";
import {
  emitNumPartitions,
  emitPartition,
  type KeyedParams,
  partitioningBindings,
  partitioningCount,
  partitioningLateBindings,
  preparePartitioning,
} from "./partitioning.js";

/** Declares a table that holds keys only. */
function emitSet<P>(e: OperatorEmitter<P>): { add(row: RowRef): void; each(next: EmitNext): void } {
  const table = emitKeyTable(e, { create: () => "undefined", add: () => undefined, merge: () => undefined });
  return {
    add(row) {
      const whole = e.whole(row);
      e.mark(whole);
      table.add(whole, valueRef("undefined"));
    },
    each: (next) => table.each((key) => next(key)),
  };
}

const distinctOperator = defineOperator<KeyedParams, ExchangeOperator<KeyedParams>>({
  kind: "distinct",
  label: "ShuffledRDD",
  shape: "exchange",
  bindings: partitioningBindings,
  lateBindings: partitioningLateBindings,
  prepare: preparePartitioning,
  partitions: partitioningCount,
  emitWrite(e) {
    const set = emitSet(e);
    const writer = e.let("writer");
    return {
      row: (row) => set.add(row),
      end() {
        e.w.line(`${writer} = t.segmentWriter(${emitNumPartitions(e)});`);
        set.each((row) => e.w.line(`${writer}.push(${emitPartition(e, wholeText(row))}, ${wholeText(row)});`));
        return `${writer}.finish()`;
      },
    };
  },
  emitRead(e, next) {
    const set = emitSet(e);
    e.batches(`t.segments(${e.input()})`, (row) => set.add(row));
    set.each(next);
  },
});

const distinctLocallyOperator = defineOperator<object>({
  kind: "distinctLocally",
  label: "MapPartitionsRDD",
  shape: "cut",
  emit(e, next) {
    const set = emitSet(e);
    e.iterate(e.port(0), (row) => set.add(row));
    set.each(next);
  },
});

/** Each row once; rows are compared by value as keys are. */
export function distinct(make: NodeFactory, parent: RddNode, partitioner: Partitioner): RddNode {
  return make(distinctOperator.kind, [parent], { partitioner });
}

/** The same where equal rows are in one partition already. Keeps the partitioner. */
export function distinctLocally(make: NodeFactory, parent: RddNode): RddNode {
  return make(distinctLocallyOperator.kind, [parent], {}, { partitioner: parent.partitioner });
}
