/** Blocks whose columns change from batch to batch: what is missing, and how it is missing, comes back as it was. */

import fc from "fast-check";
import { expect, it } from "vitest";
import { decodeRows } from "./block-reader.js";
import { encodeRows } from "./block-writer.js";
import type { ClassRegistry } from "./types.js";
import { valueDifference } from "./value-difference.js";

const classes: ClassRegistry = {
  idOf: () => undefined,
  byId: () => expect.fail("no row is an instance of a class"),
};

function expectBack(rows: readonly unknown[], batchRows: number): void {
  const back = decodeRows(encodeRows(rows, classes, { batchRows }), classes);
  expect(back).toHaveLength(rows.length);
  for (const [index, row] of rows.entries()) expect(valueDifference(back[index], row)).toBe(undefined);
}

it("rows of a left side and then of a right one, as an outer join gives them", () => {
  const left = Array.from({ length: 8 }, (_, i) => ["key", [i, undefined]]);
  const right = Array.from({ length: 8 }, (_, i) => [`other${i}`, [undefined, { name: `right ${i}` }]]);
  expectBack([...left, ...right], 8);
  expectBack([...right, ...left], 8);
  expectBack([...left, ...right], 5);
});

it("fields that are missing, null or undefined, of any type, in any batch (property)", () => {
  const value = fc.constantFrom(1, -0, 0.5, "text", true, 1n, [1, 2], ["x"], { at: 1 }, { at: undefined }, new Date(0));
  const absent = fc.constantFrom<unknown>(undefined, null, "missing");
  /** In a batch a field is of one type, with nulls of one kind: that is what columns are made for. */
  const batch = fc.array(fc.tuple(value, absent, fc.array(fc.boolean(), { minLength: 4, maxLength: 4 })), {
    minLength: 3,
    maxLength: 3,
  });
  const tupleOf = (fields: readonly unknown[]) => fields.map((field) => (field === "missing" ? undefined : field));
  const objectOf = (fields: readonly unknown[]) =>
    Object.fromEntries(fields.flatMap((field, at) => (field === "missing" ? [] : [[`f${at}`, field]])));
  fc.assert(
    fc.property(fc.array(batch, { maxLength: 4 }), fc.constantFrom(tupleOf, objectOf), (batches, shape) => {
      const rows = batches.flatMap((fields) =>
        [0, 1, 2, 3].map((row) => shape(fields.map(([one, none, isThere]) => (isThere[row] === true ? one : none)))),
      );
      expectBack(rows, 4);
      expectBack(
        rows.map((row) => ["in", [row]]),
        4,
      );
    }),
    { seed: 20261124, numRuns: 1500 },
  );
});
