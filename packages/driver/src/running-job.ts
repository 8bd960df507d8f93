import { assert } from "@volley/engine/lib/assert.js";
import type { PlannedJob, PlannedStage } from "@volley/engine/plan/planned-job.js";
import type { VolleyError } from "@volley/engine/wire/errors.js";
import type { JobShape, StageShape } from "./core/events.js";

export interface RunJobOptions {
  readonly signal?: AbortSignal | undefined;
  readonly pool: string;
  readonly group: string | undefined;
  readonly tags: readonly string[];
  /** Once for each partition asked for, in order of arrival. What it throws fails the job. */
  readonly onResult: (partition: number, bytes: Uint8Array) => void;
  /** A block of [accumulatorId, value] rows of an accepted task. */
  readonly onAccumulators: (bytes: Uint8Array) => void;
}

/** A job between its submission and its end, as the shell sees it. */
export class RunningJob {
  readonly jobId: number;
  readonly plan: PlannedJob;
  readonly options: RunJobOptions;
  readonly finished: Promise<void>;
  /** Why the shell cancels it, when that is not what the core will say. */
  endsWith: VolleyError | undefined;
  /** Bytes of results that are here or on their way. */
  resultBytes = 0;
  #results = 0;
  #resolve!: () => void;
  #reject!: (error: VolleyError) => void;
  readonly #stageIdToStage = new Map<number, PlannedStage>();

  constructor(jobId: number, plan: PlannedJob, options: RunJobOptions) {
    this.jobId = jobId;
    this.plan = plan;
    this.options = options;
    this.finished = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    for (const stage of plan.stages) this.#stageIdToStage.set(stage.stageId, stage);
  }

  stage(stageId: number): PlannedStage | undefined {
    return this.#stageIdToStage.get(stageId);
  }

  get resultStage(): PlannedStage {
    const last = this.plan.stages.at(-1);
    assert(last !== undefined, "a job has a result stage");
    return last;
  }

  label(): {
    readonly description: string;
    readonly stageIds: readonly number[];
    readonly group: string | undefined;
    readonly tags: readonly string[];
  } {
    const { group, tags } = this.options;
    return {
      description: this.plan.description,
      stageIds: this.plan.stages.map((stage) => stage.stageId),
      group,
      tags,
    };
  }

  takeResult(partition: number, bytes: Uint8Array): void {
    this.#results++;
    this.options.onResult(partition, bytes);
  }

  succeed(): void {
    assert(
      this.#results === this.resultStage.partitions.length,
      `job ${this.jobId} has each of its ${this.resultStage.partitions.length} results, not ${this.#results}`,
    );
    this.#resolve();
  }

  fail(error: VolleyError): void {
    this.#reject(error);
  }

  /** What the core is told of it. */
  shape(): JobShape {
    const { pool, group, tags } = this.options;
    return {
      jobId: this.jobId,
      stages: this.plan.stages.map(stageShape),
      pool,
      group,
      tags,
      description: this.plan.description,
    };
  }
}

function stageShape(stage: PlannedStage): StageShape {
  return {
    stageId: stage.stageId,
    ...(stage.shuffleId === undefined ? {} : { shuffleId: stage.shuffleId }),
    parentShuffleIds: stage.parentShuffleIds,
    partitions: stage.partitions,
    cachedBlocks: (partition) => stage.task(partition).cachedBlocks,
    hosts: (partition) => stage.task(partition).hosts,
    barrier: stage.barrier,
  };
}
