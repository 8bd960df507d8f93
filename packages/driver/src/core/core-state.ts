/** What all parts of the core share: the registries, the clock as it was told, and the instructions of the present step. */

import type { Failure } from "@volley/engine/wire/errors.js";
import type { Attempt } from "./attempt.js";
import { BlockLocations } from "./block-locations.js";
import type { CoreNote, Instruction, TaskOrder } from "./events.js";
import { type Executor, Executors } from "./executors.js";
import type { Job } from "./job.js";
import type { CoreLimits } from "./limits.js";
import { MapOutputs } from "./map-outputs.js";
import { Pools } from "./pools.js";
import { Queue } from "./queue.js";
import type { Stage } from "./stage.js";
import { type TransitionProbe, Transitions } from "./transitions.js";

export interface JobEnding {
  readonly job: Job;
  /** Undefined: it finished. */
  readonly failure: Failure | undefined;
}

export class CoreState {
  readonly limits: CoreLimits;
  readonly transitions: Transitions;
  readonly executors = new Executors();
  readonly outputs = new MapOutputs();
  readonly blocks = new BlockLocations();
  readonly pools: Pools;
  readonly jobs = new Map<number, Job>();
  /** All that executors have been given and not ended, by task id. */
  readonly attempts = new Map<number, Attempt>();
  /** Attempts told to stop, oldest first. */
  readonly killings = new Queue<{ readonly attempt: Attempt; readonly deadline: number }>();
  /** Jobs that ended in this step, to be taken apart. */
  readonly endings = new Queue<JobEnding>();
  /** Executors that got room in this step. */
  readonly freed = new Set<Executor>();
  /** Stages with tasks that must run alone; some may have none any more. */
  readonly loneStages = new Set<Stage>();
  /** The executor that takes those, and no others. */
  setApart: Executor | undefined;
  /** Did tasks become pending, or executors join, so that all executors must be looked at? */
  mustLookEverywhere = false;
  /** Milliseconds; the greatest that any event brought. */
  now = 0;
  step = 0;
  nextTaskId = 0;
  #out: Instruction[] = [];
  readonly #launches = new Map<Executor, TaskOrder[]>();
  readonly #kills = new Map<Executor, Map<string, number[]>>();

  constructor(limits: CoreLimits, probe?: TransitionProbe) {
    this.limits = limits;
    this.transitions = new Transitions(probe);
    this.pools = new Pools(limits);
  }

  emit(instruction: Instruction): void {
    this.#out.push(instruction);
  }

  note(note: CoreNote): void {
    this.#out.push({ type: "note", note });
  }

  /** Ends the job when this step's work is done; the first ending counts. */
  failJob(job: Job, failure: Failure): void {
    this.endings.push({ job, failure });
  }

  orderLaunch(executor: Executor, task: TaskOrder): void {
    const tasks = this.#launches.get(executor);
    if (tasks === undefined) this.#launches.set(executor, [task]);
    else tasks.push(task);
  }

  orderKill(executor: Executor, taskId: number, reason: string): void {
    let byReason = this.#kills.get(executor);
    if (byReason === undefined) {
      byReason = new Map();
      this.#kills.set(executor, byReason);
    }
    const taskIds = byReason.get(reason);
    if (taskIds === undefined) byReason.set(reason, [taskId]);
    else taskIds.push(taskId);
  }

  /** The step's instructions: kills and launches last, one for each executor (and reason). */
  takeInstructions(): Instruction[] {
    const out = this.#out;
    this.#out = [];
    for (const [{ executorId, incarnation, state }, byReason] of this.#kills) {
      if (state === "lost") continue;
      for (const [reason, taskIds] of byReason) out.push({ type: "kill", executorId, incarnation, taskIds, reason });
    }
    for (const [{ executorId, incarnation }, tasks] of this.#launches)
      out.push({ type: "launch", executorId, incarnation, tasks });
    if (this.#kills.size > 0) this.#kills.clear();
    if (this.#launches.size > 0) this.#launches.clear();
    return out;
  }
}
