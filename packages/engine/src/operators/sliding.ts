import { sliceOfHeads } from "../actions/head.js";
import type { NodeFactory, RddNode } from "../rdd/node.js";
import { defineOperator } from "./define-operator.js";

export interface SlidingParams {
  readonly size: number;
  readonly step: number;
}

/** A partition: the parent's, rows to pass over before its first window, and rows of following partitions that its windows reach into. */
interface Reach {
  readonly parent: number;
  readonly offset: number;
  readonly tail: readonly unknown[];
}

const slidingOperator = defineOperator<SlidingParams>({
  kind: "sliding",
  label: "SlidingRDD",
  shape: "cut",
  bindings: ({ size, step }) => [size, step],
  async prepare(node, tools): Promise<readonly Reach[]> {
    const parent = node.inputs[0] as RddNode;
    const parts = await tools.prepared(parent);
    if (parts <= 1) return parts === 0 ? [] : [{ parent: 0, offset: 0, tail: [] }];
    const { size, step } = node.params;
    // Without steps it is enough to know whether a partition has a whole window.
    const heads = await tools.run(parent, sliceOfHeads(size, step > 1));
    return reaches(
      heads.map(([row]) => row as Head),
      node.params,
    );
  },
  // Partitions in which no window begins are left out, as Spark does.
  countsAtRunTime: true,
  partitions: (node, facts) => facts.prepared<readonly Reach[]>(node).length,
  ports: (node, partition, facts) => [
    [{ input: 0, partition: (facts.prepared<readonly Reach[]>(node)[partition] as Reach).parent }],
  ],
  lateBindings: (node, facts) => [facts.prepared<readonly Reach[]>(node).map(({ offset, tail }) => [offset, tail])],
  emit(e, next) {
    const reach = `${e.late(0)}[${e.partition()}]`;
    e.iterate(`t.windows(${e.syncPort(0)}, ${reach}, ${e.binding(0)}, ${e.binding(1)})`, next);
  },
});

type Head = readonly [count: number, rows: readonly unknown[]];

/** The partitions in which a window begins that is full. Counts may end at the size of a window where the step is 1. */
function reaches(heads: readonly Head[], { size, step }: SlidingParams): readonly Reach[] {
  const found: Reach[] = [];
  let passed = 0;
  for (const [parent, [count]] of heads.entries()) {
    const offset = (step - (passed % step)) % step;
    passed += count;
    if (offset >= count) continue;
    const tail = rowsAfter(heads, parent, size - 1);
    if (count + tail.length >= offset + size) found.push({ parent, offset, tail });
  }
  return found;
}

/** The first `n` rows behind a partition. */
function rowsAfter(heads: readonly Head[], partition: number, n: number): readonly unknown[] {
  const rows: unknown[] = [];
  for (let next = partition + 1; next < heads.length && rows.length < n; next++) {
    for (const row of (heads[next] as Head)[1]) if (rows.length < n) rows.push(row);
  }
  return rows;
}

/** Arrays of `size` rows that follow each other, each beginning `step` rows after the one before it, across partitions. */
export function sliding(make: NodeFactory, parent: RddNode, params: SlidingParams): RddNode {
  return make(slidingOperator.kind, [parent], params);
}
