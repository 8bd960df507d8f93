import { type CoreLimits, DEFAULT_LIMITS } from "./core/limits.js";
import type { Master } from "./master.js";
import type { ResolvedOptions } from "./options.js";

/** The scheduler's limits as a context's options set them. */
export function coreLimits(options: ResolvedOptions, master: Master): CoreLimits {
  return Object.freeze({
    ...DEFAULT_LIMITS,
    taskFailuresMax: options.taskAttemptsMax,
    stageFetchFailuresMax: options.stageAttemptsMax,
    heartbeatTimeoutMs: options.executorLossTimeoutMs,
    noExecutorsMs: options.noExecutorsTimeoutMs,
    schedulingMode: options.schedulingMode,
    speculation: Object.freeze({ ...DEFAULT_LIMITS.speculation, enabled: options.speculation }),
    localExecutors: master.kind === "local" ? 1 : master.kind === "local-cluster" ? master.executors : 0,
  });
}
