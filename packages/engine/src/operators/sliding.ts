import { sliceOfHeads } from "../actions/head.js";
import type { NodeFactory, RddNode } from "../rdd/node.js";
import { defineOperator } from "./define-operator.js";

export interface SlidingParams {
  readonly size: number;
  readonly step: number;
}

/** Of one partition: rows to pass over before its first window, and the rows of following partitions that its windows reach into. */
type Reach = readonly [offset: number, tail: readonly unknown[]];

const slidingOperator = defineOperator<SlidingParams>({
  kind: "sliding",
  label: "SlidingRDD",
  shape: "cut",
  bindings: ({ size, step }) => [size, step],
  async prepare(node, tools): Promise<readonly Reach[]> {
    const parent = node.inputs[0] as RddNode;
    const parts = await tools.prepared(parent);
    const { size, step } = node.params;
    // Without steps the rows before a partition need no counting.
    const heads = parts <= 1 ? [] : await tools.run(parent, sliceOfHeads(size - 1, step > 1));
    return reaches(
      heads.map(([row]) => row as readonly [number, readonly unknown[]]),
      parts,
      node.params,
    );
  },
  lateBindings: (node, facts) => [facts.prepared<readonly Reach[]>(node)],
  emit(e, next) {
    const reach = `${e.late(0)}[${e.partition()}]`;
    e.iterate(`t.windows(${e.syncPort(0)}, ${reach}, ${e.binding(0)}, ${e.binding(1)})`, next);
  },
});

function reaches(
  heads: readonly (readonly [number, readonly unknown[]])[],
  parts: number,
  { size, step }: SlidingParams,
): readonly Reach[] {
  let passed = 0;
  return Array.from({ length: parts }, (_, partition): Reach => {
    const offset = (step - (passed % step)) % step;
    passed += heads[partition]?.[0] ?? 0;
    const tail: unknown[] = [];
    for (let next = partition + 1; next < heads.length && tail.length < size - 1; next++) {
      for (const row of (heads[next] as readonly [number, readonly unknown[]])[1])
        if (tail.length < size - 1) tail.push(row);
    }
    return [offset, tail];
  });
}

/** Arrays of `size` rows that follow each other, each beginning `step` rows after the one before it, across partitions. */
export function sliding(make: NodeFactory, parent: RddNode, params: SlidingParams): RddNode {
  return make(slidingOperator.kind, [parent], params);
}
