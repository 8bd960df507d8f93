/**
 * Bounds of ranges of about equal size from a sample of keys: Spark's RangePartitioner (sketch a few times more keys than needed from each
 * partition, weigh each by the rows it stands for, cut the weights evenly).
 */

import { sampleKeys } from "../actions/sample-keys.js";
import { compareValues } from "../lib/ordering.js";
import type { PrepareTools } from "../plan/prepare.js";
import type { CallSite } from "../rdd/call-site.js";
import type { RddNode } from "../rdd/node.js";
import { orderOnDriver } from "../rdd/on-driver.js";
import type { Compare, RangePartitioner } from "../rdd/partitioner.js";

/** Sampled keys a range: enough that ranges differ by few per cent (Spark's figure). */
const SAMPLE_PER_RANGE = 20;
const SAMPLE_MAX = 1_000_000;
/** Partitions are uneven: each gives more than its even share (Spark's figure). */
const OVERSAMPLING = 3;

export async function sampleRangeBounds(
  partitioner: RangePartitioner,
  tools: PrepareTools,
  site: CallSite,
): Promise<void> {
  const source = partitioner.source();
  const node = source?.node as RddNode;
  const parts = await tools.prepared(node);
  const ranges = source?.sameCount === true ? parts : partitioner.numPartitions;
  if (ranges <= 1) {
    partitioner.bounds = [];
    return;
  }
  const perPartition = Math.ceil((OVERSAMPLING * Math.min(SAMPLE_PER_RANGE * ranges, SAMPLE_MAX)) / Math.max(1, parts));
  const sketches = await tools.run(node, sampleKeys(source?.keyOf, perPartition));
  const weighted: { key: unknown; weight: number }[] = [];
  for (const sketch of sketches) {
    const [count, keys] = sketch[0] as [number, unknown[]];
    for (const key of keys) weighted.push({ key, weight: count / keys.length });
  }
  const compare = partitioner.compare === undefined ? undefined : (orderOnDriver(partitioner.compare, site) as Compare);
  // No more ranges than sampled keys, as in Spark: two rows never make three partitions.
  partitioner.bounds = cutEvenly(weighted, Math.min(ranges, weighted.length), compare);
}

/** At most `ranges - 1` distinct keys that part the weights evenly, ascending. */
export function cutEvenly(
  weighted: { readonly key: unknown; readonly weight: number }[],
  ranges: number,
  compare: RangePartitioner["compare"],
): readonly unknown[] {
  const order = (compare ?? compareValues) as (a: unknown, b: unknown) => number;
  weighted.sort((a, b) => order(a.key, b.key));
  const step = weighted.reduce((sum, item) => sum + item.weight, 0) / ranges;
  const bounds: unknown[] = [];
  let passed = 0;
  let target = step;
  for (const { key, weight } of weighted) {
    if (bounds.length >= ranges - 1) break;
    passed += weight;
    if (passed < target) continue;
    if (bounds.length > 0 && order(bounds[bounds.length - 1], key) === 0) continue;
    bounds.push(key);
    target += step;
  }
  return bounds;
}
