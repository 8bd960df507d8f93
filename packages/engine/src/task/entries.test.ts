import { describe, expect, test } from "vitest";
import { type Entries, noEntries, roomFor } from "./entries.js";

/** Puts values one behind the other, as a stage does. */
function filled(values: readonly unknown[]): Entries {
  let entries = noEntries();
  values.forEach((value, size) => {
    if (size === entries.length || typeof value !== "number") entries = roomFor(entries, size, value);
    entries[size] = value as number;
  });
  return entries;
}

describe("entries of a key table", () => {
  test("lie in a typed array while all are numbers", () => {
    const numbers = Array.from({ length: 1000 }, (_, i) => [i / 3, -0, Number.NaN, -1 / 0][i % 4] as number);
    const entries = filled(numbers);
    expect(entries).toBeInstanceOf(Float64Array);
    expect(Array.from(entries.slice(0, 1000))).toEqual(numbers);
  });

  test("move to an array with the first other value, wherever it comes", () => {
    for (const at of [0, 1, 63, 64, 65, 300]) {
      const values: unknown[] = Array.from({ length: 301 }, (_, i) => i);
      values[at] = null;
      expect(filled(values)).toEqual(values);
    }
  });

  test("make room for a value that takes the place of a number", () => {
    const entries = roomFor(filled([1, 2, 3]), 3, "x");
    entries[1] = "x" as never;
    expect(entries).toEqual([1, "x", 3]);
  });
});
