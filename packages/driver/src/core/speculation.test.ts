import { describe, expect, it } from "vitest";
import type { Attempt } from "./attempt.js";
import { DEFAULT_LIMITS } from "./limits.js";
import { isSlow, Runtimes, slowAfterMs } from "./speculation.js";

const LIMITS = DEFAULT_LIMITS.speculation;

function runtimes(...all: number[]): Runtimes {
  const times = new Runtimes();
  for (const ms of all) times.add(ms);
  return times;
}

describe("the median of run times", () => {
  it.each([[[1]], [[5, 5, 5]], [[1, 100, 10_000]], [[0, 0, 7, 8, 9]], [[1e9]]])(
    "of %j is right within 10 %%, up to its bound",
    (all) => {
      const sorted = [...all].sort((a, b) => a - b);
      const median = Math.min(2 ** 24, Math.max(1, sorted[Math.ceil(sorted.length / 2) - 1] as number));
      const told = runtimes(...all).medianMs();
      expect(told).toBeGreaterThanOrEqual(median);
      expect(told).toBeLessThanOrEqual(median * 1.1);
    },
  );
});

describe("the limit of what is slow", () => {
  it("is not known before the quantile has succeeded", () => {
    expect(slowAfterMs(LIMITS, 8, 5, runtimes(2000, 2000, 2000, 2000, 2000))).toBeUndefined();
    expect(slowAfterMs(LIMITS, 8, 6, runtimes(2000, 2000, 2000, 2000, 2000, 2000))).toBeCloseTo(3000, -3);
  });

  it("is a second at least", () => {
    expect(slowAfterMs(LIMITS, 4, 3, runtimes(1, 1, 1))).toBe(1000);
  });

  it("is not known for a single task, or when speculation is off", () => {
    expect(slowAfterMs(LIMITS, 1, 1, runtimes(1))).toBeUndefined();
    expect(slowAfterMs({ ...LIMITS, enabled: false }, 4, 3, runtimes(1, 1, 1))).toBeUndefined();
  });
});

it("counts the time in a slot, and gives what waits for one the time of one task more", () => {
  const running = { startedAt: 100, launchedAt: 0 } as Attempt;
  expect(isSlow(running, 1099, 1000, 500)).toBe(false);
  expect(isSlow(running, 1100, 1000, 500)).toBe(true);
  const waiting = { startedAt: -1, launchedAt: 0 } as Attempt;
  expect(isSlow(waiting, 1499, 1000, 500)).toBe(false);
  expect(isSlow(waiting, 1500, 1000, 500)).toBe(true);
});
