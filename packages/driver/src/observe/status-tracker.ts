import type { VolleyEvent } from "./events.js";

/** Ended jobs and stages that can still be asked for; Spark keeps as many. */
const ENDED_KEPT_MAX = 1000;

export interface JobInfo {
  readonly jobId: number;
  readonly stageIds: readonly number[];
  readonly status: "running" | "succeeded" | "failed" | "cancelled";
  readonly description: string;
}

export interface StageInfo {
  readonly stageId: number;
  /** Counts from 0: how often the stage was run before. */
  readonly currentAttemptId: number;
  readonly name: string;
  readonly numTasks: number;
  readonly numActiveTasks: number;
  readonly numCompletedTasks: number;
  readonly numFailedTasks: number;
  /** Milliseconds since 1970. */
  readonly submissionTime: number;
}

export interface ExecutorInfo {
  readonly executorId: string;
  readonly host: string;
  readonly numRunningTasks: number;
  readonly slots: number;
  readonly memoryUsedBytes: number;
}

interface MutableJob {
  jobId: number;
  stageIds: readonly number[];
  status: JobInfo["status"];
  description: string;
  group: string | undefined;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/**
 * What runs now: a function of the event log, as Spark's SparkStatusTracker
 * (https://spark.apache.org/docs/latest/api/scala/org/apache/spark/SparkStatusTracker.html). Answers are copies.
 */
export class StatusTracker {
  readonly #jobs = new Map<number, MutableJob>();
  readonly #stages = new Map<number, Mutable<StageInfo> & { active: boolean }>();
  readonly #executors = new Map<string, Mutable<ExecutorInfo>>();

  /** @internal The log's subscriber. */
  add(event: VolleyEvent): void {
    switch (event.kind) {
      case "jobStart":
        this.#jobs.set(event.jobId, {
          jobId: event.jobId,
          stageIds: event.stageIds,
          status: "running",
          description: event.description,
          group: event.group,
        });
        break;
      case "jobEnd": {
        const job = this.#jobs.get(event.jobId);
        if (job !== undefined) job.status = event.outcome;
        trim(this.#jobs, (each) => each.status !== "running");
        break;
      }
      case "stageSubmitted":
        this.#stageSubmitted(event);
        break;
      case "stageCompleted": {
        const stage = this.#stages.get(event.stageId);
        if (stage !== undefined) stage.active = false;
        trim(this.#stages, (each) => !each.active);
        break;
      }
      case "taskStart":
        this.#count(event.stageId, event.executorId, 1);
        break;
      case "taskEnd":
        this.#taskEnded(event);
        break;
      case "executorAdded": {
        const { executorId, host, slots } = event;
        this.#executors.set(executorId, { executorId, host, slots, numRunningTasks: 0, memoryUsedBytes: 0 });
        break;
      }
      case "executorRemoved":
        this.#executors.delete(event.executorId);
        break;
      case "executorStatus": {
        const executor = this.#executors.get(event.executorId);
        if (executor !== undefined) executor.memoryUsedBytes = event.memoryUsedBytes;
        break;
      }
    }
  }

  /** Jobs of a group, running and ended; without a group those that belong to none. */
  getJobIdsForGroup(group?: string): number[] {
    return Array.from(this.#jobs.values()).flatMap((job) => (job.group === group ? job.jobId : []));
  }

  /** Numbers of the jobs that run now. */
  getActiveJobIds(): number[] {
    return Array.from(this.#jobs.values()).flatMap((job) => (job.status === "running" ? job.jobId : []));
  }

  /** Numbers of the stages that run now. */
  getActiveStageIds(): number[] {
    return Array.from(this.#stages.values()).flatMap((stage) => (stage.active ? stage.stageId : []));
  }

  /** Undefined for a job that never was or has been forgotten. */
  getJobInfo(jobId: number): JobInfo | undefined {
    const job = this.#jobs.get(jobId);
    return job === undefined
      ? undefined
      : { jobId, stageIds: [...job.stageIds], status: job.status, description: job.description };
  }

  /** What is known about a stage; undefined when it is unknown or long ended. */
  getStageInfo(stageId: number): StageInfo | undefined {
    const stage = this.#stages.get(stageId);
    if (stage === undefined) return undefined;
    const { active: _active, ...info } = stage;
    return info;
  }

  /** The executors there are, and what they do. */
  getExecutorInfos(): ExecutorInfo[] {
    return Array.from(this.#executors.values(), (executor) => ({ ...executor }));
  }

  #stageSubmitted(event: Extract<VolleyEvent, { kind: "stageSubmitted" }>): void {
    this.#stages.set(event.stageId, {
      stageId: event.stageId,
      currentAttemptId: event.run - 1,
      name: event.name,
      numTasks: event.tasks,
      numActiveTasks: 0,
      numCompletedTasks: 0,
      numFailedTasks: 0,
      submissionTime: event.timeMs,
      active: true,
    });
  }

  #taskEnded(event: Extract<VolleyEvent, { kind: "taskEnd" }>): void {
    this.#count(event.stageId, event.executorId, -1);
    const stage = this.#stages.get(event.stageId);
    if (stage === undefined) return;
    if (event.outcome === "succeeded") stage.numCompletedTasks++;
    else if (event.outcome === "failed" || event.outcome === "lost") stage.numFailedTasks++;
  }

  #count(stageId: number, executorId: string, by: number): void {
    const stage = this.#stages.get(stageId);
    if (stage !== undefined) stage.numActiveTasks = Math.max(0, stage.numActiveTasks + by);
    const executor = this.#executors.get(executorId);
    if (executor !== undefined) executor.numRunningTasks = Math.max(0, executor.numRunningTasks + by);
  }
}

/** Forgets the oldest of those that have ended, beyond the limit. */
function trim<T>(all: Map<number, T>, hasEnded: (each: T) => boolean): void {
  let excess = all.size - ENDED_KEPT_MAX;
  for (const [id, each] of all) {
    if (excess <= 0) return;
    if (!hasEnded(each)) continue;
    all.delete(id);
    excess--;
  }
}
