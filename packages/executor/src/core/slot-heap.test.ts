import { expect, test } from "vitest";
import { rssLimit, slotHeap } from "./slot-heap.js";

const MIB = 2 ** 20;

test("a slot's heap follows from the budget, within the machine and its bounds", () => {
  const on = (slots: number, budgetMiB: number, machineMiB = 16_384) =>
    slotHeap(slots, budgetMiB * MIB, machineMiB * MIB);
  expect(on(2, 1_024)).toEqual({ heapMiB: 2_048, youngMiB: 32 });
  expect(on(2, 512)).toEqual({ heapMiB: 1_024, youngMiB: 16 });
  // Functions need some room however small the budget is.
  expect(on(1, 32)).toEqual({ heapMiB: 256, youngMiB: 16 });
  expect(on(2, 8_192)).toEqual({ heapMiB: 4_096, youngMiB: 64 });
  expect(on(8, 4_096, 8_192)).toEqual({ heapMiB: 614, youngMiB: 32 });
  expect(slotHeap(1, 1_024 * MIB, 16_384 * MIB, 40)).toEqual({ heapMiB: 40, youngMiB: 20 });
});

test("a process may hold its budget, its heaps and a base, within the machine", () => {
  expect(rssLimit(2, 64 * MIB, 256 * MIB, 16_384 * MIB)).toBe((64 + 2 * 256 + 512) * MIB);
  expect(rssLimit(2, 4_096 * MIB, 4_096 * MIB, 10_000 * MIB)).toBe(9_000 * MIB);
});
