import fc from "fast-check";
import { expect, test } from "vitest";
import { BoundedHeap } from "./bounded-heap.js";

test("keeps what sorting and cutting would, the first of equal ones", () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.integer({ min: 0, max: 5 }), fc.nat())),
      fc.integer({ min: 0, max: 9 }),
      fc.boolean(),
      (items, limit, descending) => {
        const compare = (a: readonly [number, number], b: readonly [number, number]) => a[0] - b[0];
        const heap = new BoundedHeap<readonly [number, number]>(limit, compare, descending);
        for (const item of items) heap.add(item);
        const sign = descending ? -1 : 1;
        expect(heap.sorted()).toEqual([...items].sort((a, b) => sign * compare(a, b)).slice(0, limit));
      },
    ),
    { seed: 11 },
  );
});
