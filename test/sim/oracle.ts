/**
 * What must be true of a run, whatever went wrong in it: each partition of a finished job was accepted once; what it was made of fits
 * together (one content for each map output, however indirect the way, and the only right one when nothing is random); and a job that
 * failed had a reason to.
 */

import type { TaskOrder } from "@volley/driver/core/events.js";
import { assert } from "@volley/engine/lib/assert.js";
import type { Failure } from "@volley/engine/wire/errors.js";
import {
  expectedContents,
  type JobWork,
  RESULT_TAG,
  type ShuffleWork,
  type StageWork,
  type Value,
  valueOf,
} from "./workload.js";

interface Reasons {
  /** By partition: failures that counted, and executors lost under it. */
  readonly byPartition: Map<string, number>;
  /** Fetch failures by job. */
  readonly fetchFailures: Map<number, number>;
  /** Codes that are not retried, by job. */
  readonly misuses: Set<number>;
  readonly cancelled: Set<number>;
}

export class Oracle {
  readonly #jobs: ReadonlyMap<number, JobWork>;
  readonly #stages = new Map<number, StageWork>();
  readonly #hasNondeterminism: boolean;
  readonly #launched = new Set<string>();
  readonly #accepted = new Set<string>();
  /** Results by job, then partition. */
  readonly #results = new Map<number, Map<number, Value>>();
  readonly #reasons: Reasons = {
    byPartition: new Map(),
    fetchFailures: new Map(),
    misuses: new Set(),
    cancelled: new Set(),
  };
  readonly #memo = new Map<ShuffleWork, readonly Value[]>();
  readonly outcomes = new Map<number, string>();

  constructor(jobs: readonly JobWork[]) {
    this.#jobs = new Map(jobs.map((job) => [job.jobId, job]));
    for (const job of jobs) for (const stage of job.stages) this.#stages.set(stage.stageId, stage);
    this.#hasNondeterminism = jobs.some((job) => job.stages.some((stage) => !stage.isDeterministic));
  }

  stage(stageId: number): StageWork {
    const stage = this.#stages.get(stageId);
    assert(stage !== undefined, "a task belongs to a stage of a job");
    return stage;
  }

  /** Attempts of one thing never share a number: their blocks would share a name. */
  launched(order: TaskOrder): void {
    const key = `${this.#partitionKey(this.stage(order.stageId), order.partition)}/${order.attempt}`;
    assert(!this.#launched.has(key), `${key} is launched once`);
    this.#launched.add(key);
  }

  accepted(order: TaskOrder, jobIds: readonly number[], run: number | undefined, value: Value): void {
    const stage = this.stage(order.stageId);
    const thing = stage.shuffle === undefined ? `result ${order.stageId}` : `shuffle ${stage.shuffle.shuffleId}`;
    const key = `${thing}/${order.partition}/${run}`;
    assert(!this.#accepted.has(key), `${key} is accepted once`);
    this.#accepted.add(key);
    if (stage.shuffle !== undefined) return;
    for (const jobId of jobIds) {
      assert(jobId === stage.jobId && !this.outcomes.has(jobId), "a result goes to its living job");
      const results = this.#results.get(jobId) ?? new Map<number, Value>();
      assert(!results.has(order.partition), `partition ${order.partition} of job ${jobId} is handed out once`);
      this.#results.set(jobId, results.set(order.partition, value));
    }
  }

  failureTold(order: TaskOrder, failure: Failure): void {
    const stage = this.stage(order.stageId);
    const jobs = this.#jobsOf(stage);
    if (failure.fetch !== undefined) for (const jobId of jobs) count(this.#reasons.fetchFailures, jobId);
    else if (failure.code === "USER_FUNCTION_FAILED" || failure.code === "OUT_OF_MEMORY") this.charge(order);
    else for (const jobId of jobs) this.#reasons.misuses.add(jobId);
  }

  charge(order: TaskOrder): void {
    count(this.#reasons.byPartition, this.#partitionKey(this.stage(order.stageId), order.partition));
  }

  cancelled(jobId: number): void {
    this.#reasons.cancelled.add(jobId);
  }

  finished(jobId: number): void {
    this.#end(jobId, "finished");
    const job = this.#jobs.get(jobId) as JobWork;
    const final = job.stages.at(-1) as StageWork;
    if (final.shuffle !== undefined) return;
    const results = this.#results.get(jobId) ?? new Map<number, Value>();
    assert(
      results.size === final.partitions.length,
      `job ${jobId} finished with ${results.size} of ${final.partitions.length} partitions`,
    );
    for (const partition of final.partitions)
      assert(results.has(partition), `partition ${partition} of job ${jobId} was handed out`);
    this.#checkOneWorld(jobId, [...results.values()]);
    if (job.stages.every((stage) => stage.isDeterministic)) this.#checkContents(final, results);
  }

  failed(jobId: number, failure: Failure, executorCount: number): void {
    this.#end(jobId, failure.code);
    assert(
      this.#isReason(jobId, failure, executorCount),
      `job ${jobId} failed without a reason: ${failure.code} ${failure.message}`,
    );
  }

  #isReason(jobId: number, failure: Failure, executorCount: number): boolean {
    switch (failure.code) {
      case "CANCELLED":
        return this.#reasons.cancelled.has(jobId);
      case "NOT_A_PAIR":
        return this.#reasons.misuses.has(jobId);
      case "STAGE_ABORTED":
        return (this.#reasons.fetchFailures.get(jobId) ?? 0) >= 4;
      case "NONDETERMINISTIC_OUTPUT":
        return this.#hasNondeterminism && (this.#results.get(jobId)?.size ?? 0) > 0;
      case "NO_EXECUTORS":
        // The other one: a barrier stage that had too few slots for a minute.
        return executorCount === 0 || failure.message.startsWith("a barrier stage");
      case "USER_FUNCTION_FAILED":
      case "EXECUTOR_LOST":
        return this.#failuresOf(failure) >= 4;
      case "OUT_OF_MEMORY":
        // Once among others, and once alone.
        return this.#failuresOf(failure) >= 2;
      default:
        return false;
    }
  }

  #failuresOf({ details: { stageId, partition } }: Failure): number {
    const key = this.#partitionKey(this.stage(stageId as number), partition as number);
    return this.#reasons.byPartition.get(key) ?? 0;
  }

  #end(jobId: number, outcome: string): void {
    assert(!this.outcomes.has(jobId), `job ${jobId} ends once`);
    this.outcomes.set(jobId, outcome);
  }

  /** All that the results were made of, however indirectly, is of one world: one content for each map output. */
  #checkOneWorld(jobId: number, results: readonly Value[]): void {
    const contents = new Map<string, number>();
    const seen = new Set<Value>(results);
    for (const value of seen) {
      for (const input of value.inputs) seen.add(input);
      if (value.shuffleId === RESULT_TAG) continue;
      const key = `${value.shuffleId}/${value.mapPartition}`;
      const content = contents.get(key);
      assert(
        content === undefined || content === value.content,
        `job ${jobId} mixes two contents of map output ${key}`,
      );
      contents.set(key, value.content);
    }
  }

  #checkContents(final: StageWork, results: ReadonlyMap<number, Value>): void {
    const inputs = final.parents.flatMap((parent) => expectedContents(parent, this.#memo));
    for (const [partition, value] of results) {
      assert(
        value.content === valueOf(RESULT_TAG, partition, inputs, 0),
        `partition ${partition} of job ${final.jobId} is right`,
      );
    }
  }

  #partitionKey(stage: StageWork, partition: number): string {
    return stage.shuffle === undefined
      ? `result ${stage.stageId}/${partition}`
      : `shuffle ${stage.shuffle.shuffleId}/${partition}`;
  }

  #jobsOf(stage: StageWork): number[] {
    if (stage.shuffle === undefined) return [stage.jobId];
    const { shuffle } = stage;
    return [...this.#jobs.values()]
      .filter((job) => job.stages.some((one) => one.shuffle === shuffle))
      .map((job) => job.jobId);
  }
}

function count<K>(counts: Map<K, number>, key: K): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
