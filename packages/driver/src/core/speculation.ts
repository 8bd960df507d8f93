/**
 * Second attempts for slow tasks: once a quantile of a stage's tasks has succeeded, what runs a multiple of their median runs again
 * elsewhere; the first to end counts. Spark's `spark.speculation`.
 */

import type { Attempt } from "./attempt.js";
import type { SpeculationLimits } from "./limits.js";

/** Steps of the histogram in one doubling of the run time: a median is right within 9 %. */
const STEPS = 8;
/** 2^24 ms is four and a half hours; what is longer counts as that. */
const BUCKETS = 24 * STEPS + 1;

/** Run times of succeeded tasks in constant memory. */
export class Runtimes {
  readonly #counts = new Uint32Array(BUCKETS);
  count = 0;

  add(runMs: number): void {
    const bucket = Math.min(BUCKETS - 1, Math.floor(Math.log2(Math.max(1, runMs)) * STEPS));
    this.#counts[bucket] = (this.#counts[bucket] as number) + 1;
    this.count++;
  }

  /** The upper end of the bucket that holds the median; 0 without any. */
  medianMs(): number {
    let below = 0;
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      below += this.#counts[bucket] as number;
      if (below * 2 >= this.count && this.count > 0) return 2 ** ((bucket + 1) / STEPS);
    }
    return 0;
  }
}

/** Run time beyond which a task counts as slow; undefined while too few have succeeded to say. */
export function slowAfterMs(
  limits: SpeculationLimits,
  taskCount: number,
  succeededCount: number,
  runtimes: Runtimes,
): number | undefined {
  if (!limits.enabled || taskCount < 2 || runtimes.count === 0) return undefined;
  if (succeededCount < Math.max(1, Math.floor(limits.quantile * taskCount))) return undefined;
  return Math.max(limits.minMs, limits.multiplier * runtimes.medianMs());
}

/**
 * Will the time of an executor that leaves be over before this task, going by the others of its stage, has ended? Then another try may begin while
 * this one still has a chance. Spark's `spark.executor.decommission.killInterval`.
 */
export function willBeCutShort({ executor, startedAt }: Attempt, medianMs: number): boolean {
  if (executor.state !== "decommissioning" || startedAt < 0 || medianMs === 0) return false;
  return startedAt + medianMs > executor.leavesAt;
}

/** A task that waits for a slot is given the time of one more task: it may stand behind a slow one for ever. */
export function isSlow(attempt: Attempt, now: number, slowMs: number, medianMs: number): boolean {
  if (attempt.startedAt >= 0) return now - attempt.startedAt >= slowMs;
  return now - attempt.launchedAt >= slowMs + medianMs;
}
