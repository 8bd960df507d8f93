/**
 * Turns what was thrown in a stage program into the failure that the driver reports: whose function (site), which partition, attempt and
 * record.
 */

import { type ErrorCode, VolleyError } from "../wire/errors.js";
import { describeRecord } from "./describe-record.js";
import type { TaskIo } from "./task-io.js";

/** Codes that say all there is to say: no user function is to blame for them. */
const PASSED_THROUGH: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  "CANCELLED",
  "FETCH_FAILED",
  "BLOCK_LOST",
  "BLOCK_CORRUPT",
  "OUT_OF_MEMORY",
  "FILE_NOT_FOUND",
  "FILE_UNREADABLE",
  "FILE_NOT_TEXT",
  "FILE_DAMAGED",
  "INPUT_INCOMPLETE",
  "OUTPUT_FAILED",
  "PROCESS_FAILED",
  "INTERNAL",
]);

/** `site`: index of the user function among the stage's, undefined outside of any. An error that was placed already stays as it is. */
export function userFailure(error: unknown, io: TaskIo, site: number | undefined, record: unknown): unknown {
  if (VolleyError.is(error)) {
    if (error.details.partition !== undefined || PASSED_THROUGH.has(error.code)) return error;
    return new VolleyError(error.code, error.message, {
      ...(error.cause === undefined ? {} : { cause: error.cause }),
      details: { ...error.details, ...place(io, site, record) },
    });
  }
  if (site === undefined) {
    return new VolleyError("INTERNAL", `a stage program failed outside of user code: ${messageOf(error)}`, {
      cause: error,
      details: place(io, site, record),
    });
  }
  return new VolleyError("USER_FUNCTION_FAILED", messageOf(error), { cause: error, details: place(io, site, record) });
}

function place(io: TaskIo, site: number | undefined, record: unknown) {
  return {
    site,
    stageId: io.stageId,
    partition: io.partition,
    attempt: io.attempt,
    executorId: io.executorId,
    record: record === undefined ? undefined : describeRecord(record),
  };
}

function messageOf(error: unknown): string {
  try {
    const message = typeof error === "object" && error !== null ? (error as { message?: unknown }).message : undefined;
    return typeof message === "string" ? message : String(error);
  } catch {
    // A thrown value whose getters or traps throw in their turn.
    return "a value that cannot be shown";
  }
}
