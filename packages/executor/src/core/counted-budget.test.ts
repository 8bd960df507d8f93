import { expect, test } from "vitest";
import { countedBudget } from "./counted-budget.js";

const MIB = 2 ** 20;

test("what is counted and what the process takes beside it are within the budget and thirty percent; a third is counted at least, and never more than all", () => {
  const on = (slots: number, budgetMiB: number) => countedBudget(slots, budgetMiB * MIB) / MIB;
  expect(on(2, 4_096)).toBe(4_096);
  expect(on(2, 512)).toBeCloseTo(512 * 1.3 - 90 - 2 * 72, 5);
  expect(on(2, 320)).toBeCloseTo(320 * 1.3 - 90 - 2 * 72, 5);
  expect([on(2, 64), on(1, 8), on(64, 4_096)]).toEqual([64, 8, 4_096].map((mib) => Math.floor(mib * MIB * 0.35) / MIB));
});
