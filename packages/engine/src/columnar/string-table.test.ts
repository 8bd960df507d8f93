import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { StringTable } from "./string-table.js";
import type { TextColumn } from "./types.js";
import { encodeStrings } from "./utf8-encode.js";

function columnOf(texts: readonly string[]): TextColumn {
  const encoded = encodeStrings(texts, texts.length);
  if (encoded === undefined) throw new Error("a lone surrogate has no place in a column");
  return { ...encoded, count: texts.length };
}

function slotsOfColumn(table: StringTable, texts: readonly string[]): number[] {
  const slots = new Int32Array(texts.length);
  table.slotsOfColumn(columnOf(texts), slots);
  return [...slots];
}

const keysOf = (table: StringTable): string[] => Array.from({ length: table.size }, (_, slot) => table.keyAt(slot));

const UNITS = ["a", "b", "\0", "\x7f", "\x80", "é", "ÿ", "Ā", "漢", "\ud83d\ude00"];

describe("StringTable", () => {
  it("gives strings of all lengths the slots that a Map would", () => {
    const unit = fc.constantFrom(...UNITS, "\ud800", "\udc00");
    fc.assert(
      fc.property(fc.array(fc.string({ unit, maxLength: 16 }), { maxLength: 300 }), (keys) => {
        const [table, slots] = [new StringTable(), new Map<string, number>()];
        for (const key of keys) {
          expect(table.find(key)).toBe(slots.get(key) ?? -1);
          if (!slots.has(key)) slots.set(key, slots.size);
          expect(table.slotOf(key)).toBe(slots.get(key));
        }
        expect(keysOf(table)).toEqual([...slots.keys()]);
        expect([...slots.keys()].map((key) => table.find(key))).toEqual([...slots.values()]);
      }),
      { seed: 5, numRuns: 300 },
    );
  });

  it("gives the texts of a column the slots of the same strings", () => {
    const text = fc.oneof(
      fc.string({ unit: fc.constantFrom(...UNITS), maxLength: 16 }),
      fc.string({ unit: fc.constantFrom("x", "y"), minLength: 11, maxLength: 14 }),
      fc.string({ unit: fc.constantFrom("z", "é"), minLength: 47, maxLength: 51 }),
    );
    fc.assert(
      fc.property(fc.array(text, { maxLength: 100 }), fc.array(text, { maxLength: 100 }), (first, second) => {
        const [atOnce, oneByOne] = [new StringTable(), new StringTable()];
        for (const part of [first, second, first])
          expect(slotsOfColumn(atOnce, part)).toEqual(part.map((key) => oneByOne.slotOf(key)));
        expect(keysOf(atOnce)).toEqual(keysOf(oneByOne));
        expect(first.map((key) => atOnce.find(key))).toEqual(first.map((key) => oneByOne.find(key)));
      }),
      { seed: 6, numRuns: 300 },
    );
  });

  it("keeps slots while it grows, however long the keys are", () => {
    const table = new StringTable();
    const key = (i: number) => (i % 2 === 0 ? `k${i}` : `a rather long key ${i}${"é".repeat(i % 3)}`);
    for (let round = 0; round < 2; round++)
      for (let i = 0; i < 20_000; i++) if (table.slotOf(key(i)) !== i) throw new Error(`key ${i}`);
    expect([table.size, table.keyAt(19_999), table.keyAt(0)]).toEqual([20_000, key(19_999), "k0"]);
    const all = Array.from({ length: 20_000 }, (_, i) => key(i));
    expect(slotsOfColumn(table, all)).toEqual(all.map((_, i) => i));
    expect(keysOf(table)).toEqual(all);
  });

  it("holds very long keys", () => {
    const table = new StringTable();
    const keys = [
      "x".repeat(3_000_000),
      "ж".repeat(1_000_000),
      `${"y".repeat(2_000_000)}\ud800`,
      "x".repeat(2_999_999),
    ];
    expect(keys.map((key) => table.slotOf(key))).toEqual([0, 1, 2, 3]);
    expect(keys.map((key) => table.find(key))).toEqual([0, 1, 2, 3]);
    expect(keysOf(table).every((key, slot) => key === keys[slot])).toBe(true);
    expect(table.bytes.hasBroken).toBe(true);
  });
});
