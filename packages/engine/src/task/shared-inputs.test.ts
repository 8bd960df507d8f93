import { describe, expect, it } from "vitest";
import { LocalContext } from "../testing/local-context.js";

describe("inputs that a task would compute too often", () => {
  it("are computed once: thirty nested zips of an RDD with itself", async () => {
    const vc = new LocalContext(1);
    const numbers = vc.parallelize([1, 2, 3], 1);
    let nested = numbers.map((x) => [x, x]) as ReturnType<typeof numbers.map<unknown>>;
    for (let depth = 0; depth < 30; depth++) nested = nested.zip(nested) as typeof nested;
    expect(await nested.count()).toBe(3);
  });

  it("are computed each time while they are few, as in Spark", async () => {
    const vc = new LocalContext(1);
    let calls = 0;
    const counted = vc.parallelize([1, 2], 1).map((x) => {
      calls++;
      return x;
    });
    expect(await counted.zip(counted).collect()).toEqual([
      [1, 1],
      [2, 2],
    ]);
    expect(calls).toBe(4);
  });
});
