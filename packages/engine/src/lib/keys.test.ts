import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { VolleyError } from "../wire/errors.js";
import { canonicalKey, keysEqual } from "./canonical-key.js";
import { hashAscii, hashDouble, hashInt32, hashKey } from "./hash.js";
import { KeyMap, KeySet } from "./key-map.js";
import { compareValues } from "./ordering.js";

const SEED = 20260117;
const hole = [1, , 3];

/** Keys no two of which are the same. */
const distinct: readonly unknown[] = [
  1,
  1n,
  "1",
  true,
  undefined,
  null,
  {},
  { a: undefined },
  { a: null },
  { a: 1 },
  { a: 1n },
  { b: 1 },
  [],
  [undefined],
  [null],
  [1],
  ["1"],
  [[1]],
  [1, 2],
  [2, 1],
  hole,
  [1, undefined, 3],
  [[], []],
  [[[]]],
  NaN,
  Infinity,
  -Infinity,
  0.5,
  2 ** 31,
  2 ** 53,
  -1,
  0,
  0n,
  "",
  false,
  "\0",
  "\0s",
  "\0a1:n1;",
  "a1:n1;",
  "s1:1",
  new Date(0),
  new Date(1),
  new Date(NaN),
  "d0;",
  "\0d0;",
  -(2n ** 70n),
  2n ** 70n,
  2n ** 63n,
  -(2n ** 63n),
  "\ud800",
  "\udc00",
  "é",
  ["a,b"],
  ["a", "b"],
  { "a:1": 1 },
  { a: { a: 1 } },
  { x: 1, y: 2 },
  { x: 2, y: 1 },
  "abc",
  "abcd",
];

const equalPairs: readonly (readonly [unknown, unknown])[] = [
  [0, -0],
  [NaN, 0 / 0],
  [
    { a: 1, b: [2] },
    { b: [2], a: 1 },
  ],
  [[0], [-0]],
  [{ a: NaN }, { a: NaN }],
  [new Date(5), new Date(5)],
  [new Date(NaN), new Date(NaN)],
  [Object.assign(Object.create(null), { a: 1 }), { a: 1 }],
  [hole, [1, , 3]],
  [2n ** 80n, 2n ** 80n],
];

const refused: readonly unknown[] = [
  () => 1,
  Symbol("s"),
  new Map(),
  new Set(),
  /x/,
  new (class Point {})(),
  [new Map()],
  { a: () => 1 },
  { [Symbol("s")]: 1 },
  new Uint8Array(2),
];

const anyKey = fc.anything({
  withDate: true,
  withBigInt: true,
  withNullPrototype: true,
  withSparseArray: true,
  maxDepth: 3,
});

