import { expect, it } from "vitest";
import { MemoryWatch } from "./memory-watch.js";
import type { TaskMemory } from "./task-io.js";

/** Memory of a fixed size that counts what is held. */
class SmallMemory implements TaskMemory {
  held = 0;
  readonly #bytes: number;

  constructor(bytes: number) {
    this.#bytes = bytes;
  }

  reserve(bytes: number): boolean {
    if (this.held + bytes > this.#bytes) return false;
    this.held += bytes;
    return true;
  }

  release(bytes: number): void {
    this.held -= bytes;
  }
}

const MIB = 1 << 20;
const of = (bytes: number) => () => bytes;

it("asks for memory as the table grows, and gives all of it back", () => {
  const memory = new SmallMemory(100 * MIB);
  const watch = new MemoryWatch(memory, 0);
  expect(watch.mustSpill(5000, 5000, of(60))).toBe(false);
  const first = memory.held;
  expect(first).toBe(5000 * 125);
  expect(watch.next).toBeGreaterThan(5000);
  expect(watch.mustSpill(10_000, 10_000, of(60))).toBe(false);
  expect(memory.held).toBe(2 * first);
  watch.reset();
  expect(memory.held).toBe(0);
});

it("lets a small table be that was refused memory, and never gives back what it did not get", () => {
  const memory = new SmallMemory(1 * MIB);
  const watch = new MemoryWatch(memory, 0);
  expect(watch.mustSpill(20_000, 20_000, of(60))).toBe(false);
  expect(memory.held).toBe(0);
  watch.reset();
  expect(memory.held).toBe(0);
});

it("wants a large table spilled that gets no more memory", () => {
  const memory = new SmallMemory(6 * MIB);
  const watch = new MemoryWatch(memory, 0);
  expect(watch.mustSpill(50_000, 50_000, of(60))).toBe(false);
  const held = memory.held;
  expect(held).toBeGreaterThan(4 * MIB);
  expect(watch.mustSpill(70_000, 70_000, of(60))).toBe(true);
  expect(memory.held).toBe(held);
  watch.reset();
  expect(memory.held).toBe(0);
});

it("counts what comes in the place of garbage, and gives back no more than it had", () => {
  const memory = new SmallMemory(6 * MIB);
  const watch = new MemoryWatch(memory, 0);
  expect(watch.mustSpill(50_000, 50_000, of(60))).toBe(false);
  const held = memory.held;
  watch.replace(2 * MIB, MIB);
  expect(memory.held).toBe(held - MIB);
  watch.replace(100 * MIB, 5 * MIB);
  expect(memory.held).toBe(5 * MIB);
  watch.replace(0, 2 * MIB);
  expect(memory.held).toBe(5 * MIB);
  watch.reset();
  expect(memory.held).toBe(0);
});
