/**
 * Which pending partition of a stage an executor gets: one whose cached block it holds, then one whose file is on its host, then one
 * that is at home nowhere, and only after a short wait one that would be at home elsewhere (delay scheduling, Zaharia et al. 2010).
 *
 * Lists are cleaned lazily, as in Spark's TaskSetManager: a partition may stand in several of them, and whoever takes it looks at its
 * state first. A stage without any preference, the common case, keeps no list at all, just a cursor.
 */

import type { Executor } from "./executors.js";
import { RETRY_SCAN_MAX } from "./limits.js";
import { Queue } from "./queue.js";

export const PENDING = 0;

/** Where a partition would best run; only executors and hosts that live. */
export interface Preference {
  readonly executors: readonly Executor[];
  readonly hosts: readonly string[];
}

interface Retry {
  readonly index: number;
  /** Index of the executor it failed on. */
  readonly failedOn: number;
  readonly since: number;
}

/** How far `take` may go: "any" goes beyond what is local once the wait is over, "all" at once. */
export type Reach = "local" | "any" | "all";

export interface LocalityLimits {
  readonly localityWaitMs: number;
  readonly retryElsewhereMs: number;
}

export class PendingTasks {
  readonly #states: Uint8Array;
  readonly #limits: LocalityLimits;
  #preferenceOf: ((index: number) => Preference) | undefined;
  /** Partitions from here on have not been looked at. */
  #cursor = 0;
  readonly #requeued = new Queue<number>();
  readonly #retries = new Queue<Retry>();
  readonly #byExecutor = new Map<number, Queue<number>>();
  readonly #byHost = new Map<string, Queue<number>>();
  /** At home nowhere. */
  readonly #homeless = new Queue<number>();
  /** When an executor first went without for locality's sake; -1: none has. */
  #waitingSince = -1;

  /** `states`: PENDING or not, by partition index; shared with the task set. */
  constructor(states: Uint8Array, limits: LocalityLimits, preferenceOf?: (index: number) => Preference) {
    this.#states = states;
    this.#limits = limits;
    this.restart(preferenceOf);
  }

  /** Everything that is pending, from the beginning. */
  restart(preferenceOf?: (index: number) => Preference): void {
    this.#preferenceOf = preferenceOf;
    this.#cursor = 0;
    this.#waitingSince = -1;
    for (const queue of [this.#requeued, this.#retries, this.#homeless]) queue.clear();
    this.#byExecutor.clear();
    this.#byHost.clear();
    if (preferenceOf === undefined) return;
    for (let index = 0; index < this.#states.length; index++)
      if (this.#states[index] === PENDING) this.#file(index, preferenceOf(index));
    if (this.#byExecutor.size === 0 && this.#byHost.size === 0) {
      this.#preferenceOf = undefined;
      this.#homeless.clear();
    }
  }

  /** A partition is pending again through no fault of its own. */
  requeue(index: number): void {
    this.#requeued.push(index);
    if (this.#preferenceOf !== undefined) this.#file(index, this.#preferenceOf(index));
  }

  /** A partition failed and is to be tried again, rather elsewhere. */
  retry(index: number, failedOn: Executor, now: number): void {
    this.#retries.push({ index, failedOn: failedOn.index, since: now });
  }

  /** The executor gets no more tasks: what was at home there is at home nowhere. */
  evict(executor: Executor, isHostLeft: boolean): void {
    this.#unfile(this.#byExecutor, executor.index);
    if (!isHostLeft) this.#unfile(this.#byHost, executor.host);
  }

  /**
   * A pending partition for that executor, or -1. `isOnly`: there is no other executor, so that a retry cannot wait for one.
   */
  take(executor: Executor, now: number, reach: Reach, isOnly: boolean): number {
    if (this.#preferenceOf !== undefined) {
      const local = this.#takeLocal(executor);
      if (local >= 0) return local;
    }
    if (this.#retries.size > 0) {
      const retry = this.#takeRetry(executor, now, isOnly);
      if (retry >= 0) return retry;
    }
    if (this.#preferenceOf === undefined) return this.#takeAny();
    const homeless = this.#pop(this.#homeless);
    if (homeless >= 0 || reach === "local") return homeless;
    if (reach === "all") return this.#takeAny();
    if (this.#waitingSince < 0) this.#waitingSince = now;
    return now - this.#waitingSince >= this.#limits.localityWaitMs ? this.#takeAny() : -1;
  }

  #takeLocal(executor: Executor): number {
    const own = this.#byExecutor.get(executor.index);
    if (own !== undefined) {
      const index = this.#pop(own);
      if (index >= 0) return index;
      this.#byExecutor.delete(executor.index);
    }
    const near = this.#byHost.get(executor.host);
    if (near === undefined) return -1;
    const index = this.#pop(near);
    if (index < 0) this.#byHost.delete(executor.host);
    return index;
  }

  #takeRetry(executor: Executor, now: number, isOnly: boolean): number {
    for (let offset = 0; offset < this.#retries.size && offset < RETRY_SCAN_MAX; ) {
      const retry = this.#retries.at(offset) as Retry;
      if (this.#states[retry.index] !== PENDING) {
        this.#retries.take(offset);
        continue;
      }
      if (isOnly || retry.failedOn !== executor.index || now - retry.since >= this.#limits.retryElsewhereMs) {
        this.#retries.take(offset);
        return retry.index;
      }
      offset++;
    }
    return -1;
  }

  #takeAny(): number {
    const again = this.#pop(this.#requeued);
    if (again >= 0) return again;
    const retrying = this.#preferenceOf !== undefined && this.#retries.size > 0 ? this.#retryingNow() : undefined;
    while (this.#cursor < this.#states.length) {
      const index = this.#cursor++;
      if (this.#states[index] === PENDING && retrying?.has(index) !== true) return index;
    }
    return -1;
  }

  /** Partitions that wait for another executor: the cursor, should it stand before them, must not hand them out. */
  #retryingNow(): Set<number> {
    const all = new Set<number>();
    for (let offset = 0; offset < this.#retries.size; offset++) all.add((this.#retries.at(offset) as Retry).index);
    return all;
  }

  #file(index: number, preference: Preference): void {
    for (const executor of preference.executors) pushTo(this.#byExecutor, executor.index, index);
    for (const host of preference.hosts) pushTo(this.#byHost, host, index);
    if (preference.executors.length === 0 && preference.hosts.length === 0) this.#homeless.push(index);
  }

  #unfile<K>(lists: Map<K, Queue<number>>, key: K): void {
    const list = lists.get(key);
    if (list === undefined) return;
    for (let index = this.#pop(list); index >= 0; index = this.#pop(list)) this.#homeless.push(index);
    lists.delete(key);
  }

  #pop(queue: Queue<number>): number {
    for (let index = queue.shift(); index !== undefined; index = queue.shift())
      if (this.#states[index] === PENDING) return index;
    return -1;
  }
}

function pushTo<K>(lists: Map<K, Queue<number>>, key: K, index: number): void {
  const list = lists.get(key);
  if (list !== undefined) list.push(index);
  else {
    const made = new Queue<number>();
    made.push(index);
    lists.set(key, made);
  }
}
