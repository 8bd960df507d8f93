/**
 * The executors the driver knows: who is alive, what each was given, and which incarnations are fenced off.
 *
 * An executor runs what it is given in order of arrival, `slots` at a time; so the driver knows which of its tasks have started without
 * being told: the first `slots` ones, and the next whenever one ends.
 */

import { assert } from "@volley/engine/lib/assert.js";
import type { Attempt } from "./attempt.js";
import { FENCED_MAX } from "./limits.js";
import { Queue } from "./queue.js";
import type { ExecutorState } from "./transitions.js";

export interface Executor {
  /** Unique among all incarnations ever; never used again. */
  readonly index: number;
  readonly executorId: string;
  readonly incarnation: string;
  readonly slots: number;
  readonly host: string;
  state: ExecutorState;
  lastHeardAt: number;
  /** All it was given and has not ended, in order of launch, by task id. */
  readonly attempts: Map<number, Attempt>;
  /** Of these: how many hold a slot. */
  startedCount: number;
  /** Of these: those that wait for a slot (some may have ended). */
  readonly queued: Queue<Attempt>;
  /** About how long its last tasks ran, in milliseconds; 0 before the first one ended. */
  recentMs: number;
  /** No launches before this time (an undelivered one is behind it). */
  backoffUntil: number;
  launchFailuresInRow: number;
  /** Partitions that failed here and then succeeded elsewhere, less what succeeded here since. */
  blames: number;
  /** Fetch failures at either end: the other end and when. */
  readonly strikes: { readonly against: Executor; readonly at: number }[];
  /** State `excluded` ends then. */
  excludedUntil: number;
  /** State `decommissioning`: when it said that it will be gone. */
  leavesAt: number;
}

export class Executors {
  readonly #byId = new Map<string, Executor>();
  /** For passes over all of them; order of registration but for removals. */
  readonly #all: Executor[] = [];
  readonly #placeOf = new Map<number, number>();
  readonly #fenced = new Set<string>();
  readonly #hosts = new Map<string, number>();
  #nextIndex = 0;
  /** Excluded ones. */
  excludedCount = 0;
  /** Those that leave. */
  decommissioningCount = 0;

  get all(): readonly Executor[] {
    return this.#all;
  }

  get count(): number {
    return this.#all.length;
  }

  /** Those that stay. */
  get stayingCount(): number {
    return this.#all.length - this.decommissioningCount;
  }

  get(executorId: string): Executor | undefined {
    return this.#byId.get(executorId);
  }

  /** By `index`: undefined once it is lost. */
  at(index: number): Executor | undefined {
    const place = this.#placeOf.get(index);
    return place === undefined ? undefined : this.#all[place];
  }

  /** The living executor of that incarnation: messages from any other are foreign. */
  current(executorId: string, incarnation: string): Executor | undefined {
    const executor = this.#byId.get(executorId);
    return executor?.incarnation === incarnation ? executor : undefined;
  }

  isFenced(executorId: string, incarnation: string): boolean {
    return this.#fenced.has(fenceKey(executorId, incarnation));
  }

  hasHost(host: string): boolean {
    return this.#hosts.has(host);
  }

  add(executorId: string, incarnation: string, slots: number, host: string, now: number): Executor {
    assert(!this.#byId.has(executorId), "one incarnation of an executor at a time");
    assert(Number.isInteger(slots) && slots >= 1, "an executor has a slot or more");
    const executor: Executor = {
      index: this.#nextIndex++,
      executorId,
      incarnation,
      slots,
      host,
      state: "new",
      lastHeardAt: now,
      attempts: new Map(),
      startedCount: 0,
      queued: new Queue(),
      backoffUntil: Number.NEGATIVE_INFINITY,
      recentMs: 0,
      launchFailuresInRow: 0,
      blames: 0,
      strikes: [],
      excludedUntil: Number.NEGATIVE_INFINITY,
      leavesAt: Number.POSITIVE_INFINITY,
    };
    this.#byId.set(executorId, executor);
    this.#placeOf.set(executor.index, this.#all.length);
    this.#all.push(executor);
    this.#hosts.set(host, (this.#hosts.get(host) ?? 0) + 1);
    return executor;
  }

  /** Takes it out and fences its incarnation. */
  remove(executor: Executor): void {
    assert(this.#byId.get(executor.executorId) === executor, "an executor is removed once");
    this.#byId.delete(executor.executorId);
    const place = this.#placeOf.get(executor.index) as number;
    this.#placeOf.delete(executor.index);
    const last = this.#all.pop() as Executor;
    if (last !== executor) {
      this.#all[place] = last;
      this.#placeOf.set(last.index, place);
    }
    const left = (this.#hosts.get(executor.host) as number) - 1;
    if (left === 0) this.#hosts.delete(executor.host);
    else this.#hosts.set(executor.host, left);
    this.#fenced.add(fenceKey(executor.executorId, executor.incarnation));
    if (this.#fenced.size > FENCED_MAX) this.#fenced.delete(this.#fenced.values().next().value as string);
  }

  /** Gives it an attempt: into a slot, or behind those that wait for one. */
  give(executor: Executor, attempt: Attempt, now: number): void {
    executor.attempts.set(attempt.order.taskId, attempt);
    if (executor.startedCount < executor.slots) {
      executor.startedCount++;
      attempt.startedAt = now;
    } else executor.queued.push(attempt);
  }

  /** An attempt has ended there: the next one has its slot. */
  takeBack(executor: Executor, attempt: Attempt, now: number): void {
    assert(executor.attempts.delete(attempt.order.taskId), "an attempt ends once");
    if (attempt.startedAt < 0) return;
    executor.startedCount--;
    for (let next = executor.queued.shift(); next !== undefined; next = executor.queued.shift()) {
      if (!executor.attempts.has(next.order.taskId)) continue;
      next.startedAt = now;
      executor.startedCount++;
      return;
    }
  }

  validate(): void {
    assert(
      this.#byId.size === this.#all.length && this.#placeOf.size === this.#all.length,
      "executors are listed once",
    );
    let excluded = 0;
    let decommissioning = 0;
    for (const [place, executor] of this.#all.entries()) {
      assert(this.#placeOf.get(executor.index) === place, "an executor's place is known");
      assert(this.#byId.get(executor.executorId) === executor, "an executor is found by its id");
      assert(executor.state !== "new" && executor.state !== "lost", "a known executor lives");
      if (executor.state === "excluded") excluded++;
      if (executor.state === "decommissioning") decommissioning++;
      let started = 0;
      for (const attempt of executor.attempts.values()) {
        assert(attempt.executor === executor, "an attempt is where it was sent");
        assert(
          attempt.state === "launched" || attempt.state === "killing",
          "an executor holds attempts that have not ended",
        );
        if (attempt.startedAt >= 0) started++;
      }
      assert(started === executor.startedCount, "started attempts are counted");
      assert(started <= executor.slots, "no more tasks run than there are slots");
      assert(started === executor.slots || started === executor.attempts.size, "nothing waits beside a free slot");
    }
    assert(excluded === this.excludedCount, "excluded executors are counted");
    assert(decommissioning === this.decommissioningCount, "executors that leave are counted");
  }
}

function fenceKey(executorId: string, incarnation: string): string {
  return JSON.stringify([executorId, incarnation]);
}
