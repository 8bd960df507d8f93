import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { hashKey } from "../lib/hash.js";
import { KeyMap } from "../lib/key-map.js";
import { compareValues } from "../lib/ordering.js";
import { ownText } from "../lib/own-text.js";
import { Prng } from "../lib/prng.js";
import { Float64Table } from "./float64-table.js";
import { Int32Table } from "./int32-table.js";
import { KeyIndex } from "./key-index.js";
import { sortIndices } from "./sort-indices.js";
import { StringTable } from "./string-table.js";

/** What every index must do, by a KeyMap. */
function expectSlots(
  index: { slotOf(key: never): number; keyAt(slot: number): unknown; readonly size: number },
  keys: readonly unknown[],
): void {
  const oracle = new KeyMap<unknown, number>();
  let wrong = 0;
  for (const key of keys) {
    const known = oracle.get(key);
    const slot = index.slotOf(key as never);
    if (slot !== (known ?? oracle.size)) wrong++;
    if (known === undefined) oracle.set(key, slot);
  }
  expect(wrong).toBe(0);
  expect(index.size).toBe(oracle.size);
  expect(Array.from({ length: index.size }, (_, slot) => index.keyAt(slot))).toEqual([...oracle.keys()]);
}

const random = new Prng(11);
const many = <T>(count: number, make: (i: number) => T): T[] => Array.from({ length: count }, (_, i) => make(i));
const ints = many(20_000, () => random.nextInt(5000) - 2500);
const strings = many(20_000, () => `key ${random.nextInt(6000)}`);

describe("tables of keys", () => {
  it("know the hashes of their keys", () => {
    const mixed = [1, 0.5, "a", null, undefined, true, 5n, new Date(3), ...many(500, (i) => [i % 90, { id: i % 7 }])];
    for (const keys of [ints, ints.map((i) => i / 4), strings, mixed]) {
      const index = new KeyIndex();
      for (const key of keys) index.slotOf(key);
      const wrong = Array.from({ length: index.size }, (_, slot) => slot).filter(
        (slot) => index.hashAt(slot) !== hashKey(index.keyAt(slot)),
      );
      expect(wrong).toEqual([]);
    }
  });

  it("refuse an object with a symbol property, though one without it is there", () => {
    const index = new KeyIndex();
    index.slotOf([{ a: 1 }]);
    const strange = [{ a: 1, [Symbol("s")]: 2 }];
    expect(() => index.slotOf(strange)).toThrow(expect.objectContaining({ code: "UNSUPPORTED_KEY" }));
    expect(() => index.find(strange)).toThrow(expect.objectContaining({ code: "UNSUPPORTED_KEY" }));
  });

  it("of int32", () => {
    expectSlots(new Int32Table(), [...ints, 0, -1, 2 ** 31 - 1, -(2 ** 31), 0]);
    expectSlots(
      new Int32Table(),
      many(5000, (i) => i * 65536),
    );
  });

  it("of numbers", () => {
    expectSlots(new Float64Table(), [NaN, ...ints.map((i) => i / 4), 0, NaN, Infinity, -Infinity, 2 ** 60, 5e-324]);
    expect(new Float64Table().slotOf(-0)).toBe(0);
    const zeros = new Float64Table();
    expect([zeros.slotOf(0), zeros.slotOf(-0)]).toEqual([0, 0]);
  });

  it("of strings", () => {
    expectSlots(new StringTable(), [...strings, "", "\0", "\ud800", "😀"]);
  });

  it("give the slots of many keys at once as one by one", () => {
    const batches = [
      Int32Array.from(ints),
      ints.slice(0, 100),
      Float64Array.from(ints),
      [...ints.slice(0, 50), "a", null],
      strings,
    ];
    const [atOnce, oneByOne] = [new KeyIndex(), new KeyIndex()];
    for (const keys of batches) {
      const slots = Array.from(atOnce.slotsOf(keys).subarray(0, keys.length));
      expect(slots).toEqual(Array.from(keys, (key) => oneByOne.slotOf(key)));
    }
    expect(new KeyIndex().slotsOf([])).toHaveLength(0);
  });

  it("choose by their keys, and change as keys of other kinds come", () => {
    const composites = many(2000, (i) => [`a${i % 700}`, { n: i % 700 }]);
    expectSlots(new KeyIndex(), ints);
    expectSlots(new KeyIndex(), strings);
    expectSlots(new KeyIndex(), [...ints, 0.5, ...ints.map((i) => i / 2)]);
    expectSlots(new KeyIndex(), composites);
    expectSlots(new KeyIndex(), [
      ...ints,
      0.5,
      ...strings,
      undefined,
      null,
      true,
      1n,
      "1",
      1,
      ...composites,
      2n ** 70n,
      ...ints,
      ...strings,
      ...composites,
      undefined,
      new Date(1),
      new Date(1),
      NaN,
      NaN,
    ]);
    expectSlots(new KeyIndex(), [undefined, ...strings]);
    expectSlots(new KeyIndex(), [false, 0, "", null]);
    expect(() => new KeyIndex().slotOf(() => 1)).toThrow(expect.objectContaining({ code: "UNSUPPORTED_KEY" }));
    expect(new KeyIndex().size).toBe(0);
  });

  it("are KeyMaps (property)", () => {
    const key = fc.oneof(
      fc.integer({ min: -3, max: 3 }),
      fc.double(),
      fc.string({ maxLength: 2 }),
      fc.constantFrom(null, undefined, true, false, 1n, NaN),
      fc.tuple(fc.integer({ min: 0, max: 2 }), fc.string({ maxLength: 1 })),
    );
    fc.assert(
      fc.property(fc.array(key, { maxLength: 60 }), (keys) => {
        expectSlots(
          new KeyIndex(),
          keys.map((one) => (Object.is(one, -0) ? 0 : one)),
        );
      }),
      { seed: 20260122, numRuns: 500 },
    );
  });

  it("keep keys apart from the texts they were cut from", () => {
    for (const text of [
      "a key of some length",
      "ein Schlüssel mit Ü",
      "ключ из других букв",
      `${"long ".repeat(3000)}`,
      `\ud800${"x".repeat(20)}`,
    ]) {
      const cut = `>>${text}<<`.slice(2, -2);
      expect(ownText(cut)).toBe(text);
    }
    expectSlots(
      new StringTable(),
      many(300, (i) => `a key that is long enough ${"é".repeat(i % 3)} ${i % 100}`),
    );
  });

  it("spread keys that agree in their partition", async () => {
    const { hashKey } = await import("../lib/hash.js");
    const table = new StringTable();
    const started = process.hrtime.bigint();
    let count = 0;
    for (let i = 0; count < 20_000; i++) {
      const key = `key ${i}`;
      if (hashKey(key) % 64 !== 5) continue;
      count++;
      table.slotOf(key);
    }
    expect(table.size).toBe(20_000);
    expect(Number(process.hrtime.bigint() - started) / 1e6).toBeLessThan(5000);
  });
});

