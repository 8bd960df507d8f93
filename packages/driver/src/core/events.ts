/**
 * What the driver's core is told and what it orders. The core is a pure state machine (architecture, D4): `core.step(event)` returns
 * instructions; the shell (`driver.ts`) carries them out and feeds back what happened. No clock, no randomness, no IO in here: time
 * comes in with `tick`, monotonic milliseconds.
 */

import type { Failure } from "@volley/engine/wire/errors.js";
import type { LastWords } from "@volley/engine/wire/last-words.js";

/** A stage as the core sees it: numbers and edges. The shell knows the programs and inputs behind `stageKey`. */
export interface StageShape {
  /** Unique in the application. Two plans may give the stage of one shuffle two ids; while both jobs live the core runs it once, under the id of the older job. */
  readonly stageId: number;
  /** Set on map stages. One shuffle is written by one stage, which jobs may share; outputs that exist are not computed again. */
  readonly shuffleId?: number;
  /** Shuffles this stage reads. */
  readonly parentShuffleIds: readonly number[];
  /** The partitions to compute: a result stage may want some only (take), a map stage wants all. */
  readonly partitions: readonly number[];
  /** For each of `partitions`: executors that hold its cached blocks come from `cachedBlocks` (names of rdd blocks, most downstream first), and file hosts from `hosts`. Map stages: partitions 0 to n - 1. */
  readonly cachedBlocks: (partition: number) => readonly string[];
  readonly hosts?: (partition: number) => readonly string[];
  /** Barrier stages start all tasks at once or none. */
  readonly barrier?: boolean;
}

export interface JobShape {
  readonly jobId: number;
  /** Parents first; every shuffle that is read is written by one of them, even if it is written already. The last one is the result stage, or a map stage whose output alone is wanted. */
  readonly stages: readonly StageShape[];
  readonly pool: string;
  readonly group?: string | undefined;
  readonly tags: readonly string[];
  readonly description?: string | undefined;
}

/** Why an executor is gone: a closed set. `charged` says whether its running tasks count the loss as a failed attempt. */
export const LOSS_REASONS = {
  exited: { charged: true, doc: "its process ended by itself (user code, out of memory, a signal)" },
  outOfMemory: { charged: true, doc: "its process ran out of memory" },
  silent: { charged: true, doc: "no heartbeat for too long" },
  stopped: { charged: false, doc: "Volley ended it" },
  decommissioned: { charged: false, doc: "it was told to leave, and had said so" },
  replaced: { charged: false, doc: "another incarnation registered under its id" },
  hostLost: { charged: false, doc: "its machine went away" },
} as const;
export type LossReason = keyof typeof LOSS_REASONS;

export type CoreEvent =
  | { readonly type: "jobSubmitted"; readonly job: JobShape }
  | { readonly type: "jobCancelled"; readonly jobId: number; readonly reason: string }
  | {
      readonly type: "executorRegistered";
      readonly executorId: string;
      readonly incarnation: string;
      readonly slots: number;
      readonly host: string;
      readonly now: number;
    }
  | {
      readonly type: "executorLost";
      readonly executorId: string;
      readonly incarnation: string;
      readonly reason: LossReason;
      readonly detail: string;
      /** What it left behind that says what held its memory. */
      readonly lastWords?: LastWords | undefined;
      readonly now: number;
    }
  /** It takes no more tasks, gives away what it holds, and is gone after `graceMs`. Its end is told as any other's. */
  | {
      readonly type: "executorDecommissioning";
      readonly executorId: string;
      readonly incarnation: string;
      readonly graceMs: number;
      readonly now: number;
    }
  /** One that leaves has given an output of its own to another, who has it now. */
  | {
      readonly type: "mapOutputMoved";
      readonly executorId: string;
      readonly incarnation: string;
      readonly shuffleId: number;
      readonly mapPartition: number;
      readonly attempt: number;
      readonly toExecutorId: string;
    }
  /** `runningTaskIds`: all that it was given and has not reported the end of, waiting ones included. Ends that the same report brings are told first. */
  | {
      readonly type: "heartbeat";
      readonly executorId: string;
      readonly incarnation: string;
      readonly runningTaskIds: readonly number[];
      readonly now: number;
    }
  /** To be told once the result is at hand: an accepted result that can then not be fetched would be lost. If it cannot be fetched, tell `taskFailed` with BLOCK_LOST. */
  | {
      readonly type: "taskSucceeded";
      readonly executorId: string;
      readonly incarnation: string;
      readonly taskId: number;
      /** Map stages: byte offsets and checksum of each reduce partition. */
      readonly mapOutput?:
        | {
            readonly offsets: readonly number[];
            readonly rows: readonly number[];
            readonly checksums: readonly number[];
            readonly keys?: { readonly digest: number; readonly spilled: boolean } | undefined;
          }
        | undefined;
      readonly runMs: number;
      readonly now: number;
    }
  | {
      readonly type: "taskFailed";
      readonly executorId: string;
      readonly incarnation: string;
      readonly taskId: number;
      readonly failure: Failure;
      readonly now: number;
    }
  | {
      readonly type: "taskKilled";
      readonly executorId: string;
      readonly incarnation: string;
      readonly taskId: number;
      readonly now: number;
    }
  | {
      readonly type: "blockChanged";
      readonly executorId: string;
      readonly incarnation: string;
      readonly block: string;
      readonly where: "memory" | "disk" | "gone";
      readonly bytes: number;
    }
  /** Nobody refers to it any more, or unpersist: forget and remove everywhere. */
  | { readonly type: "shuffleReleased"; readonly shuffleId: number }
  | { readonly type: "rddReleased"; readonly rddId: number }
  /** The shell could not deliver a launch: its tasks did not start. */
  | {
      readonly type: "launchFailed";
      readonly executorId: string;
      readonly incarnation: string;
      readonly taskIds: readonly number[];
      /** Why, where that is known. */
      readonly detail?: string | undefined;
      readonly now: number;
    }
  | { readonly type: "executorStartFailed"; readonly detail: string; readonly now: number }
  /** Many at once (a report): tasks are handed out when all have been told, so that an executor gets one launch. */
  | { readonly type: "batch"; readonly events: readonly CoreEvent[] }
  | { readonly type: "tick"; readonly now: number };

