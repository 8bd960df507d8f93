import type { NodeFactory, RddNode } from "../rdd/node.js";
import type { Compare, Partitioner } from "../rdd/partitioner.js";
import { defineOperator } from "./define-operator.js";
import { emitKeyedWrite } from "./exchange.js";
import type { ExchangeOperator } from "./operator.js";
import {
  type KeyedParams,
  PARTITIONING_BINDINGS,
  partitioningBindings,
  partitioningCount,
  partitioningLateBindings,
  preparePartitioning,
} from "./partitioning.js";

export interface PartitionByParams extends KeyedParams {
  /** Order of the rows of a partition by key; undefined: as they came. */
  readonly order?: { readonly compare: Compare | undefined; readonly ascending: boolean } | undefined;
  /** See `emitKeyedWrite`. */
  readonly keysApart?: boolean;
}

const partitionByOperator = defineOperator<PartitionByParams, ExchangeOperator<PartitionByParams>>({
  kind: "partitionBy",
  label: "ShuffledRDD",
  shape: "exchange",
  bindings: (params) => [...partitioningBindings(params), params.order?.compare],
  lateBindings: partitioningLateBindings,
  prepare: preparePartitioning,
  partitions: partitioningCount,
  emitWrite: (e) => emitKeyedWrite(e, e.params.keysApart),
  emitRead(e, next) {
    const { order } = e.params;
    if (order === undefined) return e.pairBatches(`t.segments(${e.input()})`, next);
    e.mark();
    const compare = e.binding(PARTITIONING_BINDINGS);
    e.pairBatches(`t.sortedByKey(${e.input()}, ${compare}, ${order.ascending}, ${e.site()})`, next);
  },
});

/** The pairs of the parent, each in its key's partition; in the order of the map partitions, or sorted by key. */
export function partitionBy(
  make: NodeFactory,
  parent: RddNode,
  partitioner: Partitioner,
  { order, keysApart }: Pick<PartitionByParams, "order" | "keysApart"> = {},
): RddNode {
  return make(partitionByOperator.kind, [parent], { partitioner, order, keysApart }, { partitioner });
}
