import { wholeText } from "../codegen/row-ref.js";
import type { NodeFactory, RddNode } from "../rdd/node.js";
import { defineOperator } from "./define-operator.js";

interface MapPartitionsParams {
  readonly f: (rows: never, index?: never) => unknown;
}

const mapPartitionsOperator = defineOperator<MapPartitionsParams>({
  kind: "mapPartitions",
  label: "MapPartitionsRDD",
  shape: "cut",
  bindings: ({ f }) => [f],
  emit(e, next) {
    e.mark();
    e.iterate(`t.iterable(${e.binding(0)}(${e.syncPort(0)}))`, next);
  },
});

const mapPartitionsWithIndexOperator = defineOperator<MapPartitionsParams>({
  kind: "mapPartitionsWithIndex",
  label: "MapPartitionsRDD",
  shape: "cut",
  bindings: ({ f }) => [f],
  emit(e, next) {
    e.mark();
    e.iterate(`t.iterable(${e.binding(0)}(${e.partition()}, ${e.syncPort(0)}))`, next);
  },
});

const glomOperator = defineOperator<object>({
  kind: "glom",
  label: "MapPartitionsRDD",
  shape: "cut",
  emit: (e, next) => next(e.assign(`[...${e.syncPort(0)}]`)),
});

const onePerPartitionOperator = defineOperator<MapPartitionsParams>({
  kind: "onePerPartition",
  label: "MapPartitionsRDD",
  shape: "cut",
  bindings: ({ f }) => [f],
  emit(e, next) {
    e.mark();
    const result = e.assign(`${e.binding(0)}(${e.syncPort(0)})`);
    e.w.line(`t.noPromise(${wholeText(result)});`);
    next(result);
  },
});

/** One row a partition: what `f` gives for an iterator over its rows (runJob, foreachPartition). */
export function onePerPartition(make: NodeFactory, parent: RddNode, f: (rows: never) => unknown): RddNode {
  return make(onePerPartitionOperator.kind, [parent], { f });
}

/** What `f` gives for the rows of each partition: an iterator over them in, any iterable out; rows are computed as they are asked for. */
export function mapPartitions(
  make: NodeFactory,
  parent: RddNode,
  f: (rows: never) => unknown,
  preservesPartitioning: boolean,
): RddNode {
  return make(
    mapPartitionsOperator.kind,
    [parent],
    { f },
    preservesPartitioning ? { partitioner: parent.partitioner } : {},
  );
}

export function mapPartitionsWithIndex(
  make: NodeFactory,
  parent: RddNode,
  f: (index: never, rows: never) => unknown,
  preservesPartitioning: boolean,
): RddNode {
  return make(
    mapPartitionsWithIndexOperator.kind,
    [parent],
    { f },
    preservesPartitioning ? { partitioner: parent.partitioner } : {},
  );
}

/** One row a partition: an array of its rows. */
export function glom(make: NodeFactory, parent: RddNode): RddNode {
  return make(glomOperator.kind, [parent], {});
}
