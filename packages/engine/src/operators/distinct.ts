import type { OperatorEmitter } from "../codegen/operator-emitter.js";
import { type RowRef, valueRef, wholeText } from "../codegen/row-ref.js";
import type { NodeFactory, RddNode } from "../rdd/node.js";
import type { Partitioner } from "../rdd/partitioner.js";
import { defineOperator } from "./define-operator.js";
import { KeyTable, type Passing } from "./key-table.js";
import type { EmitNext, ExchangeOperator } from "./operator.js";
import {
  emitHashPartitions,
  emitNumPartitions,
  emitPartition,
  type KeyedParams,
  partitioningBindings,
  partitioningCount,
  partitioningLateBindings,
  preparePartitioning,
} from "./partitioning.js";

/** A table that holds keys only. */
class RowSet<P> {
  readonly #e: OperatorEmitter<P>;
  readonly #table: KeyTable<P>;

  constructor(e: OperatorEmitter<P>) {
    this.#e = e;
    this.#table = new KeyTable(e, { create: () => "undefined", add: () => undefined, merge: () => undefined });
  }

  add(row: RowRef): void {
    const whole = this.#e.whole(row);
    this.#table.add(whole, NOTHING, whole);
  }

  addOrPass(row: RowRef, pass: Passing): void {
    const whole = this.#e.whole(row);
    this.#table.addOrPass(whole, NOTHING, pass, whole);
  }

  addBatches(batches: string): void {
    this.#table.addKeyBatches(batches, NOTHING);
  }

  each(next: EmitNext): void {
    this.#table.each(next);
  }

  eachTable(write: (keys: string) => void): void {
    this.#table.eachTable(write);
  }

  /** A loop over the rows of the table at hand. */
  eachEntry(next: EmitNext): void {
    this.#table.eachEntry(next);
  }
}

const NOTHING = valueRef("undefined");

const distinctOperator = defineOperator<KeyedParams, ExchangeOperator<KeyedParams>>({
  kind: "distinct",
  label: "ShuffledRDD",
  shape: "exchange",
  bindings: partitioningBindings,
  lateBindings: partitioningLateBindings,
  prepare: preparePartitioning,
  partitions: partitioningCount,
  emitWrite(e) {
    const set = new RowSet(e);
    const writer = e.let("writer");
    e.w.line(`${writer} = t.segmentWriter(${emitNumPartitions(e)});`);
    const push: EmitNext = (row) => e.w.line(`${writer}.push(${emitPartition(e, wholeText(row))}, ${wholeText(row)});`);
    const numPartitions = emitHashPartitions(e);
    const writeTable = (keys: string): void => {
      if (numPartitions === undefined) return set.eachEntry(push);
      e.w.line(`t.writeKeys(${writer}, ${keys}, ${numPartitions});`);
    };
    return {
      row: (row) => set.addOrPass(row, { row: push, table: writeTable }),
      end() {
        set.eachTable(writeTable);
        return `${writer}.finish()`;
      },
    };
  },
  emitRead(e, next) {
    const set = new RowSet(e);
    set.addBatches(`t.segments(${e.input()})`);
    set.each(next);
  },
});

const distinctLocallyOperator = defineOperator<object>({
  kind: "distinctLocally",
  label: "MapPartitionsRDD",
  shape: "cut",
  emit(e, next) {
    const set = new RowSet(e);
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
