/**
 * In which order stages get slots. FIFO: by job, then stage. FAIR: pools share by weight after their minimum; inside a pool jobs queue
 * up (FIFO) or share evenly (FAIR). Spark's FairSchedulingAlgorithm.
 */

import { assert } from "@volley/engine/lib/assert.js";
import type { CoreLimits, PoolLimits } from "./limits.js";
import { DEFAULT_POOL } from "./limits.js";
import { ownerOf, type Stage } from "./stage.js";

interface Pool {
  readonly name: string;
  readonly limits: PoolLimits;
  /** With something to launch, in FIFO order. */
  readonly stages: Stage[];
  runningCount: number;
}

export class Pools {
  readonly #isFair: boolean;
  readonly #limits: Readonly<Record<string, PoolLimits>>;
  readonly #pools = new Map<string, Pool>();
  /** Mode FIFO: all stages, whatever their pool. */
  readonly #stages: Stage[] = [];
  /** Barrier stages among the queued. */
  readonly barriers = new Set<Stage>();

  constructor(limits: Pick<CoreLimits, "schedulingMode" | "pools">) {
    this.#isFair = limits.schedulingMode === "FAIR";
    this.#limits = limits.pools;
  }

  get queuedCount(): number {
    if (!this.#isFair) return this.#stages.length;
    let count = 0;
    for (const pool of this.#pools.values()) count += pool.stages.length;
    return count;
  }

  /** FAIR: running tasks of all pools. */
  get runningCount(): number {
    let count = 0;
    for (const pool of this.#pools.values()) count += pool.runningCount;
    return count;
  }

  add(stage: Stage): void {
    if (stage.isQueued) return;
    stage.isQueued = true;
    insertInOrder(this.#listOf(stage), stage);
    if (stage.isBarrier) this.barriers.add(stage);
  }

  remove(stage: Stage): void {
    if (!stage.isQueued) return;
    stage.isQueued = false;
    this.barriers.delete(stage);
    const list = this.#listOf(stage);
    // The first in order is the first to run dry, so this is found at once.
    const place = list.indexOf(stage);
    assert(place >= 0, "a queued stage is in its list");
    list.splice(place, 1);
  }

  /** Runs a change of a stage's owner, which its place in the order hangs on. */
  reorder(stage: Stage, change: () => void): void {
    const wasQueued = stage.isQueued;
    this.remove(stage);
    change();
    if (wasQueued) this.add(stage);
  }

  countLaunched(pool: string, by: 1 | -1): void {
    if (!this.#isFair) return;
    const counted = this.#pool(pool);
    counted.runningCount += by;
    assert(counted.runningCount >= 0, "a pool's running tasks are counted");
  }

  /** Stages with something to launch, the one that should get the next slot first. Valid until the next launch. */
  ordered(): readonly Stage[] {
    if (!this.#isFair) return this.#stages;
    const pools = [...this.#pools.values()].filter((pool) => pool.stages.length > 0).sort(comparePools);
    return pools.flatMap((pool) => (pool.limits.mode === "FIFO" ? pool.stages : [...pool.stages].sort(compareJobs)));
  }

  #listOf(stage: Stage): Stage[] {
    return this.#isFair ? this.#pool(ownerOf(stage).job.pool).stages : this.#stages;
  }

  #pool(name: string): Pool {
    let pool = this.#pools.get(name);
    if (pool === undefined) {
      const limits = Object.hasOwn(this.#limits, name) ? (this.#limits[name] as PoolLimits) : DEFAULT_POOL;
      pool = { name, limits, stages: [], runningCount: 0 };
      this.#pools.set(name, pool);
    }
    return pool;
  }

  validate(): void {
    const lists = this.#isFair ? [...this.#pools.values()].map((pool) => pool.stages) : [this.#stages];
    for (const list of lists) {
      for (const [place, stage] of list.entries()) {
        assert(stage.isQueued && stage.state === "running", "only running stages are queued");
        if (place > 0) assert(compareStages(list[place - 1] as Stage, stage) < 0, "queued stages are in order");
      }
    }
    for (const stage of this.barriers)
      assert(stage.isQueued && stage.isBarrier, "barrier stages are listed while queued");
  }
}

/** FIFO: by job, then by stage. */
export function compareStages(a: Stage, b: Stage): number {
  return ownerOf(a).job.jobId - ownerOf(b).job.jobId || a.stageId - b.stageId;
}

function compareJobs(a: Stage, b: Stage): number {
  return ownerOf(a).job.runningCount - ownerOf(b).job.runningCount || compareStages(a, b);
}

/** Pools below their minimum first, the neediest of them first; then by running tasks for each unit of weight; then by name. */
function comparePools(a: Pool, b: Pool): number {
  const aNeeds = a.runningCount < a.limits.minShare;
  const bNeeds = b.runningCount < b.limits.minShare;
  if (aNeeds !== bNeeds) return aNeeds ? -1 : 1;
  const ratio = aNeeds
    ? a.runningCount / Math.max(1, a.limits.minShare) - b.runningCount / Math.max(1, b.limits.minShare)
    : a.runningCount / a.limits.weight - b.runningCount / b.limits.weight;
  return ratio || (a.name < b.name ? -1 : 1);
}

function insertInOrder(list: Stage[], stage: Stage): void {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compareStages(list[middle] as Stage, stage) < 0) low = middle + 1;
    else high = middle;
  }
  list.splice(low, 0, stage);
}
