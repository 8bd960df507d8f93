/** Actions on a dataset: each says undefined when the answer is the one that arrays give, or else what came. */

import type { Dataset, Row } from "./mixed-datasets.js";

interface Options {
  readonly signal: AbortSignal;
}

const sorted = (rows: Iterable<Row>) =>
  Array.from(rows, (row) => row.join())
    .sort()
    .join(";");
const unlessEqual = (got: unknown, expected: unknown) =>
  got === expected ? undefined : `${String(got).slice(0, 200)} for ${String(expected).slice(0, 200)}`;
const value = ([key, number]: Row) => key * 3 + number;

export const ACTIONS: Readonly<Record<string, (of: Dataset, options: Options) => Promise<string | undefined>>> = {
  collect: async ({ rdd, rows }, options) => unlessEqual(sorted(await rdd.collect(options)), sorted(rows)),
  count: async ({ rdd, rows }, options) => unlessEqual(await rdd.count(options), rows.length),
  sum: async ({ rdd, rows }, options) =>
    unlessEqual(
      await rdd.map(([key, number]) => key * 3 + number).sum(options),
      rows.reduce((total, row) => total + value(row), 0),
    ),
  take: async ({ rdd, rows }, options) => {
    const taken = await rdd.take(7, options);
    const known = new Set(rows.map((row) => row.join()));
    const isWrong = taken.length !== Math.min(7, rows.length) || taken.some((row) => !known.has(row.join()));
    return isWrong ? `took ${JSON.stringify(taken)}` : undefined;
  },
  takeOrdered: async ({ rdd, rows }, options) => {
    const compare = (a: number, b: number) => a - b;
    const ordered = await rdd.map(([key, number]) => key * 3 + number).takeOrdered(5, compare, options);
    return unlessEqual(ordered.join(), rows.map(value).sort(compare).slice(0, 5).join());
  },
  countByKey: async ({ rdd, rows }, options) => {
    const expected = new Map<number, number>();
    for (const [key] of rows) expected.set(key, (expected.get(key) ?? 0) + 1);
    return unlessEqual(sorted(await rdd.countByKey(options)), sorted(expected));
  },
};
