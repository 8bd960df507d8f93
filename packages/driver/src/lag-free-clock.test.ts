import { describe, expect, it } from "vitest";
import { LagFreeClock } from "./lag-free-clock.js";

const HOUR_MS = 3_600_000;

function clockOver(readings: readonly number[]) {
  let next = 0;
  const clock = new LagFreeClock(() => readings[next++] as number, 500);
  return { clock, rest: readings.length - 1 };
}

describe("the scheduler's clock", () => {
  it("goes as time does while it is read often", () => {
    const { clock } = clockOver([1_000, 1_100, 1_350, 1_850]);
    expect([clock.now(), clock.now(), clock.now(), clock.lagMs]).toEqual([100, 350, 850, 0]);
  });

  it("leaves out what it did not see: a blocked driver, or a reading that leaps an hour", () => {
    const { clock } = clockOver([0, 100, 100 + HOUR_MS, 200 + HOUR_MS]);
    expect([clock.now(), clock.now(), clock.now(), clock.lagMs]).toEqual([100, 600, 700, HOUR_MS - 500]);
  });

  it("stands still, and does not go back, while its source is behind", () => {
    const { clock } = clockOver([5_000, 5_100, 5_100 - HOUR_MS, 5_200 - HOUR_MS, 5_300 - HOUR_MS]);
    expect([clock.now(), clock.now(), clock.now(), clock.now()]).toEqual([100, 100, 200, 300]);
  });
});
