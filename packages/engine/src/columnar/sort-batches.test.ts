import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compareValues } from "../lib/ordering.js";
import { readBatches } from "./block-reader.js";
import { encodeRows } from "./block-writer.js";
import { PairBatches } from "./sort-batches.js";
import type { BatchView, ClassRegistry } from "./types.js";

const classes: ClassRegistry = {
  idOf: () => undefined,
  byId: () => {
    throw new Error("should not be reached");
  },
};

type Pair = readonly [key: unknown, value: unknown];

/** Batches of a few rows each, of a block for each list. */
function batchesOf(...blocks: readonly (readonly Pair[])[]): BatchView[] {
  return blocks.flatMap((pairs) => [...readBatches(encodeRows(pairs, classes, { batchRows: 37 }), classes)]);
}

/** The pairs in order as columns give them, or undefined where they are not for columns. */
function sorted(batches: readonly BatchView[], ascending: boolean): Pair[] | undefined {
  const pairs = PairBatches.of(batches, classes);
  const order = pairs?.order(ascending);
  if (pairs === undefined || order === undefined) return undefined;
  return [...pairs.inOrder(order)].flatMap((batch) => {
    const [keys, values] = [batch.column(0), batch.column(1)];
    return Array.from(keys, (key, index): Pair => [key, values[index]]);
  });
}

function expectSorted(...blocks: readonly (readonly Pair[])[]): void {
  const batches = batchesOf(...blocks);
  for (const ascending of [true, false]) {
    const sign = ascending ? 1 : -1;
    const expected = blocks.flat().sort(([a], [b]) => sign * compareValues(a, b));
    expect(sorted(batches, ascending)).toStrictEqual(expected);
  }
}

function pairs(count: number, key: (i: number) => unknown, value: (i: number) => unknown): Pair[] {
  return Array.from({ length: count }, (_, i): Pair => [key((i * 7919) % count), value(i)]);
}

const VALUES: Readonly<Record<string, (i: number) => unknown>> = {
  ints: (i) => i,
  doubles: (i) => (i % 5 === 0 ? -0 : i / 3),
  strings: (i) => (i % 7 === 0 ? "x".repeat(i % 200) : `é${i}`),
  "strings or null": (i) => (i % 3 === 0 ? null : `v${i}`),
  "numbers or undefined": (i) => (i % 3 === 0 ? undefined : i),
  booleans: (i) => i % 3 === 0,
  bigints: (i) => BigInt(i) * 12345678901n,
  dates: (i) => (i % 9 === 0 ? new Date(Number.NaN) : new Date(i * 1e9)),
  objects: (i) => ({ id: i, name: `n${i}`, at: { x: i / 2, ok: i % 2 === 0 } }),
  "objects that lack properties": (i) => (i % 2 === 0 ? { a: i } : { a: i, b: `b${i}` }),
  "objects or null": (i) => (i % 4 === 0 ? null : { a: i }),
  lists: (i) => Array.from({ length: i % 11 }, (_, k) => k + i),
  "lists of objects": (i) => Array.from({ length: i % 3 }, (_, k) => ({ k, t: `t${k}` })),
  "lists of lists": (i) => Array.from({ length: 9 + (i % 3) }, (_, k) => Array.from({ length: k }, () => `w${i}`)),
  vectors: (i) => Float64Array.of(i, i / 2),
  "vectors of several lengths": (i) => new Float32Array(i % 40).fill(i),
  bytes: (i) => Uint8Array.from({ length: i % 90 }, (_, k) => k + i),
  "nothing but null": () => null,
  "of all kinds": (i) => [i, `s${i}`, null, [1, [2]], new Map([[i, 1]]), -0][i % 6],
};

