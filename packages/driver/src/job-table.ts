/** The jobs that run: whose stage is whose, and how each ends. */

import type { PlannedStage } from "@volley/engine/plan/planned-job.js";
import type { Failure, UserPlace, VolleyError } from "@volley/engine/wire/errors.js";
import type { CoreEvent, TaskOrder } from "./core/events.js";
import { failureReport } from "./failure-report.js";
import { cancelledError, resultTooLarge } from "./job-errors.js";
import type { RunningJob } from "./running-job.js";

export interface JobTableHost {
  post(event: CoreEvent): void;
  /** No running job uses the program under this key any more. */
  stageUnused(stageKey: number): void;
  readonly maxResultBytes: number;
  readonly mapPlace: ((place: UserPlace) => UserPlace) | undefined;
}

export interface JobLabel {
  readonly jobId: number;
  readonly group: string | undefined;
  readonly tags: readonly string[];
}

export class JobTable {
  readonly #host: JobTableHost;
  readonly #jobs = new Map<number, RunningJob>();
  /** Running jobs that use a stage's program, by its key. */
  readonly #stageKeyUsers = new Map<number, number>();

  constructor(host: JobTableHost) {
    this.#host = host;
  }

  get isEmpty(): boolean {
    return this.#jobs.size === 0;
  }

  get(jobId: number): RunningJob | undefined {
    return this.#jobs.get(jobId);
  }

  all(): readonly RunningJob[] {
    return [...this.#jobs.values()];
  }

  add(job: RunningJob): void {
    this.#jobs.set(job.jobId, job);
    for (const { spec } of job.plan.stages)
      this.#stageKeyUsers.set(spec.stageKey, (this.#stageKeyUsers.get(spec.stageKey) ?? 0) + 1);
  }

  stage(stageId: number, jobIds: readonly number[]): PlannedStage | undefined {
    for (const jobId of jobIds) {
      const stage = this.#jobs.get(jobId)?.stage(stageId);
      if (stage !== undefined) return stage;
    }
    // A stage that jobs share may have been submitted by one that has ended.
    for (const job of this.#jobs.values()) {
      const stage = job.stage(stageId);
      if (stage !== undefined) return stage;
    }
    return undefined;
  }

  /** The job that waits for the result of this task; none for map tasks and for jobs that are being given up. */
  jobOfResult(order: TaskOrder | undefined): RunningJob | undefined {
    const job = order === undefined ? undefined : this.#jobs.get(order.jobId);
    return job?.resultStage.stageId === order?.stageId && job?.endsWith === undefined ? job : undefined;
  }

  /** Counts bytes of a job's results. False when they are too many: the job is given up. */
  countResult(job: RunningJob, bytes: number): boolean {
    job.resultBytes += bytes;
    if (job.resultBytes <= this.#host.maxResultBytes) return true;
    this.cancel(job, resultTooLarge(job.plan, job.resultBytes, this.#host.maxResultBytes));
    return false;
  }

  /** Has the core give a job up; it rejects with `error`. */
  cancel(job: RunningJob, error: VolleyError): void {
    if (job.endsWith !== undefined) return;
    job.endsWith = error;
    this.#host.post({ type: "jobCancelled", jobId: job.jobId, reason: error.message });
  }

  cancelWhere(matches: (job: JobLabel) => boolean, reason: string): void {
    for (const job of this.all()) {
      const { group, tags } = job.options;
      if (matches({ jobId: job.jobId, group, tags })) this.cancel(job, cancelledError(job.plan, reason));
    }
  }

  /** Gives up the jobs that read an RDD's rows. */
  cancelReaders(rddId: number, { code, message, details }: VolleyError): void {
    for (const job of this.all()) {
      if (!job.plan.stages.some((stage) => stage.rddIds.includes(rddId))) continue;
      this.cancel(
        job,
        failureReport({ code, message, details }, { action: job.plan.description, mapPlace: this.#host.mapPlace }),
      );
    }
  }

  failed(jobId: number, failure: Failure): void {
    const job = this.#jobs.get(jobId);
    if (job === undefined) return;
    const { stageId } = failure.details;
    const stage = stageId === undefined ? undefined : job.stage(stageId);
    this.end(
      job,
      job.endsWith ?? failureReport(failure, { action: job.plan.description, stage, mapPlace: this.#host.mapPlace }),
    );
  }

  /** Settles a job; without an error it has succeeded. */
  end(job: RunningJob | undefined, error?: VolleyError): void {
    if (job === undefined || !this.#jobs.delete(job.jobId)) return;
    for (const { spec } of job.plan.stages) {
      const users = (this.#stageKeyUsers.get(spec.stageKey) ?? 0) - 1;
      if (users > 0) {
        this.#stageKeyUsers.set(spec.stageKey, users);
      } else {
        this.#stageKeyUsers.delete(spec.stageKey);
        this.#host.stageUnused(spec.stageKey);
      }
    }
    const reason = error ?? job.endsWith;
    if (reason === undefined) job.succeed();
    else job.fail(reason);
  }
}
