import { expect, test } from "vitest";
import { LocalContext } from "../testing/local-context.js";

/** A typed array is handed to this context's tasks as it is, so that functions and zero are one object there, as in a revived closure. */
test("a zero that the functions capture too is not what they write to", async () => {
  const rows = new LocalContext().parallelize([1, 2, 3, 4, 5, 6], 3);
  const zero: Float64Array = new Float64Array(1);
  const add = (total: Float64Array, x: number) => {
    total[0] = (total[0] ?? 0) + x * (1 + (zero[0] ?? 0));
    return total;
  };
  const merge = (a: Float64Array, b: Float64Array) => add(a, b[0] ?? 0);
  expect([...(await rows.aggregate(zero, add, merge))]).toEqual([21]);
  expect([...(await rows.treeAggregate(zero, add, merge))]).toEqual([21]);
  const byKey = await rows
    .map((x) => ["k", x])
    .aggregateByKey(zero, add, merge)
    .collect();
  expect(byKey.map(([, total]) => [...total])).toEqual([[21]]);
  expect([...zero]).toEqual([0]);
});
