/** Operators against the same thing done with arrays, on random data, on the embedded engine and on executor processes. */

import { expect, it } from "vitest";
import { onEveryMaster } from "../kit/masters.ts";
import { type Pair, RandomData } from "../kit/random-data.ts";

const SEEDS = [1, 2, 3];

/** Rows in an order that does not depend on where they were. */
function sorted<T>(rows: readonly T[]): T[] {
  return [...rows].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
}

function grouped(pairs: readonly Pair[]): Map<string | number, number[]> {
  const groups = new Map<string | number, number[]>();
  for (const [key, value] of pairs) groups.set(key, [...(groups.get(key) ?? []), value]);
  return groups;
}

onEveryMaster("operators", (context) => {
  it.each(SEEDS)("map, filter, flatMap, mapPartitions keep the order of rows (seed %i)", async (seed) => {
    const data = new RandomData(seed);
    const numbers = data.numbers(200);
    const slices = 1 + data.int(7);
    const bound = data.int(10);
    const rdd = context().parallelize(numbers, slices);
    expect(await rdd.map((x) => x * 2 + bound).collect()).toEqual(numbers.map((x) => x * 2 + bound));
    expect(await rdd.filter((x) => x > bound).collect()).toEqual(numbers.filter((x) => x > bound));
    const parts = (x: number) => (x > 0 ? [x, [x]] : []);
    expect(await rdd.flatMap(parts).collect()).toEqual(numbers.flatMap((x) => (x > 0 ? [x, [x]] : [])));
    const sums = await rdd.mapPartitions((rows) => [[...rows].length]).collect();
    expect(sums.reduce((a, b) => a + b, 0)).toBe(numbers.length);
    expect(sums).toHaveLength(slices);
  });

  it.each(SEEDS)("distinct, union, intersection, subtract, cartesian (seed %i)", async (seed) => {
    const data = new RandomData(seed);
    const [left, right] = [data.words(60), data.words(40)];
    const [a, b] = [context().parallelize(left, 3), context().parallelize(right, 2)];
    expect(sorted(await a.distinct().collect())).toEqual(sorted([...new Set(left)]));
    expect(await a.union(b).collect()).toEqual([...left, ...right]);
    expect(sorted(await a.intersection(b).collect())).toEqual(
      sorted([...new Set(left.filter((x) => right.includes(x)))]),
    );
    expect(sorted(await a.subtract(b).collect())).toEqual(sorted(left.filter((x) => !right.includes(x))));
    const few = left.slice(0, 5);
    const product = await context().parallelize(few, 2).cartesian(b).collect();
    expect(sorted(product)).toEqual(sorted(few.flatMap((x) => right.map((y) => [x, y]))));
  });

  it.each(SEEDS)("keys that are parts of their rows (seed %i)", async (seed) => {
    const data = new RandomData(seed);
    const rows = Array.from({ length: 400 }, (_, id) => {
      const at = [data.int(9), data.int(9)];
      return { id, at, seen: at, day: new Date(data.int(20) * 86_400_000) };
    });
    const rdd = context().parallelize(rows, 1 + data.int(6));
    const idsOf = (place: readonly number[]) => rows.filter(({ at }) => `${at}` === `${place}`).map(({ id }) => id);
    const groups = await rdd.groupBy(({ at }) => at).collect();
    for (const [place, found] of groups) expect(found.map(({ id }) => id)).toEqual(idsOf(place));
    expect(groups.map(([place]) => `${place}`).sort()).toEqual([...new Set(rows.map(({ at }) => `${at}`))].sort());
    const days = await rdd.sortBy(({ day }) => day).collect();
    expect(days).toEqual(rows.toSorted((a, b) => a.day.getTime() - b.day.getTime()));
    const keyed = rdd.keyBy(({ at }) => at);
    const joined = await keyed.join(keyed.reduceByKey((a, b) => (a.id > b.id ? a : b))).collect();
    expect(joined).toHaveLength(rows.length);
    for (const [place, [row, last]] of joined) expect([last.id, row.at]).toEqual([idsOf(place).at(-1), place]);
    // What a row itself holds twice stays one.
    const sharing = await rdd
      .sortBy(({ id }) => -id)
      .map(({ at, seen }) => at === seen)
      .collect();
    expect(sharing).toEqual(rows.map(() => true));
  });

  it.each(SEEDS)("reduceByKey, groupByKey, aggregateByKey, countByKey (seed %i)", async (seed) => {
    const data = new RandomData(seed);
    const pairs = data.pairs(300);
    const groups = grouped(pairs);
    const rdd = context().parallelize(pairs, 1 + data.int(6));
    const sums = [...groups].map(([key, values]) => [key, values.reduce((a, b) => a + b)]);
    expect(sorted(await rdd.reduceByKey((a, b) => a + b).collect())).toEqual(sorted(sums));
    expect(sorted(await rdd.groupByKey(4).collect())).toEqual(sorted([...groups]));
    const pushed = await rdd
      .aggregateByKey(
        [] as number[],
        (all, x) => [...all, x],
        (a, b) => [...a, ...b],
      )
      .collect();
    expect(sorted(pushed)).toEqual(sorted([...groups]));
    expect(sorted([...(await rdd.countByKey())])).toEqual(
      sorted([...groups].map(([key, values]) => [key, values.length])),
    );
  });

  it.each(SEEDS)("the four joins, cogroup, subtractByKey (seed %i)", async (seed) => {
    const data = new RandomData(seed);
    const [left, right] = [data.pairs(40), data.pairs(30)];
    const [a, b] = [context().parallelize(left, 3), context().parallelize(right, 4)];
    const inner = left.flatMap(([k, v]) => right.filter(([l]) => l === k).map(([, w]) => [k, [v, w]]));
    const onlyLeft = left.filter(([k]) => !right.some(([l]) => l === k));
    const onlyRight = right.filter(([k]) => !left.some(([l]) => l === k));
    const leftOuter = [...inner, ...onlyLeft.map(([k, v]) => [k, [v, undefined]])];
    const rightOuter = onlyRight.map(([k, w]) => [k, [undefined, w]]);
    expect(sorted(await a.join(b).collect())).toEqual(sorted(inner));
    expect(sorted(await a.leftOuterJoin(b).collect())).toEqual(sorted(leftOuter));
    expect(sorted(await a.rightOuterJoin(b).collect())).toEqual(sorted([...inner, ...rightOuter]));
    expect(sorted(await a.fullOuterJoin(b).collect())).toEqual(sorted([...leftOuter, ...rightOuter]));
    expect(sorted(await a.subtractByKey(b).collect())).toEqual(sorted(onlyLeft));
    const [lefts, rights] = [grouped(left), grouped(right)];
    const keys = new Set([...lefts.keys(), ...rights.keys()]);
    const both = [...keys].map((key) => [key, [lefts.get(key) ?? [], rights.get(key) ?? []]]);
    expect(sorted(await a.cogroup(b).collect())).toEqual(sorted(both));
  });

  it.each(SEEDS)("sortBy orders everything, NaN last, and is stable (seed %i)", async (seed) => {
    const data = new RandomData(seed);
    const numbers = data.numbers(300);
    const order = (a: number, b: number) => (Number.isNaN(a) ? 1 : 0) - (Number.isNaN(b) ? 1 : 0) || a - b || 0;
    const rdd = context().parallelize(numbers, 4);
    expect((await rdd.sortBy((x) => x).collect()).map((x) => x + 0)).toEqual(
      [...numbers].sort(order).map((x) => x + 0),
    );
    const tagged = data.pairs(200).map(([key, value], index) => ({ key: `${key}`, value, index }));
    const byKey = await context()
      .parallelize(tagged, 5)
      .sortBy((row) => row.key, { ascending: false, numPartitions: 3 })
      .collect();
    const oracle = [...tagged].sort((a, b) => (a.key < b.key ? 1 : a.key > b.key ? -1 : a.index - b.index));
    expect(byKey).toEqual(oracle);
  });

  it.each(SEEDS)("zip, zipWithIndex, glom, coalesce, repartition, sliding (seed %i)", async (seed) => {
    const data = new RandomData(seed);
    const words = data.words(90);
    const rdd = context().parallelize(words, 5);
    expect(await rdd.zipWithIndex().collect()).toEqual(words.map((word, index) => [word, index]));
    expect(await rdd.zip(rdd.map((word) => word.length)).collect()).toEqual(words.map((word) => [word, word.length]));
    expect((await rdd.glom().collect()).flat()).toEqual(words);
    expect(await rdd.coalesce(2).collect()).toEqual(words);
    expect(sorted(await rdd.repartition(7).collect())).toEqual(sorted(words));
    expect(await rdd.sliding(3).collect()).toEqual(words.slice(2).map((_, index) => words.slice(index, index + 3)));
  });

  it.each(SEEDS)("actions (seed %i)", async (seed) => {
    const data = new RandomData(seed);
    const numbers = data.numbers(150).filter((x) => !Number.isNaN(x));
    const rdd = context().parallelize(numbers, 4);
    expect(await rdd.count()).toBe(numbers.length);
    expect(await rdd.reduce((a, b) => a + b)).toBeCloseTo(
      numbers.reduce((a, b) => a + b),
      6,
    );
    expect(await rdd.take(17)).toEqual(numbers.slice(0, 17));
    expect((await rdd.takeOrdered(9)).map((x) => x + 0)).toEqual(
      [...numbers]
        .sort((a, b) => a - b)
        .slice(0, 9)
        .map((x) => x + 0),
    );
    expect(await rdd.max()).toBe(Math.max(...numbers));
    const stats = await rdd.stats();
    expect(stats.mean).toBeCloseTo(numbers.reduce((a, b) => a + b) / numbers.length, 6);
    const rows: number[] = [];
    for await (const row of rdd) rows.push(row);
    expect(rows).toEqual(numbers);
  });

  it("parameters may have any name", async () => {
    const pairs: [number, number][] = [
      [1, 2],
      [3, 4],
    ];
    const rdd = context().parallelize(pairs, 1);
    const b = 10;
    const mapped = rdd.map(([t, p]) => [t + b, p * b]).map(([p, t]) => ({ t, p, b }));
    expect(await mapped.map(({ t, p }) => t - p).collect()).toEqual([20 - 11, 40 - 13]);
    expect(await mapped.map((t) => t.p).reduce((p, t) => p + t)).toBe(24);
    expect(await rdd.reduceByKey((t, b) => t + b).collect()).toHaveLength(2);
  });

  it("texts over several lines come out as they are written", async () => {
    const indent = "  ";
    const rows = await context()
      .parallelize([1, 2], 1)
      .map(
        (x) => `first ${x}
${indent}second
      third`,
      )
      .map((text) => [text.length, text])
      .collect();
    const expected = [1, 2].map((x) => `first ${x}\n  second\n      third`);
    expect(rows).toEqual(expected.map((text) => [text.length, text]));
  });

  it("a cached RDD gives the same rows again, and reads its source once", async () => {
    const vc = context();
    const read = vc.longAccumulator();
    const rdd = vc
      .range(0, 100, 1, 4)
      .map((x) => {
        read.add(1);
        return { x, text: `row ${x}` };
      })
      .cache();
    const first = await rdd.collect();
    expect(await rdd.collect()).toEqual(first);
    expect(
      await rdd
        .filter(({ x }) => x % 2 === 0)
        .map(({ x }) => x)
        .sum(),
    ).toBe(2450);
    expect(read.value).toBe(100);
  });
});
