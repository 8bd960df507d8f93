/**
 * A job as the planner hands it to the driver: stages with their programs, and a function that gives each task its inputs.
 */

import type { Place } from "../rdd/call-site.js";
import type { StageSpec, TaskInput } from "../task/task-spec.js";

export interface PlannedTask {
  readonly pipeline: number;
  readonly roots: readonly number[];
  readonly inputs: readonly TaskInput[];
  /** Names of rdd blocks this task reads if they are cached, most downstream first: where it would best run. */
  readonly cachedBlocks: readonly string[];
  readonly hosts: readonly string[];
}

export interface PlannedStage {
  /** Unique in the application. */
  readonly stageId: number;
  readonly name: string;
  readonly spec: StageSpec;
  readonly shuffleId?: number | undefined;
  /** Reduce partitions of the shuffle it writes. */
  readonly reducePartitions?: number | undefined;
  readonly parentShuffleIds: readonly number[];
  /** Partitions to compute. */
  readonly partitions: readonly number[];
  readonly barrier: boolean;
  readonly task: (partition: number) => PlannedTask;
  /** RDDs whose cached blocks or sources it touches. */
  readonly rddIds: readonly number[];
  /** Whose function a failing task's `details.site` was. */
  readonly site: (index: number) => { readonly operator: string; readonly place: Place };
  /** Operators of the stage that call a function of the user's, each once: what may be to blame when a task dies without a word. */
  readonly functions?: readonly { readonly operator: string; readonly place: Place }[] | undefined;
}

export interface PlannedJob {
  /** Parents first; the last one is the result stage. */
  readonly stages: readonly PlannedStage[];
  /** The call site of the action. */
  readonly description: string;
}
