import { describe, expect, it } from "vitest";
import { KeyMap } from "../lib/key-map.js";
import { Prng } from "../lib/prng.js";
import { JoinRows } from "./join-rows.js";

const random = new Prng(5);
const many = <T>(count: number, make: (i: number) => T): T[] => Array.from({ length: count }, (_, i) => make(i));

function valuesOf(rows: JoinRows, key: unknown): unknown[] {
  const found: unknown[] = [];
  for (let row = rows.first(key); row >= 0; row = rows.next(row)) found.push(rows.valueAt(row));
  return found;
}

describe("rows of a join", () => {
  it.each<[string, readonly unknown[]]>([
    ["of unique int32 keys", many(1000, (i) => i * 7 - 300)],
    ["of int32 keys that come again", many(5000, () => random.nextInt(700))],
    [
      "of doubles, NaN, 0 and -0",
      [0.5, Number.NaN, 0, -0, 2 ** 40, Number.NaN, ...many(500, () => random.nextDouble())],
    ],
    ["of short strings", many(3000, () => `k${random.nextInt(900)}`)],
    ["of long strings and those of other alphabets", many(3000, () => `the key of number ${random.nextInt(900)} ж`)],
    ["of composites", many(2000, () => [random.nextInt(30), { id: random.nextInt(10) }])],
    [
      "of mixed kinds",
      many(2000, (i) => [random.nextInt(50), `k${random.nextInt(50)}`, null, undefined, true, 1.5][i % 6]),
    ],
  ])("%s", (_, keys) => {
    const rows = new JoinRows();
    const oracle = new KeyMap<unknown, number[]>();
    keys.forEach((key, value) => {
      rows.add(key, value);
      const known = oracle.get(key);
      if (known === undefined) oracle.set(key, [value]);
      else known.push(value);
    });
    expect(rows.size).toBe(keys.length);
    const wrong = keys.filter((key) => valuesOf(rows, key).join() !== oracle.get(key)?.join());
    expect(wrong).toEqual([]);
    for (const key of ["absent", "absent and longer than others", -1e6, 0.123456, null, [1], 5n, new Date(0)]) {
      expect(valuesOf(rows, key)).toEqual(oracle.get(key) ?? []);
    }
    const walked: number[] = [];
    rows.each((key, value) => {
      expect(oracle.get(key)).toContain(value);
      walked.push(value as number);
    });
    expect(walked).toEqual([...oracle.values()].flat());
  });

  it("of none, and with what is no key", () => {
    const rows = new JoinRows();
    for (const key of [1, "a", null, [1]]) expect(rows.first(key)).toBe(-1);
    expect(() => rows.first(() => 1)).toThrow(expect.objectContaining({ code: "UNSUPPORTED_KEY" }));
    expect(() => rows.add(new WeakMap(), 1)).toThrow(expect.objectContaining({ code: "UNSUPPORTED_KEY" }));
    rows.add("a", 1);
    expect(() => rows.first(() => 1)).toThrow(expect.objectContaining({ code: "UNSUPPORTED_KEY" }));
  });
});
