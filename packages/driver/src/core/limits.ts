/** Every bound of the scheduler with its reason (architecture, D12). Times in milliseconds of the monotonic clock that `tick` brings. */

export interface PoolLimits {
  /** How jobs of one pool share it. */
  readonly mode: "FIFO" | "FAIR";
  /** Share relative to other pools; 1 or more. */
  readonly weight: number;
  /** Slots this pool gets before weights count; 0 or more. */
  readonly minShare: number;
}

export interface CoreLimits {
  /** Tries of one partition before its job fails. Spark's task.maxFailures: a flaky machine costs one or two, a bug costs all four soon. */
  readonly taskFailuresMax: number;
  /**
   * Executors that may be lost under one partition without a charge. Volley ends few, and a machine that goes takes one: what is lost so
   * often ends them itself, and hides behind a supervisor that starts them again at once.
   */
  readonly unchargedLossesMax: number;
  /** Stage runs in a row that may end in fetch failures. Spark's stage.maxConsecutiveAttempts: a shuffle nobody can read must not be computed for ever. */
  readonly stageFetchFailuresMax: number;
  /** Silence after which an executor counts as lost: five missed heartbeats of 3 s; longer than any garbage collection seen. */
  readonly heartbeatTimeoutMs: number;
  /** Tasks an executor may hold for each slot: 2 means that while one runs the next one is there already, so a slot never idles for a round trip. */
  readonly prefetchFactor: number;
  /**
   * Work that may wait at an executor when tasks are short, in milliseconds for each slot, judged by the tasks that ended last: then many
   * tasks go in one request. 0: `prefetchFactor` alone decides. About what a few round trips take.
   */
  readonly queueTargetMs: number;
  /** Tasks a slot that may wait however short they are: those behind a slow one wait for it. */
  readonly queuePerSlotMax: number;
  /** How long a stage waits for the executors that hold its blocks while others idle: about what moving a block of some MiB costs. */
  readonly localityWaitMs: number;
  /** A failed partition goes to another executor than the one it failed on, unless none was free for so long. */
  readonly retryElsewhereMs: number;
  readonly speculation: SpeculationLimits;
  /** With no executor for so long, jobs fail instead of waiting for ever. */
  readonly noExecutorsMs: number;
  /** Local masters: executors to keep alive; the shell starts the first ones itself. 0: executors are somebody else's. */
  readonly localExecutors: number;
  /** Replacements in a row without one task succeeding. Beyond it something kills executors as fast as they start. */
  readonly replacementsMax: number;
  /** An ordered executor that has not registered after so long is counted as failed to start. */
  readonly startTimeoutMs: number;
  /** After a failed start: pause before the next order, so that a broken machine is not forked to death. */
  readonly startBackoffMs: number;
  /** Partitions that failed on one executor and then succeeded on another before the first is excluded. Fewer is bad luck. */
  readonly blamesToExclude: number;
  /** Fetch failures with an executor at either end before it is excluded. Each one costs a stage run and four abort the job, so two must do. */
  readonly fetchStrikesToExclude: number;
  /** How long an excluded executor gets no tasks: long enough for a full disk to be noticed, short enough that a good one is not wasted. */
  readonly excludeMs: number;
  /** At most this part of the executors is excluded at one time: beyond it the fault is not theirs. */
  readonly excludedShareMax: number;
  /** How long after the time that it named an executor that leaves may still be there: a slow request, and the process's end. */
  readonly leaveSlackMs: number;
  /** After an undelivered launch: pause before the next one to that executor. */
  readonly launchBackoffMs: number;
  /** Launches in a row that were not delivered, or came to nothing, after which the driver gives an executor up though its heartbeats come. */
  readonly launchFailuresMax: number;
  /** A task that heartbeats do not mention for so long after its launch never arrived, or its end was lost: it runs again. Three heartbeats and a slow request. */
  readonly missingTaskMs: number;
  /** A task that was told to stop and still runs after so long: its executor is ended (flag, terminate, SIGKILL: D8 promises 5 s and 1 s). */
  readonly killGraceMs: number;
  /** A task that was told to stop and still runs is told again after so long: the first order may have been lost. */
  readonly killRepeatMs: number;
  readonly schedulingMode: "FIFO" | "FAIR";
  /** FAIR: pools by name; others have `DEFAULT_POOL`. */
  readonly pools: Readonly<Record<string, PoolLimits>>;
}

export interface SpeculationLimits {
  readonly enabled: boolean;
  /** Part of a stage's tasks that must have succeeded before others count as slow. */
  readonly quantile: number;
  /** Times the median run time. */
  readonly multiplier: number;
  /** Nothing shorter is worth a second attempt. */
  readonly minMs: number;
  /** How often running tasks are looked at: a second attempt more than this late does not matter beside `minMs`. */
  readonly intervalMs: number;
}

export const DEFAULT_POOL: PoolLimits = Object.freeze({ mode: "FIFO", weight: 1, minShare: 0 });

export const DEFAULT_LIMITS: CoreLimits = Object.freeze({
  taskFailuresMax: 4,
  unchargedLossesMax: 16,
  stageFetchFailuresMax: 4,
  heartbeatTimeoutMs: 15_000,
  prefetchFactor: 2,
  queueTargetMs: 0,
  queuePerSlotMax: 16,
  localityWaitMs: 300,
  retryElsewhereMs: 1_000,
  speculation: Object.freeze({ enabled: true, quantile: 0.75, multiplier: 1.5, minMs: 1_000, intervalMs: 100 }),
  noExecutorsMs: 60_000,
  localExecutors: 0,
  replacementsMax: 12,
  startTimeoutMs: 30_000,
  startBackoffMs: 1_000,
  blamesToExclude: 3,
  fetchStrikesToExclude: 2,
  excludeMs: 60_000,
  excludedShareMax: 0.5,
  leaveSlackMs: 5_000,
  launchBackoffMs: 500,
  launchFailuresMax: 4,
  missingTaskMs: 10_000,
  killGraceMs: 10_000,
  killRepeatMs: 2_000,
  schedulingMode: "FIFO",
  pools: Object.freeze({}),
});

/** Transitions remembered for the story of an assertion: enough to see how a thing came to where it is. */
export const HISTORY_SIZE = 4096;

/** Fenced incarnations remembered, so that a late registration of one is refused. Far more executors than die in an application. */
export const FENCED_MAX = 10_000;

/** Retries looked at for one that did not fail on the executor at hand; beyond it any will do. */
export const RETRY_SCAN_MAX = 16;
