import { describe, expect, it } from "vitest";
import type { TaskOrder } from "./events.js";
import { Executors } from "./executors.js";
import { MapOutputs, Shuffle } from "./map-outputs.js";

const registry = new Executors();
const a = registry.add("a", "1", 1, "a", 0);
const b = registry.add("b", "1", 1, "b", 0);

function order(partition: number, attempt = 0): TaskOrder {
  return { taskId: 100 + partition, jobId: 0, stageId: 0, partition, attempt, speculative: false };
}

function data(...checksums: number[]) {
  return { offsets: [0, 10], rows: [1], checksums };
}

describe("a shuffle", () => {
  it("knows where its outputs are, and forgets those of one executor", () => {
    const shuffle = new Shuffle(0, 5, []);
    for (const [partition, holder] of [a, b, a, b, a].entries()) shuffle.put(order(partition), holder, data(1), 1);
    shuffle.isWholeKnown = true;
    expect(shuffle.isWhole).toBe(true);
    shuffle.validate();
    for (const partition of shuffle.heldBy(a.index).sort()) shuffle.drop(partition, 2);
    shuffle.isWholeKnown = false;
    shuffle.validate();
    expect(shuffle.isHeldBy(a.index)).toBe(false);
    expect([0, 1, 2, 3, 4].filter((partition) => shuffle.has(partition))).toEqual([1, 3]);
    expect(shuffle.version).toBe(3);
    expect(shuffle.taskIdOf(3)).toBe(103);
  });

  it("tells whether a later attempt gave other rows", () => {
    const shuffle = new Shuffle(0, 1, []);
    expect(shuffle.put(order(0), a, data(1, 2), 1).differs).toBe(false);
    shuffle.drop(0, 2);
    expect(shuffle.put(order(0, 1), b, data(1, 2), 3).differs).toBe(false);
    shuffle.drop(0, 4);
    expect(shuffle.put(order(0, 2), b, data(2, 1), 5).differs).toBe(true);
    shuffle.drop(0, 6);
    shuffle.forgetDigests();
    expect(shuffle.put(order(0, 3), b, data(9, 9), 7).differs).toBe(false);
  });

  it("takes outputs of tables that spilled for the same when their keys are, in whatever order", () => {
    const shuffle = new Shuffle(0, 1, []);
    let attempt = 0;
    const differs = (checksum: number, keys: { digest: number; spilled: boolean } | undefined) => {
      if (shuffle.has(0)) shuffle.drop(0, attempt);
      return shuffle.put(order(0, attempt), a, { ...data(checksum), keys }, ++attempt).differs;
    };
    expect(differs(1, { digest: 5, spilled: true })).toBe(false);
    expect(differs(2, { digest: 5, spilled: false })).toBe(false);
    expect(differs(3, { digest: 5, spilled: true })).toBe(false);
    expect(differs(4, { digest: 6, spilled: true })).toBe(true);
    expect(differs(5, undefined)).toBe(true);
    expect(differs(6, { digest: 6, spilled: true })).toBe(true);
    // In memory the order is a function of the rows: other bytes are other rows.
    expect(differs(7, { digest: 7, spilled: false })).toBe(true);
    expect(differs(8, { digest: 7, spilled: false })).toBe(true);
  });

  it("gives each attempt a number of its own", () => {
    const shuffle = new Shuffle(0, 2, []);
    expect([shuffle.takeAttemptNumber(0), shuffle.takeAttemptNumber(0), shuffle.takeAttemptNumber(1)]).toEqual([
      0, 1, 0,
    ]);
  });

  it("that is released hands on what it was made of", () => {
    const outputs = new MapOutputs();
    const first = outputs.add(0, 0, []);
    const second = outputs.add(1, 0, [first]);
    const third = outputs.add(2, 0, [second]);
    for (const shuffle of [first, second, third]) shuffle.isWholeKnown = true;
    outputs.remove(second);
    outputs.validate();
    expect([...first.readers]).toEqual([third]);
    outputs.remove(first);
    expect(third.madeOf.size).toBe(0);
  });
});
