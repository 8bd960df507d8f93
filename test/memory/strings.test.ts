/** Strings of every kind as keys, values and rows, over operators that keep them as bytes: the answers of arrays, whether memory holds them or not. */

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { VolleyContext } from "volley";

const ROWS = 60_000;
const DISTINCT = 20_000;

/** The i-th of many texts: empty, with zeros, of several alphabets, beyond the BMP, with lone surrogates, long, and alike in their first characters. */
function textOf(i: number): string {
  switch (i % 12) {
    case 0:
      return i === 0 ? "" : `${"\0".repeat(i % 5)}${i}`;
    case 1:
      return `user-${i}`;
    case 2:
      return `ключ ${i}`;
    case 3:
      return `😀${i}`;
    case 4:
      return `${i}${i % 24 === 4 ? "\ud800" : "\udc00"}`;
    case 5:
      return `https://example.org/a/rather/long/path/${i}/index.html`;
    case 6:
      return `12345678${i}`;
    case 7:
      return `é${i}é`;
    case 8:
      return `${i}${"\x7f\x80"}`;
    case 9:
      return `${"x".repeat(i % 200)}${i}`;
    case 10:
      return `漢字${"字".repeat(i % 60)}${i}`;
    default:
      return String.fromCharCode(0xffff - (i % 50), 0xe000 + (i % 7)) + i;
  }
}

const keys = Array.from({ length: ROWS }, (_, i) => textOf((i * 7919) % DISTINCT));
const byOrder = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
const distinct = [...new Set(keys)].sort(byOrder);

/** Budgets: one that holds all, one that does not. */
describe.each([512, 8])("with %i MiB", (executorMemoryMiB) => {
  let vc: VolleyContext;
  beforeAll(async () => {
    vc = await VolleyContext.create({ master: "local[2]", executorMemoryMiB });
  });
  afterAll(() => vc.stop());

  const texts = () =>
    vc.range(0, ROWS, 1, 3).map((i) => {
      const key = textOf((i * 7919) % DISTINCT);
      return key;
    });

  it("counts and merges", async () => {
    expect((await texts().distinct(2).collect()).sort(byOrder)).toEqual(distinct);
    expect(await texts().distinct().count()).toBe(distinct.length);
    const counts = await texts()
      .map((text) => [text, 1] as [string, number])
      .reduceByKey((a, b) => a + b, 2)
      .collectAsMap();
    expect(counts.size).toBe(distinct.length);
    for (const key of distinct) if (counts.get(key) !== ROWS / DISTINCT) throw new Error(JSON.stringify(key));
    expect(await texts().countByValue()).toEqual(counts);
  });

  it("groups and joins", async () => {
    const pairs = texts().map((text) => [text, text.length] as [string, number]);
    const groups = await pairs.groupByKey(2).collect();
    expect(groups.map(([key]) => key).sort(byOrder)).toEqual(distinct);
    expect(groups.filter(([key, lengths]) => lengths.some((length) => length !== key.length))).toEqual([]);
    const joined = pairs.join(
      texts()
        .distinct()
        .map((text) => [text, text] as [string, string]),
    );
    expect(await joined.filter(([key, [length, text]]) => key !== text || length !== text.length).count()).toBe(0);
    expect(await joined.count()).toBe(ROWS);
  });

  it("sorts, both ways, equal keys in their order", async () => {
    const order = keys.map((key, index) => [key, index] as [string, number]).sort(([a], [b]) => byOrder(a, b));
    const pairs = vc.range(0, ROWS, 1, 3).map((i) => [textOf((i * 7919) % DISTINCT), i] as [string, number]);
    expect(await pairs.sortByKey({ numPartitions: 3 }).collect()).toEqual(order);
    const down = keys.map((key, index) => [key, index] as [string, number]).sort(([a], [b]) => byOrder(b, a));
    expect(await pairs.sortByKey({ ascending: false, numPartitions: 2 }).collect()).toEqual(down);
    expect(
      await texts()
        .sortBy((text) => text, { numPartitions: 2 })
        .collect(),
    ).toEqual([...keys].sort(byOrder));
  });
});
