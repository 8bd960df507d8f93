import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { giveBack, SlotMemory } from "./slot-memory.js";
import { CONTROL_BYTES, MEMORY, MEMORY_BYTES, type SlotRequest } from "./slot-messages.js";

const KIB = 1024;

/** An executor of so many KiB with `storageKib` of blocks; `slot()` is a task's memory. */
function executor(budgetKib: number, storageKib = 0) {
  const cells = new Int32Array(new SharedArrayBuffer(MEMORY_BYTES));
  cells[MEMORY.budgetKib] = budgetKib;
  cells[MEMORY.storageKib] = storageKib;
  let time = 0;
  const asked: number[] = [];
  const host = {
    cells,
    asked,
    /** What happens while a task waits. */
    whileWaiting: (): void => undefined,
    /** Blocks that leave when asked to. */
    evictableKib: 0,
    collected: 0,
    slot() {
      const control = new Int32Array(new SharedArrayBuffer(CONTROL_BYTES));
      const ask = (request: SlotRequest) => {
        if (request.op !== "makeRoom") throw new Error("should not be reached");
        asked.push(request.bytes);
        const gone = Math.min(host.evictableKib, Math.ceil(request.bytes / KIB));
        cells[MEMORY.storageKib] = (cells[MEMORY.storageKib] as number) - gone;
        host.evictableKib -= gone;
        return gone > 0;
      };
      const channel = { ask: ask as never, checkCancelled: () => host.whileWaiting() };
      const memory = new SlotMemory(channel, control, cells, {
        now: () => (time += 100),
        garbage: { add: () => undefined, pass: () => undefined, collect: () => host.collected++ },
      });
      return { memory, control, cells };
    },
  };
  return host;
}

describe("execution memory", () => {
  test("is all a task's while it is alone, and shared equally when there are more", () => {
    const host = executor(100);
    const [first, second] = [host.slot().memory, host.slot().memory];
    expect(first.reserve(90 * KIB)).toBe(true);
    // Not yet in need of more than its least share, and nobody gives any.
    expect(second.reserve(20 * KIB)).toBe(false);
    expect(first.reserve(KIB)).toBe(false);
    first.release(60 * KIB);
    expect(second.reserve(50 * KIB)).toBe(true);
    expect(second.reserve(KIB)).toBe(false);
    expect(first.reserve(20 * KIB)).toBe(true);
    second.releaseAll();
    expect(first.reserve(50 * KIB)).toBe(true);
    first.releaseAll();
    expect([host.cells[MEMORY.executionKib], host.cells[MEMORY.sharingTasks]]).toEqual([0, 0]);
  });

  test("of the least share is waited for until another task gives it back", () => {
    const host = executor(100);
    const [first, second] = [host.slot().memory, host.slot().memory];
    first.reserve(100 * KIB);
    let waits = 0;
    host.whileWaiting = () => {
      if (++waits === 3) first.release(40 * KIB);
    };
    expect(second.reserve(25 * KIB)).toBe(true);
    expect(waits).toBe(3);
    // More than half of an equal share is not worth waiting for.
    first.reserve(15 * KIB);
    expect(second.reserve(24 * KIB)).toBe(false);
    expect(waits).toBe(3);
  });

  test("does not wait for ever, and stops waiting when the task is told to stop", () => {
    const host = executor(100);
    const [first, second] = [host.slot().memory, host.slot().memory];
    first.reserve(100 * KIB);
    expect(second.reserve(KIB)).toBe(false);
    const third = host.slot().memory;
    host.whileWaiting = () => {
      throw new Error("told to stop");
    };
    expect(() => third.reserve(KIB)).toThrow("told to stop");
  });

  test("is taken from blocks down to their half of the budget, and no further", () => {
    const host = executor(100, 80);
    host.evictableKib = 30;
    const { memory } = host.slot();
    expect(memory.reserve(20 * KIB)).toBe(true);
    expect(host.asked).toEqual([]);
    expect(memory.reserve(30 * KIB)).toBe(true);
    expect(host.asked).toEqual([30 * KIB]);
    expect(memory.reserve(KIB)).toBe(false);
    // Beyond what storage leaves it is not even asked for.
    expect(host.asked).toHaveLength(1);
  });

  test("of a thread that died is given back, and its task counts no longer", () => {
    const host = executor(100);
    const dead = host.slot();
    dead.memory.reserve(70 * KIB);
    giveBack(dead.control, dead.cells);
    giveBack(dead.control, dead.cells);
    expect([host.cells[MEMORY.executionKib], host.cells[MEMORY.sharingTasks]]).toEqual([0, 0]);
    expect(host.slot().memory.reserve(100 * KIB)).toBe(true);
  });

  test("whatever tasks ask for and give back: within the budget, within each one's share, counted to the end", () => {
    const step = fc.record({ slot: fc.nat(3), what: fc.constantFrom("reserve", "release", "end"), kib: fc.nat(60) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const host = executor(128);
        const slots = [0, 1, 2, 3].map(() => ({ ...host.slot(), held: 0 }));
        for (const { slot: at, what, kib } of steps) {
          const slot = slots[at] as (typeof slots)[number];
          if (what === "reserve") {
            if (!slot.memory.reserve(kib * KIB)) continue;
            slot.held += kib;
            expect(slot.held).toBeLessThanOrEqual(128 / (host.cells[MEMORY.sharingTasks] as number));
          } else if (what === "release") {
            const given = Math.min(kib, slot.held);
            slot.memory.release(given * KIB);
            slot.held -= given;
          } else {
            slot.memory.releaseAll();
            slot.held = 0;
          }
          expect(host.cells[MEMORY.executionKib]).toBe(slots.reduce((sum, { held }) => sum + held, 0));
          expect(host.cells[MEMORY.executionKib]).toBeLessThanOrEqual(128);
        }
        for (const { memory } of slots) memory.releaseAll();
        expect([host.cells[MEMORY.executionKib], host.cells[MEMORY.sharingTasks]]).toEqual([0, 0]);
      }),
      { seed: 5, numRuns: 200 },
    );
  });
});
