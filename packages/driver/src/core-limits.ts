import type { CoreLimits } from "./core/limits.js";
import { DEFAULT_LIMITS } from "./core/limits.js";
import type { Master } from "./master.js";
import type { ResolvedOptions } from "./options.js";

/** Between orders of a local executor after one did not start: a broken installation is to be known in seconds, and twelve tries fork nobody to death. */
/** A few round trips on one machine. */
const QUEUE_TARGET_MS = 10;
const LOCAL_START_BACKOFF_MS = 200;

/** What the options say of the scheduler's limits. */
export function coreLimits(options: ResolvedOptions, master: Master): Partial<CoreLimits> {
  return {
    queueTargetMs: QUEUE_TARGET_MS,
    taskFailuresMax: options.taskAttemptsMax,
    stageFetchFailuresMax: options.stageAttemptsMax,
    heartbeatTimeoutMs: options.executorLossTimeoutMs,
    noExecutorsMs: options.noExecutorsTimeoutMs,
    schedulingMode: options.schedulingMode,
    speculation: { ...DEFAULT_LIMITS.speculation, enabled: options.speculation },
    startBackoffMs: master.kind === "cluster" ? DEFAULT_LIMITS.startBackoffMs : LOCAL_START_BACKOFF_MS,
    localExecutors: master.kind === "local" ? 1 : master.kind === "local-cluster" ? master.executors : 0,
  };
}
