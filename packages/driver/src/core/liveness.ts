/** What heartbeats and the clock tell about executors and their tasks. */

import type { Attempt } from "./attempt.js";
import type { CoreState } from "./core-state.js";
import type { Executor } from "./executors.js";

export class Liveness {
  readonly #state: CoreState;
  /** No executor can have been silent for too long before this time. */
  #nextSilentCheck = Number.NEGATIVE_INFINITY;

  constructor(state: CoreState) {
    this.#state = state;
  }

  /** Any message from an executor is a sign of life. */
  heard(executor: Executor): void {
    executor.lastHeardAt = this.#state.now;
  }

  /**
   * Compares what an executor has with what it was given. Returns attempts that it has not mentioned for so long that their launch or
   * their end must have been lost. What it has and should not have, it is told to stop (again).
   */
  heartbeat(executor: Executor, runningTaskIds: readonly number[]): Attempt[] {
    const { now, limits } = this.#state;
    for (const taskId of runningTaskIds) {
      const attempt = executor.attempts.get(taskId);
      if (attempt === undefined) this.#state.orderKill(executor, taskId, "the driver does not know it any more");
      else {
        attempt.seenAt = now;
        if (attempt.state === "killing") this.#stopAgain(attempt);
      }
    }
    const missing: Attempt[] = [];
    for (const attempt of executor.attempts.values())
      if (now - attempt.seenAt >= limits.missingTaskMs) missing.push(attempt);
    return missing;
  }

  /** The order may have been lost. Not with every heartbeat: it may also be on its way. */
  #stopAgain(attempt: Attempt): void {
    const { now, limits } = this.#state;
    if (now - attempt.toldAt < limits.killRepeatMs) return;
    attempt.toldAt = now;
    this.#state.orderKill(attempt.executor, attempt.order.taskId, "it was told to stop");
  }

  /** Executors not heard of for too long. */
  silent(): Executor[] {
    const { now, limits, executors } = this.#state;
    if (now < this.#nextSilentCheck) return [];
    const silent: Executor[] = [];
    let oldest = now;
    for (const executor of executors.all) {
      if (now - executor.lastHeardAt >= limits.heartbeatTimeoutMs) silent.push(executor);
      else oldest = Math.min(oldest, executor.lastHeardAt);
    }
    this.#nextSilentCheck = oldest + limits.heartbeatTimeoutMs;
    return silent;
  }

  /** Executors with a task that does not stop. */
  deaf(): Executor[] {
    const { killings, now } = this.#state;
    const deaf = new Set<Executor>();
    for (let first = killings.peek(); first !== undefined; first = killings.peek()) {
      const { attempt, deadline } = first;
      if (attempt.state === "killing" && now < deadline) break;
      killings.shift();
      if (attempt.state === "killing" && attempt.executor.state !== "lost") deaf.add(attempt.executor);
    }
    return [...deaf];
  }
}