describe("sortIndices", () => {
  const expectSorted = (keys: ArrayLike<unknown>, compare?: (a: never, b: never) => number): void => {
    for (const ascending of [true, false]) {
      const order = (compare ?? compareValues) as (a: unknown, b: unknown) => number;
      const expected = Array.from(keys, (_, index) => index).sort(
        (a, b) => (ascending ? order(keys[a], keys[b]) : order(keys[b], keys[a])) || a - b,
      );
      expect(Array.from(sortIndices(keys, compare as never, ascending))).toEqual(expected);
    }
  };

  it("sorts numbers", () => {
    expectSorted(ints);
    expectSorted(Int32Array.from(ints));
    expectSorted(many(3000, () => random.nextGaussian() * 10 ** random.nextInt(300)));
    expectSorted([...many(500, (i) => (i % 7) - 3), NaN, -0, 0, Infinity, -Infinity, NaN, 0.5, -0.5, 2 ** 40]);
    expectSorted(Float64Array.from(many(1000, (i) => (i % 10) / 3)));
    expectSorted([]);
    expectSorted([1]);
    expectSorted([2, 1, NaN, -0, 0]);
  });

  it("sorts strings", () => {
    expectSorted(strings);
    expectSorted(many(2000, (i) => `a common prefix that is long ${i % 300} and a suffix ${i % 7}`));
    expectSorted(many(2000, (i) => "x".repeat(i % 50)));
    expectSorted(many(2000, (i) => (i % 3 === 0 ? `é${i % 50}` : `e${i % 50}`)));
    expectSorted(many(1000, (i) => `${"same".repeat(20)}${i % 2 === 0 ? "\0" : ""}`));
    expectSorted(
      many(1000, (i) => String.fromCharCode(random.nextInt(65536), random.nextInt(3), random.nextInt(65536))),
    );
    expectSorted(many(600, () => "all the same"));
    expectSorted(many(600, () => ""));
    expectSorted(["b", "a", "ab", ""]);
  });

  it("sorts tuples", () => {
    expectSorted(many(2000, (i) => [random.nextInt(5), `k${random.nextInt(30)}`, random.nextInt(3) / 2, i % 2]));
    expectSorted(many(2000, (i) => [`k${i % 30}`, i % 7 === 0 ? undefined : 1]));
    expectSorted(many(2000, (i) => [i % 3, `k${i % 30}`].slice(0, 1 + (i % 2))));
    expectSorted(many(500, () => [1, , 2]));
  });

  it("sorts all else, and by what is given", () => {
    expectSorted(many(1000, (i) => [i % 10, `x${i % 3}`]));
    expectSorted(many(1000, (i) => (i % 3 === 0 ? i : i % 3 === 1 ? `s${i}` : undefined)));
    expectSorted(
      many(1000, (i) => ({ n: i % 50 })),
      (a: { n: number }, b: { n: number }) => a.n - b.n,
    );
    expectSorted(
      many(1000, (i) => i % 5),
      (a: number, b: number) => b - a,
    );
    expect(() => sortIndices([() => 1, () => 2])).toThrow(expect.objectContaining({ code: "UNSUPPORTED_KEY" }));
  });

  it("agrees with a stable sort (property)", () => {
    const key = fc.oneof(
      fc.array(fc.double(), { minLength: 0, maxLength: 700 }),
      fc.array(fc.string({ unit: "binary-ascii", maxLength: 12 }), { maxLength: 700 }),
      fc.array(fc.string({ unit: "grapheme", maxLength: 3 }), { minLength: 250, maxLength: 700 }),
      fc.array(fc.oneof(fc.integer(), fc.string({ maxLength: 2 })), { maxLength: 300 }),
    );
    fc.assert(
      fc.property(key, (keys) => {
        expectSorted(keys);
      }),
      { seed: 20260123, numRuns: 150 },
    );
  });
});
