import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { allocateShared, noteShared, onSharedMemory } from "./shared-memory.js";

const MIB = 1 << 20;

/** Garbage is freed when the collector gets to it: looked at until it has, or for too long. */
async function settlesBelow(mib: number): Promise<number> {
  const until = performance.now() + 10_000;
  for (;;) {
    const now = process.memoryUsage().arrayBuffers / MIB;
    if (now < mib || performance.now() > until) return now;
    await sleep(20);
  }
}

describe("shared memory", () => {
  test("that is dropped at once does not pile up", async () => {
    const before = process.memoryUsage().arrayBuffers / MIB;
    let most = 0;
    for (let count = 0; count < 100; count++) {
      allocateShared(10 * MIB)[0] = 1;
      most = Math.max(most, process.memoryUsage().arrayBuffers / MIB);
    }
    expect(most - before).toBeLessThan(300);
    expect(await settlesBelow(before + 50)).toBeLessThan(before + 50);
  });

  test("that was held for long is freed once it is let go", async () => {
    const before = process.memoryUsage().arrayBuffers / MIB;
    let held: Uint8Array[] = [];
    for (let count = 0; count < 20; count++) held.push(allocateShared(10 * MIB));
    expect(process.memoryUsage().arrayBuffers / MIB - before).toBeGreaterThan(150);
    const bytes = held.map(({ byteLength }) => byteLength);
    held = [];
    for (const length of bytes) noteShared(length);
    expect(await settlesBelow(before + 50)).toBeLessThan(before + 50);
  });

  test("is what it already lies on, or a copy", () => {
    const shared = allocateShared(3);
    expect(onSharedMemory(shared)).toBe(shared);
    const copy = onSharedMemory(Uint8Array.of(1, 2));
    expect([copy.buffer instanceof SharedArrayBuffer, [...copy]]).toEqual([true, [1, 2]]);
  });
});