export interface TaskOrder {
  readonly taskId: number;
  readonly jobId: number;
  readonly stageId: number;
  readonly partition: number;
  /** 0 for the first try of this partition of this stage. Map stages: of this partition of the shuffle, whatever job runs it. */
  readonly attempt: number;
  readonly speculative: boolean;
}

export type Instruction =
  | {
      readonly type: "launch";
      readonly executorId: string;
      readonly incarnation: string;
      readonly tasks: readonly TaskOrder[];
    }
  | {
      readonly type: "kill";
      readonly executorId: string;
      readonly incarnation: string;
      readonly taskIds: readonly number[];
      readonly reason: string;
    }
  /**
   * This attempt counts: its result is handed to the job, its accumulators are added, its output file may be committed. Said once for each
   * (stage, partition, run); `run` is raised when what was accepted no longer counts. `stageId` is that of the attempt's order. Most
   * accepts come at once; those of a barrier stage come when its last task has succeeded, so results are kept until accept or discard.
   */
  | {
      readonly type: "accept";
      readonly jobIds: readonly number[];
      readonly stageId: number;
      readonly partition: number;
      readonly taskId: number;
      readonly executorId: string;
      readonly run?: number | undefined;
    }
  /** This attempt does not count: drop its result and its map output. Said of accepted map outputs too, once they no longer count (rolled back, or unreadable). */
  | {
      readonly type: "discard";
      readonly taskId: number;
      readonly executorId: string;
      readonly shuffle?:
        | { readonly shuffleId: number; readonly mapPartition: number; readonly attempt: number }
        | undefined;
    }
  /** A copy that an executor which leaves gave to this one does not count. */
  | {
      readonly type: "removeOutput";
      readonly executorId: string;
      readonly shuffle: { readonly shuffleId: number; readonly mapPartition: number; readonly attempt: number };
    }
  | { readonly type: "jobFinished"; readonly jobId: number }
  | { readonly type: "jobFailed"; readonly jobId: number; readonly failure: Failure }
  | { readonly type: "stageFinished"; readonly stageId: number; readonly jobIds: readonly number[] }
  | { readonly type: "removeShuffle"; readonly shuffleId: number; readonly executorIds: readonly string[] }
  | { readonly type: "removeRdd"; readonly rddId: number; readonly executorIds: readonly string[] }
  /** Fence: whatever this incarnation says from now on is answered 410. */
  | { readonly type: "fence"; readonly executorId: string; readonly incarnation: string }
  /** Local masters: end this executor's process (it hangs, or was lost but may live). */
  | { readonly type: "endExecutor"; readonly executorId: string; readonly incarnation: string; readonly reason: string }
  /** Local masters: start as many new executors. */
  | { readonly type: "startExecutors"; readonly count: number }
  /** For the event log: what changed, as data. */
  | { readonly type: "note"; readonly note: CoreNote };

/** State changes worth telling (event log, progress, listeners). */
export type CoreNote =
  | { readonly kind: "jobStarted" | "jobEnded"; readonly jobId: number; readonly failure?: Failure | undefined }
  | {
      readonly kind: "stageStarted" | "stageEnded" | "stageSkipped";
      readonly stageId: number;
      readonly jobIds: readonly number[];
      readonly run: number;
      readonly tasks: number;
      readonly failure?: Failure | undefined;
    }
  | { readonly kind: "taskStarted"; readonly task: TaskOrder; readonly executorId: string }
  | {
      readonly kind: "taskEnded";
      readonly task: TaskOrder;
      readonly executorId: string;
      readonly outcome: "succeeded" | "failed" | "killed" | "lost" | "ignored";
      readonly failure?: Failure | undefined;
    }
  | {
      readonly kind: "executorAdded" | "executorExcluded" | "executorIncluded" | "executorDecommissioning";
      readonly executorId: string;
    }
  | {
      readonly kind: "executorRemoved";
      readonly executorId: string;
      readonly reason: LossReason;
      readonly detail: string;
    }
  | { readonly kind: "mapOutputLost"; readonly shuffleId: number; readonly mapPartitions: readonly number[] };
