/** Errors with which an action rejects that no task is to blame for. */

import type { PlannedJob } from "@volley/engine/plan/planned-job.js";
import { isOwnFile, placeOfFrame } from "@volley/engine/rdd/call-site.js";
import { type ErrorCode, VolleyError } from "@volley/engine/wire/errors.js";

/** Its stack names the user's lines, if any: where in the driver it was made says nothing. */
function jobError(code: ErrorCode, message: string, cause?: unknown): VolleyError {
  const error = new VolleyError(code, message, cause === undefined ? {} : { cause });
  const frames = (error.stack ?? "").split("\n").filter((line) => {
    const place = /^\s+at /.test(line) ? placeOfFrame(line) : undefined;
    return place !== undefined && !isOwnFile(place.file) && !place.file.startsWith("node:");
  });
  error.stack = [`VolleyError [${code}]: ${message}`, ...frames].join("\n");
  return error;
}

export function stoppedError(): VolleyError {
  return jobError("CONTEXT_STOPPED", "the context has been stopped; make a new one with VolleyContext.create()");
}

export function cancelledError(plan: PlannedJob, reason: string): VolleyError {
  return jobError("CANCELLED", `${plan.description} was cancelled: ${reason}`);
}

export function cancelledBySignal(plan: PlannedJob, signal: AbortSignal): VolleyError {
  return jobError("CANCELLED", `${plan.description} was cancelled by its signal`, signal.reason);
}

export function resultTooLarge(plan: PlannedJob, bytes: number, bytesMax: number): VolleyError {
  const sizes = `${mebibytes(bytes)} MiB so far of ${mebibytes(bytesMax)} MiB`;
  return jobError(
    "RESULT_TOO_LARGE",
    `the results of ${plan.description} exceed maxResultSizeMiB: ${sizes}; use take, toLocalIterator or saveAsTextFile, or raise maxResultSizeMiB`,
  );
}

function mebibytes(bytes: number): string {
  return (bytes / (1 << 20)).toFixed(bytes < 10 << 20 ? 1 : 0);
}

/** What a callback on the driver threw, as the error of its job. */
export function callbackFailed(what: string, error: unknown): VolleyError {
  if (VolleyError.is(error)) return error;
  return new VolleyError("INTERNAL", `${what}: ${error instanceof Error ? error.message : String(error)}`, {
    cause: error,
  });
}
