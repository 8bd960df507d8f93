/** The tasks of a stage while it is wanted: which partitions are pending, running, done, and how often each failed. A few bytes a task. */

import { assert } from "@volley/engine/lib/assert.js";
import type { Attempt } from "./attempt.js";
import type { Executor } from "./executors.js";
import { type LocalityLimits, PENDING, PendingTasks, type Preference } from "./locality.js";
import type { MapOutputData } from "./map-outputs.js";
import { Queue } from "./queue.js";
import { Runtimes } from "./speculation.js";

const RUNNING = 1;
/** Barrier stages: succeeded, and accepted once all others have. */
const HELD = 2;
const DONE = 3;
/** Pending, but not for everybody: it must run alone. */
const ALONE = 4;

/** Which state may follow which, as bits of [from]; the fourth state machine beside those of `transitions.ts`, in bytes for a million tasks. */
const MAY_FOLLOW: readonly number[] = [
  /* PENDING */ 1 << RUNNING,
  /* RUNNING */ (1 << PENDING) | (1 << HELD) | (1 << DONE) | (1 << ALONE),
  /* HELD */ (1 << PENDING) | (1 << DONE),
  /* DONE */ 1 << PENDING,
  /* ALONE */ 1 << RUNNING,
];

export interface HeldResult {
  readonly attempt: Attempt;
  readonly mapOutput: MapOutputData | undefined;
}

export class TaskSet {
  readonly size: number;
  readonly #states: Uint8Array;
  readonly #failures: Uint8Array;
  readonly pending: PendingTasks;
  pendingCount: number;
  doneCount: number;
  /** Launched and not told to stop. */
  readonly running = new Set<Attempt>();
  /** Slow ones that are to get a twin; some may have ended meanwhile. */
  readonly slow = new Queue<Attempt>();
  readonly runtimes = new Runtimes();
  /** Partitions that may have used up an executor's memory: they run alone from then on. */
  readonly suspects = new Set<number>();
  readonly #alone = new Queue<number>();
  /** Of partitions that failed: where. */
  readonly failedOn = new Map<number, Executor[]>();
  /** Of partitions whose executor was lost without a charge: how often. */
  readonly #losses = new Map<number, number>();
  readonly held = new Map<number, HeldResult>();

  constructor(
    size: number,
    isDone: (index: number) => boolean,
    limits: LocalityLimits,
    preferenceOf?: (index: number) => Preference,
  ) {
    this.size = size;
    this.#states = new Uint8Array(size);
    this.#failures = new Uint8Array(size);
    this.doneCount = 0;
    for (let index = 0; index < size; index++) {
      if (!isDone(index)) continue;
      this.#states[index] = DONE;
      this.doneCount++;
    }
    this.pendingCount = size - this.doneCount;
    this.pending = new PendingTasks(this.#states, limits, preferenceOf);
  }

  /** Partitions that wait to run alone. */
  get aloneCount(): number {
    return this.#alone.size;
  }

  get hasWork(): boolean {
    return this.pendingCount > 0 || this.slow.size > 0;
  }

  isPending(index: number): boolean {
    return this.#states[index] === PENDING;
  }

  isDone(index: number): boolean {
    return this.#states[index] === DONE;
  }

  failureCount(index: number): number {
    return this.#failures[index] as number;
  }

  /** Counts one more failure of the partition and returns how many there are. */
  countFailure(index: number, on: Executor): number {
    const count = Math.min(255, (this.#failures[index] as number) + 1);
    this.#failures[index] = count;
    const places = this.failedOn.get(index);
    if (places === undefined) this.failedOn.set(index, [on]);
    else if (!places.includes(on)) places.push(on);
    return count;
  }

  /** Counts one more executor lost under the partition without a charge and returns how many there are. */
  countLoss(index: number): number {
    const count = (this.#losses.get(index) ?? 0) + 1;
    this.#losses.set(index, count);
    return count;
  }

  start(attempt: Attempt): void {
    if (attempt.twin === undefined) this.#move(attempt.index, RUNNING);
    this.running.add(attempt);
  }

  /** The attempt no longer runs for this set. Returns its twin, which stands alone from now on. */
  end(attempt: Attempt): Attempt | undefined {
    assert(this.running.delete(attempt), "an attempt ends once");
    const twin = attempt.twin;
    if (twin === undefined) return undefined;
    twin.twin = undefined;
    attempt.twin = undefined;
    return twin;
  }

  hold(index: number, result: HeldResult): void {
    this.#move(index, HELD);
    this.held.set(index, result);
  }

  complete(index: number): void {
    this.#move(index, DONE);
  }

  /** RUNNING, HELD or DONE to PENDING; the caller puts it into the pending lists. */
  reopen(index: number): void {
    this.#move(index, PENDING);
  }

  /** A partition whose attempt has ended is pending, to run alone. */
  setAlone(index: number): void {
    this.#move(index, ALONE);
    this.#alone.push(index);
  }

  /** A partition that waits to run alone. */
  takeAlone(): number {
    const index = this.#alone.shift();
    assert(index !== undefined, "a partition waits to run alone");
    return index;
  }

  /** Every partition is pending again, from the beginning. All attempts have been ended. */
  restart(preferenceOf?: (index: number) => Preference): void {
    assert(this.running.size === 0, "a set is restarted when nothing of it runs");
    this.#states.fill(PENDING);
    this.pendingCount = this.size;
    this.doneCount = 0;
    this.held.clear();
    this.slow.clear();
    this.#alone.clear();
    this.pending.restart(preferenceOf);
  }

  #move(index: number, to: number): void {
    const from = this.#states[index] as number;
    assert(((MAY_FOLLOW[from] as number) >> to) & 1, `a partition's state goes from ${from} to ${to}`);
    this.#states[index] = to;
    if (from === PENDING) this.pendingCount--;
    if (to === PENDING) this.pendingCount++;
    if (from === DONE) this.doneCount--;
    if (to === DONE) this.doneCount++;
    if (from === HELD) this.held.delete(index);
  }

  validate(): void {
    const counts = [0, 0, 0, 0, 0];
    for (const state of this.#states) counts[state] = (counts[state] as number) + 1;
    assert(
      counts[PENDING] === this.pendingCount && counts[DONE] === this.doneCount,
      "pending and done partitions are counted",
    );
    assert(counts[HELD] === this.held.size, "held results are kept");
    assert(counts[ALONE] === this.#alone.size, "partitions that must run alone are listed");
    const runningIndices = new Set<number>();
    for (const attempt of this.running) {
      runningIndices.add(attempt.index);
      assert(attempt.state === "launched", "a running attempt is launched");
      assert(this.#states[attempt.index] === RUNNING, "a running attempt's partition is running");
      if (attempt.twin === undefined) continue;
      assert(attempt.twin.twin === attempt && attempt.twin.index === attempt.index, "twins know each other");
      assert(attempt.twin.executor !== attempt.executor, "twins run apart");
      assert(this.running.has(attempt.twin), "twins run both");
    }
    assert(runningIndices.size === counts[RUNNING], "each running partition has an attempt");
  }
}
