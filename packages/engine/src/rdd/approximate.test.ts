import { describe, expect, test } from "vitest";
import { addToRegisters, estimateDistinct, mergeRegisters, newRegisters } from "../lib/hyper-log-log.js";
import { LocalContext } from "../testing/local-context.js";
import type { JobRequest } from "./rdd-context.js";

/** Hands over the results of some partitions, then waits. */
class Slow extends LocalContext {
  #go: (() => void) | undefined;
  readonly before: number;
  constructor(before: number) {
    super();
    this.before = before;
  }
  override runJobEach(
    request: JobRequest,
    onResult: (partition: number, rows: readonly unknown[]) => void,
  ): Promise<void> {
    let given = 0;
    const late: (() => void)[] = [];
    const job = super.runJobEach(request, (partition, rows) => {
      if (given++ < this.before) onResult(partition, rows);
      else late.push(() => onResult(partition, rows));
    });
    const released = new Promise<void>((resolve) => {
      this.#go = resolve;
    });
    return job.then(() => {
      this.fireTimers();
      return released.then(() => late.forEach((give) => void give()));
    });
  }
  release(): void {
    this.#go?.();
  }
}

describe("in time", () => {
  test("the answers are exact", async () => {
    const rdd = new LocalContext().range(0, 100, 1, 4);
    const count = await rdd.countApprox(1000);
    expect([count.isFinal, count.value]).toEqual([true, { mean: 100, low: 100, high: 100, confidence: 1 }]);
    expect(await count.final()).toEqual(count.value);
    expect((await rdd.sumApprox(1000)).value.mean).toBeCloseTo(4950, 6);
    expect((await rdd.meanApprox(1000)).value.mean).toBeCloseTo(49.5, 9);
    const byValue = await rdd.map((x) => x % 3).countByValueApprox(1000);
    expect([...byValue.value].map(([key, { mean }]) => [key, mean])).toEqual([
      [0, 34],
      [1, 33],
      [2, 33],
    ]);
    const byKey = await rdd.map((x) => [x % 2, x]).countByKeyApprox(1000);
    expect(byKey.value.get(1)?.mean).toBe(50);
  });
});

describe("when the time is up", () => {
  test("what is done gives an estimate, and the end is exact", async () => {
    const vc = new Slow(2);
    const partial = await vc.range(0, 1000, 1, 4).countApprox(5);
    expect(partial.isFinal).toBe(false);
    expect(partial.value.mean).toBe(1000);
    expect(partial.value.low).toBeLessThan(1000);
    vc.release();
    expect(await partial.final()).toEqual({ mean: 1000, low: 1000, high: 1000, confidence: 1 });
  });

  test("nothing done tells nothing", async () => {
    const vc = new Slow(0);
    const partial = await vc.range(0, 100, 1, 4).meanApprox(5);
    expect(partial.value).toEqual({ mean: 0, low: -Infinity, high: Infinity, confidence: 0 });
    vc.release();
    expect((await partial.final()).mean).toBeCloseTo(49.5, 9);
  });

  test("a job that fails first rejects", async () => {
    const broken = new LocalContext().range(0, 4, 1, 2).map((x) => {
      if (x === 3) throw new Error("broken");
      return x;
    });
    await expect(broken.countByValueApprox(1000)).rejects.toMatchObject({ code: "USER_FUNCTION_FAILED" });
  });
});

describe("different rows", () => {
  test("are estimated within the deviation asked for", () => {
    for (const n of [0, 1, 10, 1000, 50_000]) {
      const [registers, others] = [newRegisters(0.02), newRegisters(0.02)];
      for (let i = 0; i < n; i++) {
        addToRegisters(i % 2 === 0 ? registers : others, `row ${i}`);
        addToRegisters(registers, `row ${i}`);
      }
      expect(Math.abs(estimateDistinct(mergeRegisters(registers, others)) - n)).toBeLessThanOrEqual(0.06 * n);
    }
  });

  test("of an RDD, and by key", async () => {
    const rdd = new LocalContext().range(0, 3000, 1, 4);
    expect(Math.abs((await rdd.map((x) => x % 1000).countApproxDistinct(0.02)) - 1000)).toBeLessThan(60);
    const byKey = await rdd
      .map((x) => [x % 2, Math.floor(x / 10)])
      .countApproxDistinctByKey(0.02)
      .collect();
    for (const [, n] of byKey) expect(Math.abs(n - 300)).toBeLessThan(18);
    expect(byKey.map(([key]) => key).sort()).toEqual([0, 1]);
  });
});
