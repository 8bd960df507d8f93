import { expect, test } from "vitest";
import { CollectionAccumulator, DoubleAccumulator, LongAccumulator } from "./accumulator.js";

test("a long accumulator", () => {
  const total = new LongAccumulator();
  expect([total.isZero, total.value, total.avg]).toEqual([true, 0, Number.NaN]);
  total.add(5);
  total.add(-5);
  expect([total.isZero, total.sum, total.count, total.avg]).toEqual([false, 0, 2, 0]);
  const copy = total.copy();
  copy.add(3);
  total.merge(copy);
  expect([total.value, total.count, copy.value]).toEqual([3, 5, 3]);
  expect(() => total.add(1.5)).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT" }));
  expect(() => total.merge(new CollectionAccumulator() as never)).toThrow(
    expect.objectContaining({ code: "INVALID_ARGUMENT" }),
  );
  total.reset();
  expect(total.isZero).toBe(true);
});

test("a double accumulator", () => {
  const total = new DoubleAccumulator();
  total.add(0.5);
  total.add(1.5);
  expect([total.value, total.avg]).toEqual([2, 1]);
  expect(() => total.add("1" as never)).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT" }));
});

test("a collection accumulator hands out copies", () => {
  const all = new CollectionAccumulator<string>();
  all.add("a");
  const value = all.value;
  const copy = all.copy();
  copy.add("b");
  all.merge(copy);
  expect([value, all.value, all.isZero]).toEqual([["a"], ["a", "a", "b"], false]);
  all.reset();
  expect(all.value).toEqual([]);
});
