import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ShortStringTable } from "./short-string-table.js";
import { StringTable } from "./string-table.js";

describe("ShortStringTable", () => {
  it("takes no string of more than 12 characters, none above U+00FF, none with a zero", () => {
    const table = new ShortStringTable();
    expect(["1234567890123", "ł", "a\0", "\0"].map((key) => table.slotOf(key, 0))).toEqual([-1, -1, -1, -1]);
    expect(["", "123456789012", "ÿ"].map((key, slot) => table.slotOf(key, slot))).toEqual([0, 1, 2]);
    expect(table.slotOf("123456789012", 3)).toBe(1);
  });
});

describe("StringTable", () => {
  it("gives strings of all lengths the slots that a Map would", () => {
    const unit = fc.constantFrom("a", "b", "\0", "é", "ÿ", "Ā", "漢", "\ud800");
    fc.assert(
      fc.property(fc.array(fc.string({ unit, maxLength: 14 }), { maxLength: 300 }), (keys) => {
        const [table, slots] = [new StringTable(), new Map<string, number>()];
        for (const key of keys) {
          if (!slots.has(key)) slots.set(key, slots.size);
          expect(table.slotOf(key)).toBe(slots.get(key));
        }
        expect([...table.keys()]).toEqual([...slots.keys()]);
      }),
      { seed: 5, numRuns: 300 },
    );
  });

  it("keeps slots while both of its halves grow", () => {
    const table = new StringTable();
    const key = (i: number) => (i % 2 === 0 ? `k${i}` : `a rather long key ${i}`);
    for (let round = 0; round < 2; round++)
      for (let i = 0; i < 20_000; i++) if (table.slotOf(key(i)) !== i) throw new Error(`key ${i}`);
    expect([table.size, table.keyAt(19_999)]).toEqual([20_000, "a rather long key 19999"]);
  });
});
