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
/** Sampled keys in all, where there are as many: few ranges are the evener for it, and it costs nothing. */
const SAMPLE_MIN = 2000;
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
  const enough = Math.min(SAMPLE_PER_RANGE * ranges, SAMPLE_MAX);
  const perPartition = (keys: number): number => Math.ceil((OVERSAMPLING * keys) / Math.max(1, parts));
  const sizes = { wanted: perPartition(Math.max(enough, SAMPLE_MIN)), enough: perPartition(enough) };
  const weighted = weigh(await sketch(node, source?.keyOf, sizes, tools));
  const compare = partitioner.compare === undefined ? undefined : (orderOnDriver(partitioner.compare, site) as Compare);
  // No more ranges than sampled keys, as in Spark: two rows never make three partitions.
  partitioner.bounds = cutEvenly(weighted, Math.min(ranges, weighted.length), compare);
}

type Sketch = [rowsSeen: number, keys: readonly unknown[], readShare: number];

/** A sketch a partition. Where too few keys came out of parts of a partition, after a filter perhaps, all of it is read. */
async function sketch(
  node: RddNode,
  keyOf: ((row: never) => unknown) | undefined,
  { wanted, enough }: { readonly wanted: number; readonly enough: number },
  tools: PrepareTools,
): Promise<Sketch[]> {
  const sketches = (await tools.run(node, sampleKeys(keyOf, wanted, false))).map(([row]) => row as Sketch);
  const poor = [...sketches.keys()].filter((partition) => {
    const [, keys, share] = sketches[partition] as Sketch;
    return share < 1 && keys.length < enough;
  });
  if (poor.length > 0) {
    const whole = await tools.run(node, sampleKeys(keyOf, wanted, true), poor);
    for (const [index, partition] of poor.entries()) sketches[partition] = whole[index]?.[0] as Sketch;
  }
  return sketches;
}

/** Keys, each with the number of rows that it stands for. */
function weigh(sketches: readonly Sketch[]): { key: unknown; weight: number }[] {
  return sketches.flatMap(([seen, keys, share]) => {
    const weight = seen / share / keys.length;
    return keys.map((key) => ({ key, weight }));
  });
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
