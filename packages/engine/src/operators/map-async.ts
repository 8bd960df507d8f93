import { wholeText } from "../codegen/row-ref.js";
import type { NodeFactory, RddNode } from "../rdd/node.js";
import { defineOperator } from "./define-operator.js";
import { emitEach } from "./flat-map.js";
import type { CutOperator } from "./operator.js";

interface MapAsyncParams {
  readonly f: (row: never) => unknown;
  /** Calls that may be under way at once in a partition. */
  readonly concurrency: number;
}

const common = {
  label: "MapPartitionsRDD",
  shape: "cut",
  async: true,
  bindings: ({ f, concurrency }: MapAsyncParams) => [f, concurrency],
} as const;

const mapAsyncOperator = defineOperator<MapAsyncParams, CutOperator<MapAsyncParams>>({
  ...common,
  kind: "mapAsync",
  emit: (e, next) => e.iterate(`t.mapAsync(${e.port(0)}, ${e.binding(0)}, ${e.binding(1)}, ($p, $r) => $p)`, next),
});

const flatMapAsyncOperator = defineOperator<MapAsyncParams, CutOperator<MapAsyncParams>>({
  ...common,
  kind: "flatMapAsync",
  emit: (e, next) =>
    e.iterate(`t.mapAsync(${e.port(0)}, ${e.binding(0)}, ${e.binding(1)}, ($p, $r) => $p)`, (row) =>
      emitEach(e, wholeText(row), row, next),
    ),
});

const filterAsyncOperator = defineOperator<MapAsyncParams, CutOperator<MapAsyncParams>>({
  ...common,
  kind: "filterAsync",
  emit: (e, next) =>
    e.iterate(`t.mapAsync(${e.port(0)}, ${e.binding(0)}, ${e.binding(1)}, ($p, $r) => [$p, $r])`, (row) => {
      e.w.block(`if (${wholeText(row)}[0])`, () => next(e.assign(`${wholeText(row)}[1]`)));
    }),
});

/** One row for each row, from an async function; rows keep their order, at most `concurrency` calls run at once. */
export function mapAsync(make: NodeFactory, parent: RddNode, params: MapAsyncParams): RddNode {
  return make(mapAsyncOperator.kind, [parent], params);
}

export function flatMapAsync(make: NodeFactory, parent: RddNode, params: MapAsyncParams): RddNode {
  return make(flatMapAsyncOperator.kind, [parent], params);
}

export function filterAsync(make: NodeFactory, parent: RddNode, params: MapAsyncParams): RddNode {
  return make(filterAsyncOperator.kind, [parent], params, { partitioner: parent.partitioner });
}