describe("keys", () => {
  it("are told apart by hash, canonical form, equality and order", () => {
    for (const [i, a] of distinct.entries()) {
      for (const [j, b] of distinct.entries()) {
        expect(keysEqual(a, b), `${i} ${j}`).toBe(i === j);
        expect(Object.is(canonicalKey(a), canonicalKey(b)), `${i} ${j}`).toBe(i === j);
        expect(compareValues(a, b) === 0, `${i} ${j}`).toBe(i === j);
        expect(hashKey(a) === hashKey(b), `${i} ${j}`).toBe(i === j);
      }
    }
  });

  it("are the same by value", () => {
    for (const [a, b] of equalPairs) {
      expect(keysEqual(a, b)).toBe(true);
      expect(new Map([[canonicalKey(a), 1]]).get(canonicalKey(b))).toBe(1);
      expect(hashKey(a)).toBe(hashKey(b));
      expect(compareValues(a, b)).toBe(0);
    }
  });

  it("refuse what has no value of its own, and cycles", () => {
    const cycle: unknown[] = [];
    cycle.push(cycle);
    for (const value of [...refused, cycle]) {
      expect(() => canonicalKey(value)).toThrow(expect.objectContaining({ code: "UNSUPPORTED_KEY" }));
      expect(() => hashKey(value)).toThrow(expect.objectContaining({ code: "UNSUPPORTED_KEY" }));
      expect(() => new KeyMap([[value, 1]])).toThrow(expect.objectContaining({ code: "UNSUPPORTED_KEY" }));
      expect(() => compareValues(value, value)).toThrow(expect.objectContaining({ code: "UNSUPPORTED_KEY" }));
    }
  });

  it("agree: hash, canonical form, equality and order (property)", () => {
    const law = fc.property(anyKey, anyKey, anyKey, (a, b, c) => {
      let equal: boolean;
      try {
        equal = keysEqual(a, b);
        canonicalKey(a);
        canonicalKey(b);
        hashKey(c);
      } catch (error) {
        return VolleyError.is(error, "UNSUPPORTED_KEY");
      }
      const sameCanonical = new Set([canonicalKey(a), canonicalKey(b)]).size === 1;
      const order = compareValues(a, b);
      if (equal !== sameCanonical || equal !== (order === 0) || (equal && hashKey(a) !== hashKey(b))) return false;
      if (Math.sign(order) !== -Math.sign(compareValues(b, a))) return false;
      const sorted = [a, b, c].sort(compareValues);
      return (
        compareValues(sorted[0], sorted[1]) <= 0 &&
        compareValues(sorted[1], sorted[2]) <= 0 &&
        compareValues(sorted[0], sorted[2]) <= 0
      );
    });
    expect(fc.check(law, { seed: SEED, numRuns: 3000 }).failed).toBe(false);
  });

  it("have hashes that never change", () => {
    const pinned = [
      0,
      1,
      -1,
      0.5,
      NaN,
      "",
      "a",
      "ab",
      "héllo",
      1n,
      2n ** 70n,
      true,
      null,
      undefined,
      new Date(0),
      [1, "a"],
      { a: 1, b: 2 },
    ].map(hashKey);
    expect(pinned).toMatchInlineSnapshot(`
      [
        0,
        1364076727,
        2180083513,
        3090080164,
        2146959360,
        167010153,
        3071436378,
        2402927694,
        15212736,
        3777521394,
        2584131772,
        1013904242,
        1541459225,
        528734635,
        1192833364,
        1989328098,
        4121987465,
      ]
    `);
    expect(hashInt32(7)).toBe(hashDouble(7));
    const text = "some ascii text";
    for (let end = 0; end <= text.length; end++) {
      expect(hashAscii(new TextEncoder().encode(text), 0, end)).toBe(hashKey(text.slice(0, end)));
    }
  });

  it("spread evenly over partitions", () => {
    for (const key of [
      (i: number) => i,
      (i: number) => i * 64,
      (i: number) => `user-${i}`,
      (i: number) => i / 7,
      (i: number) => [i % 100, `x${i}`],
    ]) {
      const counts = new Array<number>(16).fill(0);
      for (let i = 0; i < 16000; i++) counts[hashKey(key(i)) % 16]! += 1;
      expect(Math.min(...counts)).toBeGreaterThan(850);
      expect(Math.max(...counts)).toBeLessThan(1150);
    }
  });
});

describe("the default order", () => {
  it("sorts within and between types", () => {
    const sorted = [
      null,
      false,
      true,
      -Infinity,
      -1,
      0,
      1,
      Infinity,
      NaN,
      -1n,
      5n,
      "",
      "a",
      "b",
      "\ud83d\ude00",
      "\uffff",
      new Date(1),
      new Date(NaN),
      [],
      [1],
      [1, 2],
      [2],
      {},
      { a: 1 },
      undefined,
    ];
    expect([...sorted].reverse().sort(compareValues).slice(0, -1)).toEqual(sorted.slice(0, -1));
  });
});

describe("KeyMap", () => {
  it("finds by value, keeps the first key and the order", () => {
    const first = ["x", 1];
    const map = new KeyMap<unknown, number>([
      [first, 1],
      ["x", 2],
      [{ a: 1, b: 2 }, 3],
    ]);
    map.set(["x", 1], 10);
    expect(map.size).toBe(3);
    expect(map.get(["x", 1])).toBe(10);
    expect([...map.keys()][0]).toBe(first);
    expect(map.get({ b: 2, a: 1 })).toBe(3);
    expect(map.has(["x", 2])).toBe(false);
    expect(map.delete(["x", 1])).toBe(true);
    expect(map.delete(["x", 1])).toBe(false);
    expect([...map]).toEqual([
      ["x", 2],
      [{ a: 1, b: 2 }, 3],
    ]);
    expect(map instanceof Map).toBe(true);
    map.clear();
    expect(map.get({ b: 2, a: 1 })).toBe(undefined);
    expect(Object.getPrototypeOf(new KeyMap([["a", 1]]).simplest())).toBe(Map.prototype);
  });

  it("has a Set beside it", () => {
    const set = new KeySet<unknown>([[1], [1], 1, { a: 1 }]);
    expect(set.size).toBe(3);
    expect(set.has([1])).toBe(true);
    expect(set.delete([1])).toBe(true);
    expect([...set]).toEqual([1, { a: 1 }]);
  });
});
