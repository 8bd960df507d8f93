import { expect, it } from "vitest";
import { editDistance } from "./edit-distance.js";

it("counts insertions, deletions and substitutions", () => {
  expect(editDistance("local", "local")).toBe(0);
  expect(editDistance("locl", "local")).toBe(1);
  expect(editDistance("lokal", "local")).toBe(1);
  expect(editDistance("", "abc")).toBe(3);
  expect(editDistance("kitten", "sitting")).toBe(3);
});
