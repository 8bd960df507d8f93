/**
 * Values of one key into one combiner: reduceByKey, aggregateByKey, groupByKey, distinct (Spark's combineByKeyWithClassTag). With map-side
 * combining each map task sends one combiner a key. Where the parent is already placed by the partitioner nothing is shuffled.
 */

import type { OperatorEmitter } from "../codegen/operator-emitter.js";
import { keptText, type RowRef, tupleRef, wholeText } from "../codegen/row-ref.js";
import type { NodeFactory, RddNode } from "../rdd/node.js";
import type { Partitioner } from "../rdd/partitioner.js";
import { defineOperator } from "./define-operator.js";
import { emitKeyedWrite } from "./exchange.js";
import { KeyTable } from "./key-table.js";
import type { EmitNext, ExchangeOperator } from "./operator.js";
import {
  emitHashPartitions,
  emitNumPartitions,
  emitPartition,
  type KeyedParams,
  PARTITIONING_BINDINGS,
  partitioningBindings,
  partitioningCount,
  partitioningLateBindings,
  preparePartitioning,
} from "./partitioning.js";

export interface Aggregator {
  /** The combiner of a key's first value; undefined: the value itself. */
  readonly create: ((value: never) => unknown) | undefined;
  /** Instead of `create`: the first value is merged into a copy of this. */
  readonly zero?: { readonly value: unknown } | undefined;
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
const ZERO = CREATE + 3;

function aggregatorBindings({ aggregator }: CombineParams): readonly unknown[] {
  return [aggregator.create, aggregator.mergeValue, aggregator.mergeCombiners, aggregator.zero?.value];
}

/** Declares a table of combiners; rows added to it are values or, after map-side combining, combiners. */
function emitCombiners<P extends CombineParams>(e: OperatorEmitter<P>, how: "values" | "combiners"): KeyTable<P> {
  const { create, zero } = e.params.aggregator;
  const zeros = how === "values" && zero !== undefined ? e.let("zeros") : undefined;
  if (zeros !== undefined) e.w.line(`${zeros} = t.copier(${e.binding(ZERO)});`);
  const first = (value: RowRef): string => {
    if (zeros !== undefined) return wholeText(e.apply(MERGE_VALUE, [e.assign(`${zeros}()`), value], value));
    return keptText(how === "values" && create !== undefined ? e.apply(CREATE, [value], value) : value);
  };
  const mergeValue = how === "values" ? MERGE_VALUE : MERGE_COMBINERS;
  const asksOwn = e.foldsInPlace(mergeValue) || e.foldsInPlace(MERGE_COMBINERS);
  const merge = (binding: number) => (entry: string, value: RowRef, own: string) => {
    const combiner = e.assign(entry);
    if (!asksOwn) return wholeText(e.apply(binding, [combiner, value], value));
    e.fold(binding, wholeText(combiner), value, own, entry);
    return undefined;
  };
  return new KeyTable(e, {
    create: first,
    add: merge(mergeValue),
    merge: merge(MERGE_COMBINERS),
    asksOwn,
    mayBeNumbers: !asksOwn,
  });
}

function emitEachCombiner<P>(e: OperatorEmitter<P>, table: KeyTable<P>, next: EmitNext): void {
  table.each((key, combiner) => {
    e.w.line(`if (typeof ${wholeText(combiner)} === "object") t.noPromise(${wholeText(combiner)});`);
    next(tupleRef(key, combiner));
  });
}

const combineByKeyOperator = defineOperator<CombineParams, ExchangeOperator<CombineParams>>({
  kind: "combineByKey",
  label: "ShuffledRDD",
  shape: "exchange",
  bindings: (params) => [...partitioningBindings(params), ...aggregatorBindings(params)],
  lateBindings: partitioningLateBindings,
  prepare: preparePartitioning,
  partitions: partitioningCount,
  emitWrite(e) {
    if (!e.params.mapSideCombine) return emitKeyedWrite(e);
    const table = emitCombiners(e, "values");
    const writer = e.let("writer");
    e.w.line(`${writer} = t.segmentWriter(${emitNumPartitions(e)}, true);`);
    const push = (key: RowRef, combiner: RowRef): void => {
      const [k, c] = [wholeText(key), keptText(combiner)];
      e.w.line(`${writer}.pushPair(${emitPartition(e, k)}, ${k}, ${c});`);
    };
    const numPartitions = emitHashPartitions(e);
    const each = (key: RowRef, combiner: RowRef): void => {
      e.w.line(`if (typeof ${wholeText(combiner)} === "object") t.noPromise(${wholeText(combiner)});`);
      push(key, combiner);
    };
    const writeTable = (keys: string, entries: string): void => {
      if (numPartitions === undefined) return table.eachEntry(each);
      e.w.line(`t.writeTable(${writer}, ${keys}, ${entries}, ${numPartitions});`);
    };
    const { create, zero } = e.params.aggregator;
    // What a zero or a first combiner adds, it adds once a key and map task: only values that are combiners may pass.
    const mayPass = create === undefined && zero === undefined;
    return {
      row: (row) =>
        mayPass ? table.addOrPass(...e.pair(row), { row: push, table: writeTable }) : table.add(...e.pair(row)),
      end() {
        table.eachTable(writeTable);
        return `${writer}.finish()`;
      },
    };
  },
  emitRead(e, next) {
    const table = emitCombiners(e, e.params.mapSideCombine ? "combiners" : "values");
    table.addPairBatches(`t.segments(${e.input()})`);
    emitEachCombiner(e, table, next);
  },
});

const combineLocallyOperator = defineOperator<CombineParams>({
  kind: "combineLocally",
  label: "MapPartitionsRDD",
  shape: "cut",
  bindings: (params) => [undefined, undefined, ...aggregatorBindings(params)],
  emit(e, next) {
    const table = emitCombiners(e, "values");
    e.iteratePairs(0, (key, value) => table.add(key, value));
    emitEachCombiner(e, table, next);
  },
});

/** `[key, combiner]` for each key. */
export function combineByKey(
  make: NodeFactory,
  parent: RddNode,
  aggregator: Aggregator,
  partitioner: Partitioner,
  mapSideCombine = true,
): RddNode {
  const local = parent.partitioner?.equals(partitioner) === true;
  const operator = local ? combineLocallyOperator : combineByKeyOperator;
  return make(operator.kind, [parent], { aggregator, partitioner, mapSideCombine }, { partitioner });
}
