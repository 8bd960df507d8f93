import { expect, it } from "vitest";
import { joinArrays } from "./join-arrays.js";

it("joins arrays in their order, however many and whatever is in them", () => {
  expect(joinArrays([])).toEqual([]);
  expect(joinArrays<unknown>([[1, [2]], [], [undefined, "x"]])).toEqual([1, [2], undefined, "x"]);
  const part = Array.from({ length: 100_000 }, (_, index) => index);
  expect(joinArrays([part, part]).length).toBe(200_000);
  expect(joinArrays([part])).not.toBe(part);
});
