import { wholeText } from "../codegen/row-ref.js";
import type { NodeFactory, RddNode } from "../rdd/node.js";
import type { Compare, RangePartitioner } from "../rdd/partitioner.js";
import { defineOperator } from "./define-operator.js";

interface FilterByRangeParams {
  readonly lower: unknown;
  readonly upper: unknown;
  readonly compare: Compare | undefined;
}

const filterByRangeOperator = defineOperator<FilterByRangeParams>({
  kind: "filterByRange",
  label: "MapPartitionsRDD",
  shape: "row",
  bindings: ({ lower, upper, compare }) => [lower, upper, compare],
  emit(e) {
    const compare = e.params.compare === undefined ? "t.compare" : e.binding(2);
    return {
      row(row, next) {
        const [key, value] = e.pair(row);
        const name = wholeText(e.whole(key));
        e.mark(row);
        e.w.block(`if (${compare}(${name}, ${e.binding(0)}) >= 0 && ${compare}(${name}, ${e.binding(1)}) <= 0)`, () =>
          next({ kind: "tuple", items: [{ kind: "value", text: name }, value] }),
        );
      },
    };
  },
});

interface RangePartitionsParams {
  readonly partitioner: RangePartitioner;
  readonly lower: unknown;
  readonly upper: unknown;
}

/** First and last partition that may hold keys of the range. */
function window({ partitioner, lower, upper }: RangePartitionsParams): readonly [number, number] {
  const ends = [partitioner.getPartition(lower), partitioner.getPartition(upper)] as const;
  return [Math.min(...ends), Math.max(...ends)];
}

const rangePartitionsOperator = defineOperator<RangePartitionsParams>({
  kind: "rangePartitions",
  label: "PartitionPruningRDD",
  shape: "alias",
  // The parent's bounds are sampled when it is prepared.
  countsAtRunTime: true,
  partitions(node) {
    const [first, last] = window(node.params);
    return last - first + 1;
  },
  parent: (node, partition) => ({ input: 0, partition: window(node.params)[0] + partition }),
});

/** The pairs whose key lies between two keys, both included. */
export function filterByRange(make: NodeFactory, parent: RddNode, params: FilterByRangeParams): RddNode {
  return make(filterByRangeOperator.kind, [parent], params, { partitioner: parent.partitioner });
}

/** The partitions of a range-partitioned parent that may hold keys between two keys. */
export function rangePartitions(
  make: NodeFactory,
  parent: RddNode,
  partitioner: RangePartitioner,
  lower: unknown,
  upper: unknown,
): RddNode {
  return make(rangePartitionsOperator.kind, [parent], { partitioner, lower, upper });
}
