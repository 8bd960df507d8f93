import { tupleRef } from "../codegen/row-ref.js";
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
}

const partitionByOperator = defineOperator<PartitionByParams, ExchangeOperator<PartitionByParams>>({
  kind: "partitionBy",
  label: "ShuffledRDD",
  shape: "exchange",
  bindings: (params) => [...partitioningBindings(params), params.order?.compare],
  lateBindings: partitioningLateBindings,
  prepare: preparePartitioning,
  partitions: partitioningCount,
  emitWrite: emitKeyedWrite,
  emitRead(e, next) {
    const { order } = e.params;
    if (order === undefined) return e.pairBatches(`t.segments(${e.input()})`, next);
    const [chunk, index] = [e.fresh("chunk"), e.let("i")];
    e.mark();
    e.w.block(
      `for (const ${chunk} of t.sortedByKey(${e.input()}, ${e.binding(PARTITIONING_BINDINGS)}, ${order.ascending}, ${e.site()}))`,
      () => {
        e.loop(`for (${index} = 0; ${index} < ${chunk}.size; ${index}++)`, () => {
          next(tupleRef(e.assign(`${chunk}.keys[${index}]`), e.assign(`${chunk}.values[${index}]`)));
        });
      },
    );
  },
});

/** The pairs of the parent, each in its key's partition; in the order of the map partitions, or sorted by key. */
export function partitionBy(
  make: NodeFactory,
  parent: RddNode,
  partitioner: Partitioner,
  order?: PartitionByParams["order"],
): RddNode {
  return make(partitionByOperator.kind, [parent], { partitioner, order }, { partitioner });
}
