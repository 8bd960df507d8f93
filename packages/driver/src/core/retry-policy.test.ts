import { ERRORS, type ErrorCode, type Failure } from "@volley/engine/wire/errors.js";
import { describe, expect, it } from "vitest";
import { LOSS_REASONS, type LossReason, type TaskOrder } from "./events.js";
import { exhausted, isCharged, judge, lossFailure, placed } from "./retry-policy.js";

const ORDER: TaskOrder = { taskId: 5, jobId: 1, stageId: 2, partition: 3, attempt: 1, speculative: false };

function failure(code: ErrorCode, more: Partial<Failure> = {}): Failure {
  return { code, message: "boom", details: {}, ...more };
}

describe("judge", () => {
  it.each(Object.keys(ERRORS) as ErrorCode[])("follows the table for %s", (code) => {
    const expected = code === "CANCELLED" || ERRORS[code].retry ? "retry" : "failJob";
    expect(judge(failure(code))).toBe(expected);
  });

  it("takes a failure that names a map output as a fetch failure, whatever its code", () => {
    const fetch = { shuffleId: 0, mapPartition: 1, executorId: "a" };
    expect(judge(failure("FETCH_FAILED", { fetch }))).toBe("fetchFailed");
    expect(judge(failure("BLOCK_CORRUPT", { fetch }))).toBe("fetchFailed");
    expect(judge(failure("FETCH_FAILED"))).toBe("retry");
  });
});

it.each(Object.keys(LOSS_REASONS) as LossReason[])(
  "charges the loss %s by its table, and only to tasks that ran",
  (reason) => {
    expect(isCharged(reason, true)).toBe(LOSS_REASONS[reason].charged);
    expect(isCharged(reason, false)).toBe(false);
  },
);

it("fills in the place of a failure and keeps what the executor said", () => {
  const told = placed(
    failure("USER_FUNCTION_FAILED", { details: { operator: "map", partition: undefined, attempt: 7 } }),
    ORDER,
    "a",
  );
  expect(told.details).toEqual({ stageId: 2, partition: 3, attempt: 7, executorId: "a", operator: "map" });
});

it("says how often a partition was lost with its executors", () => {
  const lost = lossFailure(ORDER, "a", "exited", "signal 9");
  expect(exhausted(lost, 4).message).toBe(
    "partition 3 of stage 2 failed 4 times; the last time executor a was lost (its process ended by itself (user code, out of memory, a signal)): signal 9",
  );
  const user = failure("USER_FUNCTION_FAILED");
  expect(exhausted(user, 4)).toBe(user);
});
