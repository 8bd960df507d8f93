import { describe, expect, test } from "vitest";
import { MEMORY, MEMORY_BYTES } from "../task/slot-messages.js";
import { KnownGarbage } from "./known-garbage.js";

const MIB = 1024;

function watched(leftKib = 0) {
  const cells = new Int32Array(new SharedArrayBuffer(MEMORY_BYTES));
  cells[MEMORY.processKib] = 1000 * MIB;
  cells[MEMORY.leftKib] = leftKib;
  let collections = 0;
  const garbage = new KnownGarbage(cells, () => collections++);
  const passes = () => {
    const before = collections;
    garbage.pass();
    return collections - before;
  };
  return { cells, garbage, passes };
}

describe("known garbage", () => {
  test("is collected once blocks enough have left memory, while the process holds more than its budget", () => {
    const { cells, passes } = watched();
    cells[MEMORY.residentKib] = 1001 * MIB;
    Atomics.add(cells, MEMORY.leftKib, 31 * MIB);
    expect(passes()).toBe(0);
    Atomics.add(cells, MEMORY.leftKib, MIB);
    expect([passes(), passes()]).toEqual([1, 0]);
    Atomics.add(cells, MEMORY.leftKib, 32 * MIB);
    expect(passes()).toBe(1);
  });

  test("waits while there is room", () => {
    const { cells, passes } = watched();
    cells[MEMORY.residentKib] = 999 * MIB;
    Atomics.add(cells, MEMORY.leftKib, 500 * MIB);
    expect(passes()).toBe(0);
    cells[MEMORY.residentKib] = 1001 * MIB;
    expect(passes()).toBe(1);
  });

  test("is what has left, and what the thread itself knows of", () => {
    const { cells, garbage, passes } = watched();
    cells[MEMORY.residentKib] = 1001 * MIB;
    garbage.add(20 * MIB * 1024);
    expect(passes()).toBe(0);
    Atomics.add(cells, MEMORY.leftKib, 12 * MIB);
    expect([passes(), passes()]).toEqual([1, 0]);
    garbage.add(32 * MIB * 1024);
    expect([passes(), passes()]).toEqual([1, 0]);
  });

  test("is counted beyond what a cell holds", () => {
    const { cells, passes } = watched(0x7fffffff - MIB);
    cells[MEMORY.residentKib] = 1001 * MIB;
    Atomics.add(cells, MEMORY.leftKib, 2 * MIB);
    expect(cells[MEMORY.leftKib]).toBeLessThan(0);
    expect(passes()).toBe(0);
    Atomics.add(cells, MEMORY.leftKib, 31 * MIB);
    expect(passes()).toBe(1);
  });
});
