import fc from "fast-check";
import { expect, it } from "vitest";
import { GroupedValues } from "./grouped-values.js";

/** Batches of [slot, value], as typed columns or arrays. */
const batches = fc.array(
  fc.record({
    rows: fc.array(fc.tuple(fc.nat(9), fc.integer({ min: -5, max: 5 })), { maxLength: 20 }),
    kind: fc.constantFrom("ints", "doubles", "values"),
  }),
  { maxLength: 6 },
);

function columnOf(kind: string, values: readonly number[]): ArrayLike<unknown> {
  if (kind === "ints") return Int32Array.from(values);
  return kind === "doubles" ? Float64Array.from(values, (value) => value / 2) : values.map((value) => ({ value }));
}

it("brings the values of each slot together, in order, whatever holds them", () => {
  fc.assert(
    fc.property(batches, (all) => {
      const grouped = new GroupedValues();
      const expected: unknown[][] = Array.from({ length: 10 }, () => []);
      const scratch = new Int32Array(32);
      for (const { rows, kind } of all) {
        const values = columnOf(
          kind,
          rows.map(([, value]) => value),
        );
        rows.forEach(([slot], i) => {
          scratch[i] = slot;
          expected[slot]?.push(values[i]);
        });
        grouped.add(scratch, values, 10);
      }
      expect(grouped.rows).toBe(expected.flat().length);
      grouped.close(10);
      expect(expected.map((_, slot) => grouped.at(slot))).toEqual(expected);
    }),
    { seed: 5, numRuns: 200 },
  );
});

it("takes more slots than it has room for at first", () => {
  const grouped = new GroupedValues();
  const slots = Int32Array.from({ length: 1000 }, (_, i) => i);
  for (let round = 0; round < 2; round++)
    grouped.add(
      slots,
      slots.map((slot) => slot * 2 + round),
      1000,
    );
  grouped.close(1000);
  expect(grouped.at(0)).toEqual([0, 1]);
  expect(grouped.at(999)).toEqual([1998, 1999]);
});
