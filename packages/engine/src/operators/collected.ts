import { assert } from "../lib/assert.js";
import type { NodeFactory, RddNode } from "../rdd/node.js";
import { defineOperator } from "./define-operator.js";

/** Rows that become known on the driver only when an action runs: an async iterable, which is read once and kept. */
export interface CollectedParams {
  readonly numSlices: number;
  readonly gather: () => Promise<readonly unknown[]>;
}

const collectedOperator = defineOperator<CollectedParams>({
  kind: "collected",
  label: "ParallelCollectionRDD",
  shape: "source",
  partitions: (node) => node.params.numSlices,
  prepare: async (node, tools) => {
    const rows = await node.params.gather();
    assert(Array.isArray(rows), "gather gives an array");
    const { numSlices } = node.params;
    const at = (index: number) => Math.floor((index * rows.length) / numSlices);
    tools.putSource(
      node,
      Array.from({ length: numSlices }, (_, index) => rows.slice(at(index), at(index + 1))),
    );
  },
  input: (node, partition) => ({ kind: "block", block: { kind: "source", rddId: node.id, partition } }),
  emit: (e, next) => e.batches(`t.blockBatches(${e.input()})`, next),
  emitCount: (e) => `t.blockCount(${e.input()})`,
});

export function collected(make: NodeFactory, gather: () => Promise<readonly unknown[]>, numSlices: number): RddNode {
  return make(collectedOperator.kind, [], { numSlices, gather });
}
