/** Which partitioner a shuffle gets when its caller names none: Spark's Partitioner.defaultPartitioner. */

import { PARTITIONS_MAX, refuse, requireInteger, requirePartitioner } from "./arguments.js";
import { LateHashPartitioner } from "./late-hash-partitioner.js";
import { HashPartitioner, Partitioner } from "./partitioner.js";
import type { RddBase } from "./rdd-base.js";

/** What key-value methods take last: a number of partitions, or where each key goes. */
export type Partitioning = number | Partitioner;

/** A parent's partitioner is kept unless another parent has this many times more partitions (Spark's figure). */
const ELIGIBLE_RATIO = 10;

/** A hash partitioner over as many partitions as the largest of the RDDs has. */
export function hashLike(rdds: readonly RddBase[]): HashPartitioner {
  const counts = rdds.map((rdd) => rdd.context.knownPartitions(rdd.node));
  if (counts.every((count) => count !== undefined))
    return new HashPartitioner(counts.reduce((a, b) => Math.max(a, b), 0));
  return new LateHashPartitioner(
    rdds.reduce((most, rdd) => Math.max(most, estimatedPartitions(rdd)), 0),
    rdds.map((rdd) => rdd.node),
  );
}

/** The number of partitions, or a guess while files are not listed and ranges not sampled. */
export function estimatedPartitions({ context, node }: RddBase): number {
  return context.knownPartitions(node) ?? node.partitioner?.numPartitions ?? context.defaultMinPartitions;
}

/** The largest partitioner among the RDDs if it is large enough for all of them, otherwise a hash partitioner of the largest size. */
export function defaultPartitioner(rdds: readonly RddBase[]): Partitioner {
  let best: { readonly partitioner: Partitioner; readonly count: number } | undefined;
  let most = 0;
  for (const rdd of rdds) {
    const count = estimatedPartitions(rdd);
    most = Math.max(most, count);
    const { partitioner } = rdd.node;
    if (partitioner === undefined || partitioner.numPartitions === 0) continue;
    if (best === undefined || count > best.count) best = { partitioner, count };
  }
  if (best === undefined || (most / best.count >= ELIGIBLE_RATIO && most > best.count)) return hashLike(rdds);
  const { partitioner } = best;
  // Spark leaves out partitioners without partitions; whether this one has any is not known before an action.
  if (partitioner instanceof LateHashPartitioner && rdds.length > 1) partitioner.takeOthers();
  return partitioner;
}

/** The partitioner that a method's last argument asks for. */
export function partitionerFor(rdds: readonly RddBase[], by: Partitioning | undefined, method: string): Partitioner {
  if (by === undefined) return defaultPartitioner(rdds);
  if (by instanceof Partitioner) {
    requirePartitioner(by, method, rdds);
    return by;
  }
  if (typeof by !== "number") refuse(`${method} takes a number of partitions or a Partitioner last`);
  requireInteger(by, method, "numPartitions", 1, PARTITIONS_MAX);
  return new HashPartitioner(by);
}
