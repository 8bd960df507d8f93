/** One stage of living jobs, as data. Two jobs that write the same shuffle share one. */

import type { StageShape } from "./events.js";
import type { Job } from "./job.js";
import type { Shuffle } from "./map-outputs.js";
import type { TaskSet } from "./task-set.js";
import type { StageState } from "./transitions.js";

export interface StageMember {
  readonly job: Job;
  readonly shape: StageShape;
}

export interface Stage {
  /** The id under which the first job brought it: its name in stories and its place in the order of scheduling. */
  readonly stageId: number;
  /** What each job calls it, oldest job first. Each plan numbers its stages anew, even when they write a shuffle that another plan writes. */
  readonly members: Map<number, StageMember>;
  /** The shuffle it writes; undefined for result stages. */
  readonly shuffle: Shuffle | undefined;
  /** Shuffles it reads, each once. */
  readonly parents: readonly Shuffle[];
  readonly size: number;
  readonly isBarrier: boolean;
  state: StageState;
  /** Is its output wanted and not whole? Then its parents' outputs are wanted too. */
  isActive: boolean;
  /** Active stages that read its output, and jobs whose last stage it is. */
  demand: number;
  /** Parents whose output is not whole. */
  missingParents: number;
  /** While it is active; a result stage's stays until its job ends. */
  tasks: TaskSet | undefined;
  /** Result stages: the next attempt's number by partition. Map stages: see Shuffle. */
  nextAttempt: Uint32Array | undefined;
  /** Raised at each start and whenever a partition that had been accepted no longer counts. */
  run: number;
  /** Did its present run begin (note stageStarted) and not end? */
  isStarted: boolean;
  /** Runs in a row that ended in fetch failures, and the story of each. */
  readonly fetchFailures: string[];
  /** Attempts of runs up to this one belong to fetch failures that are counted. */
  fetchFailedUpTo: number;
  /** Is it in the pools' order? */
  isQueued: boolean;
  /** Is it in the graph's list of stages to look at? */
  isTouched: boolean;
  /** Barrier: since when there are fewer slots than it needs; -1: there are enough. */
  starvedSince: number;
}

/** The job in whose name it runs. */
export function ownerOf(stage: Stage): StageMember {
  return stage.members.values().next().value as StageMember;
}

export function isWhole(stage: Stage): boolean {
  if (stage.shuffle !== undefined) return stage.shuffle.isWhole;
  return stage.size === 0 || stage.tasks?.doneCount === stage.size;
}
