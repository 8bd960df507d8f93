import type { LogLevel } from "./observers.js";

/** Spark's names for the levels of the log, which has fewer. */
export const SPARK_LOG_LEVELS = {
  OFF: "silent",
  FATAL: "error",
  ERROR: "error",
  WARN: "warn",
  INFO: "info",
  DEBUG: "debug",
  TRACE: "debug",
  ALL: "debug",
} as const satisfies Record<string, LogLevel>;
export type SparkLogLevel = keyof typeof SPARK_LOG_LEVELS;
