/** Local masters: keeps as many executors as were asked for, within a budget; and says when there are none and none will come. */

import type { CoreState } from "./core-state.js";

export class Replacements {
  readonly #state: CoreState;
  /** Ordered and neither registered nor failed. */
  #starting: number;
  #startDeadline = Number.POSITIVE_INFINITY;
  /** Ordered in a row without a success of any task. */
  #ordersInRow = 0;
  /** No order before this time. */
  #notBefore = Number.NEGATIVE_INFINITY;
  #noneSince: number | undefined;
  #lastDetail = "";

  constructor(state: CoreState) {
    this.#state = state;
    // The shell starts the first ones.
    this.#starting = state.limits.localExecutors;
  }

  registered(): void {
    if (this.#starting > 0) this.#starting--;
    if (this.#starting === 0) this.#startDeadline = Number.POSITIVE_INFINITY;
    this.#noneSince = undefined;
  }

  startFailed(detail: string): void {
    if (this.#starting > 0) this.#starting--;
    this.#lastDetail = detail;
    this.#notBefore = this.#state.now + this.#state.limits.startBackoffMs;
  }

  lost(detail: string): void {
    this.#lastDetail = detail;
    this.orderMissing();
  }

  /** A task has succeeded: executors that can do that are worth replacing. */
  progressed(): void {
    this.#ordersInRow = 0;
  }

  /** Orders what is missing, as far as the budget goes. */
  orderMissing(): void {
    const { limits, executors, now } = this.#state;
    if (limits.localExecutors === 0 || now < this.#notBefore) return;
    const missing = limits.localExecutors - executors.stayingCount - this.#starting;
    const count = Math.min(missing, limits.replacementsMax - this.#ordersInRow);
    if (count <= 0) return;
    this.#starting += count;
    this.#ordersInRow += count;
    this.#startDeadline = now + limits.startTimeoutMs;
    this.#state.emit({ type: "startExecutors", count });
  }

  tick(): void {
    const { limits, now } = this.#state;
    if (this.#starting > 0 && this.#startDeadline === Number.POSITIVE_INFINITY)
      this.#startDeadline = now + limits.startTimeoutMs;
    if (now >= this.#startDeadline) {
      this.#lastDetail = `${this.#starting} executors did not register within ${limits.startTimeoutMs} ms`;
      this.#starting = 0;
      this.#startDeadline = Number.POSITIVE_INFINITY;
    }
    this.orderMissing();
    this.#failJobsWithoutExecutors();
  }

  #failJobsWithoutExecutors(): void {
    const { limits, executors, jobs, now } = this.#state;
    if (executors.count > 0) {
      this.#noneSince = undefined;
      return;
    }
    this.#noneSince ??= now;
    const isHopeless = limits.localExecutors > 0 && this.#starting === 0 && this.#ordersInRow >= limits.replacementsMax;
    for (const job of jobs.values()) {
      const waited = now - Math.max(this.#noneSince, job.submittedAt);
      if (!isHopeless && waited < limits.noExecutorsMs) continue;
      const why = isHopeless
        ? `${this.#ordersInRow} executors were started in a row and none of them finished a task`
        : `there has been no executor for ${Math.round(waited / 1000)} s`;
      const message = this.#lastDetail === "" ? why : `${why}; the last one: ${this.#lastDetail}`;
      this.#state.failJob(job, { code: "NO_EXECUTORS", message, details: {} });
    }
  }
}