describe("pairs in batches", () => {
  for (const [name, value] of Object.entries(VALUES)) {
    it(`come in order with values that are ${name}`, () => {
      expectSorted(
        pairs(300, (i) => i % 100, value),
        pairs(500, (i) => i % 77, value),
      );
    });
  }

  it("have keys of numbers, of texts and of tuples of these", () => {
    expectSorted(pairs(500, (i) => (i % 9 === 0 ? Number.NaN : i / 7 - 20), String));
    expectSorted(
      pairs(
        1000,
        (i) => `key ${i % 300}`,
        (i) => i,
      ),
    );
    expectSorted(
      pairs(
        1000,
        (i) => [`k${i % 30}`, i % 4, i / 2],
        (i) => i,
      ),
    );
    expectSorted(
      pairs(
        600,
        () => "",
        (i) => i,
      ),
    );
    expectSorted(
      pairs(
        600,
        (i) => "same".repeat(10 + (i % 5)),
        (i) => i,
      ),
    );
  });

  it("have keys of Dates and booleans, alone and in tuples", () => {
    const date = (i: number) => new Date(i % 11 === 0 ? Number.NaN : (i % 200) * 1e9 - 1e11);
    expectSorted(
      pairs(700, date, (i) => i),
      pairs(300, date, (i) => i),
    );
    expectSorted(pairs(500, (i) => i % 3 === 0, String));
    expectSorted(pairs(900, (i) => [i % 2 === 0, date(i), `k${i % 5}`], String));
  });

  it("have texts in the order of UTF-16, zeros and characters beyond the basic plane among them", () => {
    const texts = ["\u{1f600}", "\ue000", "\uffff", "\ud7ff", "é", "e", "", "\0", "a\0", "a", "\u{10ffff}", "\ufffda"];
    expectSorted(
      pairs(
        700,
        (i) => `${texts[i % 12]}${texts[(i * 5) % 11]}`,
        (i) => i,
      ),
    );
    expectSorted(
      pairs(
        700,
        (i) => `${texts[i % 7]}${texts[(i * 5) % 7]}`,
        (i) => i,
      ),
    );
  });

  it("are widened where batches differ", () => {
    expectSorted(
      pairs(
        100,
        (i) => i,
        (i) => i,
      ),
      pairs(
        100,
        (i) => i / 2,
        (i) => i / 2,
      ),
    );
    expectSorted(
      pairs(
        100,
        (i) => i,
        () => null,
      ),
      pairs(
        100,
        (i) => i,
        (i) => `v${i}`,
      ),
      pairs(
        50,
        (i) => i,
        () => null,
      ),
    );
    expectSorted(
      pairs(
        100,
        (i) => i,
        (i) => ({ a: i }),
      ),
      pairs(
        100,
        (i) => i,
        (i) => ({ a: i / 2 }),
      ),
    );
    expectSorted(
      pairs(
        100,
        (i) => i,
        () => Float64Array.of(1, 2),
      ),
      pairs(
        100,
        (i) => i,
        () => Float64Array.of(1, 2, 3),
      ),
    );
    expectSorted(
      pairs(
        100,
        (i) => i,
        () => [] as number[],
      ),
      pairs(
        100,
        (i) => i,
        (i) => Array(20).fill(`v${i}`),
      ),
    );
  });

  it("do not change the types of their blocks", () => {
    const [ints, doubles] = [
      pairs(
        50,
        (i) => i,
        (i) => ({ a: i }),
      ),
      pairs(
        50,
        (i) => i,
        (i) => ({ a: i + 0.5 }),
      ),
    ];
    expectSorted(ints, doubles);
    expectSorted(
      ints,
      pairs(
        50,
        (i) => i,
        (i) => (i % 2 === 0 ? null : { a: i }),
      ),
    );
    expectSorted(ints);
  });

  it("are left alone where columns cannot tell their order, or are not alike", () => {
    expect(sorted(batchesOf(pairs(50, (i) => (i % 2 === 0 ? null : i), String)), true)).toBeUndefined();
    expect(sorted(batchesOf(pairs(50, (i) => ({ i }), String)), true)).toBeUndefined();
    expect(
      sorted(
        batchesOf(
          pairs(50, (i) => i, String),
          pairs(50, String, String),
        ),
        true,
      ),
    ).toBeUndefined();
    expect(
      sorted(
        batchesOf(
          pairs(50, (i) => i, String),
          pairs(50, (i) => i, VALUES["of all kinds"] as never),
        ),
        true,
      ),
    ).toBeUndefined();
  });

  it("agree with a stable sort (property)", () => {
    const key = fc.oneof(
      fc.constantFrom(fc.double(), fc.integer({ min: -9, max: 9 })),
      fc.constantFrom(fc.string({ unit: "binary", maxLength: 12 }), fc.string({ unit: "grapheme", maxLength: 3 })),
    );
    const blocks = key.chain((one) =>
      fc.array(fc.array(fc.tuple(one as fc.Arbitrary<unknown>, fc.nat()), { minLength: 1, maxLength: 400 }), {
        minLength: 1,
        maxLength: 3,
      }),
    );
    fc.assert(
      fc.property(blocks, (lists) => {
        const isWellFormed = lists.flat().every(([one]) => typeof one !== "string" || !/\p{Surrogate}/u.test(one));
        fc.pre(isWellFormed);
        expectSorted(...lists);
      }),
      { seed: 20261124, numRuns: 25 },
    );
  });
});
