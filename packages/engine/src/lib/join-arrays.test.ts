import { expect, it } from "vitest";
import { joinArrays } from "./join-arrays.js";

it("joins arrays in their order, however many and whatever is in them", () => {
  expect(joinArrays([])).toEqual([]);
  expect(joinArrays<unknown>([[1, [2]], [], [undefined, "x"]])).toEqual([1, [2], undefined, "x"]);
  const part = Array.from({ length: 100_000 }, (_, index) => index);
  expect(joinArrays([part, part]).length).toBe(200_000);
  expect(joinArrays([part])).not.toBe(part);
});

it("more parts than a call takes arguments", () => {
  const parts = Array.from({ length: 200_000 }, (_, index) => (index % 3 === 0 ? [] : [index, [index]]));
  const all = joinArrays<unknown>(parts);
  expect(all.length).toBe(266_666);
  expect(all.slice(0, 4)).toEqual([1, [1], 2, [2]]);
  expect(all.at(-1)).toEqual([199_999]);
});
