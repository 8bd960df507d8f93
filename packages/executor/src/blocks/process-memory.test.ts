import { expect, test } from "vitest";
import { MEMORY, MEMORY_BYTES } from "../task/slot-messages.js";
import { ProcessMemory } from "./process-memory.js";

const MIB = 1 << 20;

function watched(budgetMib: number) {
  const cells = new Int32Array(new SharedArrayBuffer(MEMORY_BYTES));
  const memory = new ProcessMemory(cells);
  memory.setBudget(budgetMib * MIB);
  const look = <T>(rssMib: number, at: () => T): T => {
    memory.noteResident(rssMib * MIB);
    return at();
  };
  return {
    cells,
    collects: (rssMib: number, garbageMib: number) => look(rssMib, () => memory.isWorthCollecting(garbageMib * 1024)),
    holds: (rssMib: number) => look(rssMib, () => memory.holdsMuchGarbage()),
  };
}

test("garbage is worth a collection when it is a sixteenth of the budget, within bounds, and the process exceeds its budget", () => {
  const { collects } = watched(256);
  expect([collects(257, 15), collects(257, 16), collects(256, 100)]).toEqual([false, true, false]);
  const [small, large] = [watched(32), watched(4_096)];
  expect([small.collects(200, 7), small.collects(200, 8)]).toEqual([false, true]);
  expect([large.collects(5_000, 31), large.collects(5_000, 32)]).toEqual([false, true]);
});

test("a process that has far more than what is counted holds much garbage", () => {
  const { cells, holds } = watched(1024);
  expect([holds(500), holds(520)]).toEqual([false, true]);
  cells[MEMORY.storageKib] = 300 * 1024;
  cells[MEMORY.executionKib] = 100 * 1024;
  expect([holds(900), holds(920)]).toEqual([false, true]);
  const large = watched(100_000);
  expect([large.holds(1000), large.holds(1030)]).toEqual([false, true]);
});
