/**
 * Values of one key into one combiner: reduceByKey, aggregateByKey, groupByKey, distinct (Spark's combineByKeyWithClassTag). With map-side
 * combining each map task sends one combiner a key. Where the parent is already placed by the partitioner nothing is shuffled.
 */

import type { OperatorEmitter } from "../codegen/operator-emitter.js";
import { type RowRef, tupleRef, valueRef, wholeText } from "../codegen/row-ref.js";
import type { NodeFactory, RddNode } from "../rdd/node.js";
import type { Partitioner } from "../rdd/partitioner.js";
import { defineOperator } from "./define-operator.js";
import { emitKeyedWrite } from "./exchange.js";
import type { EmitNext, ExchangeOperator } from "./operator.js";
import { emitNumPartitions, emitPartition, type KeyedParams, PARTITIONING_BINDINGS, partitioningBindings, partitioningCount, partitioningLateBindings, preparePartitioning } from "./partitioning.js";

export interface Aggregator {
  /** The combiner of a key's first value; undefined: the value itself. */
  readonly create: ((value: never) => unknown) | undefined;
  readonly mergeValue: (combiner: never, value: never) => unknown;
  readonly mergeCombiners: (a: never, b: never) => unknown;
}

export interface CombineParams extends KeyedParams {
  readonly aggregator: Aggregator;
  readonly mapSideCombine: boolean;
}

const CREATE = PARTITIONING_BINDINGS;
const MERGE_VALUE = CREATE + 1;
const MERGE_COMBINERS = CREATE + 2;

type How = "values" | "combiners";

/** Declares a table of combiners and returns what adds a row to it and what loops over it. */
function emitTable<P extends CombineParams>(e: OperatorEmitter<P>, how: How) {
  const [keys, combiners, slot] = [e.let("keys"), e.let("combiners"), e.let("slot")];
  e.w.line(`${keys} = t.keyIndex(); ${combiners} = [];`);
  const creates = how === "values" && e.params.aggregator.create !== undefined;
  return {
    add(key: RowRef, value: RowRef): void {
      const [k, v] = [e.whole(key), e.whole(value)];
      const record = tupleRef(k, v);
      e.mark(record);
      e.w.line(`${slot} = ${keys}.slotOf(${wholeText(k)});`);
      e.w.block(`if (${slot} === ${combiners}.length)`, () => {
        const first = creates ? e.apply(CREATE, [v], record) : v;
        e.w.line(`${combiners}.push(${wholeText(first)});`);
      }, "} else {");
      const merged = e.apply(how === "values" ? MERGE_VALUE : MERGE_COMBINERS, [e.assign(`${combiners}[${slot}]`), v], record);
      e.w.line(`${combiners}[${slot}] = ${wholeText(merged)};`);
      e.w.line("}");
    },
    each(next: EmitNext): void {
      const [index, key, combiner] = [e.fresh("i"), e.let("v"), e.let("v")];
      e.w.block(`for (let ${index} = 0; ${index} < ${combiners}.length; ${index}++)`, () => {
        e.w.line(`${key} = ${keys}.keyAt(${index}); ${combiner} = ${combiners}[${index}];`);
        e.w.line(`if (typeof ${combiner} === "object") t.noPromise(${combiner});`);
        next(tupleRef(valueRef(key), valueRef(combiner)));
      });
    },
  };
}

const combineByKeyOperator = defineOperator<CombineParams, ExchangeOperator<CombineParams>>({
  kind: "combineByKey",
  label: "ShuffledRDD",
  shape: "exchange",
  bindings: (params) => [...partitioningBindings(params), params.aggregator.create, params.aggregator.mergeValue, params.aggregator.mergeCombiners],
  lateBindings: partitioningLateBindings,
  prepare: preparePartitioning,
  partitions: partitioningCount,
  emitWrite(e) {
    if (!e.params.mapSideCombine) return emitKeyedWrite(e);
    const table = emitTable(e, "values");
    const writer = e.let("writer");
    return {
      row: (row) => table.add(...e.pair(row)),
      end() {
        e.w.line(`${writer} = t.segmentWriter(${emitNumPartitions(e)});`);
        table.each((row) => {
          const [key] = e.pair(row);
          e.w.line(`${writer}.push(${emitPartition(e, wholeText(key))}, ${wholeText(row)});`);
        });
        return `${writer}.finish()`;
      },
    };
  },
  emitRead(e, next) {
    const table = emitTable(e, e.params.mapSideCombine ? "combiners" : "values");
    e.pairBatches(`t.segments(${e.input()})`, (row) => table.add(...e.pair(row)));
    table.each(next);
  },
});

const combineLocallyOperator = defineOperator<CombineParams>({
  kind: "combineLocally",
  label: "MapPartitionsRDD",
  shape: "cut",
  bindings: (params) => [undefined, undefined, params.aggregator.create, params.aggregator.mergeValue],
  emit(e, next) {
    const table = emitTable(e, "values");
    e.iterate(e.port(0), (row) => table.add(...e.pair(row)));
    table.each(next);
  },
});

/** `[key, combiner]` for each key. */
export function combineByKey(make: NodeFactory, parent: RddNode, aggregator: Aggregator, partitioner: Partitioner, mapSideCombine = true): RddNode {
  const local = parent.partitioner?.equals(partitioner) === true;
  const operator = local ? combineLocallyOperator : combineByKeyOperator;
  return make(operator.kind, [parent], { aggregator, partitioner, mapSideCombine }, { partitioner });
}
