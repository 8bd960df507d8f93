/** Whole pipelines without a type annotation. Compiled, never run. */

import type { RDD } from "@volley/engine/rdd/rdd.js";
import { expectType } from "./expect-type.js";
import type { Sources } from "./sources.js";

export async function pipelines(vc: Sources): Promise<void> {
  const words = vc.textFile("a").flatMap((line) => line.split(" "));
  expectType<RDD<string>>().of(words);

  // Tuples are inferred from array literals; literals do not stick.
  const ones = words.map((word) => [word, 1]);
  expectType<RDD<[string, number]>>().of(ones);
  expectType<RDD<[string, number]>>().of(ones.reduceByKey((a, b) => a + b));
  expectType<[string, number][]>().of(await ones.sortBy(([, n]) => n, { ascending: false }).take(10));
  expectType<Map<string, number>>().of(await ones.collectAsMap());
  expectType<Map<string, number>>().of(await ones.countByKey());
  expectType<RDD<[string, number[]]>>().of(ones.groupByKey());
  expectType<RDD<[number, string]>>().of(ones.map(([word, n]) => [n, word]));
  expectType<RDD<[string, number]>>().of(
    vc.parallelize(
      [
        ["a", 1],
        ["b", 2],
      ],
      2,
    ),
  );

  // Values that are tuples, nested ones too.
  const sums = ones.mapValues((n) => [n, 1]).reduceByKey((a, b) => [a[0] + b[0], a[1] + b[1]]);
  expectType<RDD<[string, [number, number]]>>().of(sums);
  const nested = words.map((word) => [word, [word.length, 1]]).reduceByKey((a, b) => [a[0] + b[0], a[1] + b[1]]);
  expectType<RDD<[string, [number, number]]>>().of(nested);
  expectType<RDD<[string, number]>>().of(nested.mapValues(([total, n]) => total / n));

  // Lists that are concatenated: a list of one is no tuple of one.
  const lists = words.map((word) => [word.length, [word]]).reduceByKey((a, b) => [...a, ...b]);
  expectType<RDD<[number, string[]]>>().of(lists);
  expectType<RDD<[number, string[]]>>().of(
    words
      .keyBy((word) => word.length)
      .mapValues((word) => [word])
      .reduceByKey((a, b) => a.concat(b)),
  );

  // Zeros.
  const averages = ones.aggregateByKey(
    [0, 0],
    ([sum, n], v) => [sum + v, n + 1],
    (a, b) => [a[0] + b[0], a[1] + b[1]],
  );
  expectType<RDD<[string, [number, number]]>>().of(averages);
  expectType<RDD<[string, number]>>().of(
    ones.aggregateByKey(
      0,
      (a, b) => a + b,
      (a, b) => a + b,
    ),
  );
  expectType<RDD<[string, Set<number>]>>().of(
    ones.aggregateByKey(
      new Set<number>(),
      (set, n) => set.add(n),
      (a, b) => new Set([...a, ...b]),
    ),
  );
  expectType<RDD<[string, [number, number]]>>().of(sums.foldByKey([0, 0], (a, b) => [a[0] + b[0], a[1] + b[1]]));
  expectType<RDD<[string, number]>>().of(ones.foldByKey(0, (a, b) => a + b));
  expectType<RDD<[string, [number, number]]>>().of(
    ones.combineByKey(
      (v) => [v, 1],
      ([sum, n], v) => [sum + v, n + 1],
      (a, b) => [a[0] + b[0], a[1] + b[1]],
    ),
  );
  expectType<RDD<[string, number[]]>>().of(
    ones.combineByKey(
      (v) => [v],
      (list, v) => [...list, v],
      (a, b) => a.concat(b),
    ),
  );
  expectType<RDD<[string, Set<number>]>>().of(
    ones.combineByKey(
      (v) => new Set([v]),
      (set, v) => set.add(v),
      (a, b) => new Set([...a, ...b]),
    ),
  );
  // A zero that is an empty list holds what is added.
  expectType<RDD<[string, number[]]>>().of(
    ones.aggregateByKey(
      [],
      (list, v) => [...list, v].sort((a, b) => a - b),
      (a, b) => a.concat(b),
    ),
  );
  expectType<RDD<[string, string[]]>>().of(
    ones.aggregateByKey(
      [] as string[],
      (list, v) => [...list, `${v}`],
      (a, b) => a.concat(b),
    ),
  );
  const listed: string[] = await words.aggregate(
    [],
    (list, word) => list.concat(word),
    (a, b) => a.concat(b),
  );
  expectType<string[]>().of(listed);
  const texts: Set<string> = await words.treeAggregate(
    new Set(),
    (set, word) => set.add(word),
    (a, b) => new Set([...a, ...b]),
  );
  expectType<Set<string>>().of(texts);
  expectType<[number, number]>().of(
    await vc.range(5).aggregate(
      [0, 0],
      ([s, n], x) => [s + x, n + 1],
      (a, b) => [a[0] + b[0], a[1] + b[1]],
    ),
  );
  expectType<number>().of(
    await vc
      .range(5)
      .map((x) => (x > 2 ? 1 : 0))
      .reduce((a, b) => a + b),
  );
  expectType<number>().of(await vc.range(5).fold(0, (a, b) => a + b));
  expectType<number>().of(
    await vc.range(5).treeAggregate(
      0,
      (a, b) => a + b,
      (a, b) => a + b,
    ),
  );

  // Joins.
  const lengths = words.map((word) => [word, word.length > 3]);
  expectType<RDD<[string, [number, boolean]]>>().of(ones.join(lengths));
  expectType<RDD<[string, [number, boolean | undefined]]>>().of(ones.leftOuterJoin(lengths));
  expectType<RDD<[string, [number | undefined, boolean]]>>().of(ones.rightOuterJoin(lengths));
  expectType<RDD<[string, [number | undefined, boolean | undefined]]>>().of(ones.fullOuterJoin(lengths));
  expectType<RDD<[string, [number[], boolean[]]]>>().of(ones.cogroup(lengths));
  expectType<RDD<[string, [number[], boolean[], number[]]]>>().of(ones.cogroup(lengths, ones, 3));
  expectType<RDD<[string, number]>>().of(ones.subtractByKey(lengths));

  // Narrow operators.
  expectType<RDD<[string, number]>>().of(words.zipWithIndex());
  expectType<RDD<[string, [string, number]]>>().of(words.zip(ones));
  expectType<RDD<[string, number]>>().of(words.cartesian(vc.range(3)));
  expectType<RDD<string[]>>().of(words.glom());
  expectType<RDD<[number, string[]]>>().of(words.groupBy((word) => word.length));
  expectType<RDD<number>>().of(words.mapPartitions((rows) => [[...rows].length]));
  expectType<RDD<[number, number]>>().of(words.mapPartitionsWithIndex((index, rows) => [[index, [...rows].length]]));
  expectType<RDD<number>>().of(words.zipPartitions(ones, (a, b) => [[...a].length + [...b].length]));
  expectType<RDD<string | number>>().of(words.union(vc.range(3)));
  expectType<RDD<number>>().of(words.mapAsync(async (word) => word.length, { concurrency: 2 }));
  expectType<RDD<string>>().of(vc.parallelize(["a", null], 1).filter((x) => x !== null));
  expectType<[number[], number[]]>().of(await vc.range(9).histogram(3));
  expectType<number[]>().of(await vc.range(9).histogram([0, 3, 9]));
  for await (const word of words) expectType<string>().of(word);
}

class Point {
  x = 0;
  label?: string;
}

type Event = { kind: "click"; at: number } | { kind: "key"; code: string };

export function rowsOfAllKinds(vc: Sources, events: RDD<Event>): void {
  expectType<RDD<Point>>().of(vc.range(3).map(() => new Point()));
  expectType<RDD<{ id: number; tags: string[]; note?: string }>>().of(
    vc.range(3).map((id): { id: number; tags: string[]; note?: string } => ({ id, tags: [] })),
  );
  expectType<RDD<{ id: number; tags: number[] }>>().of(vc.range(3).map((id) => ({ id, tags: [id, 1] })));
  expectType<RDD<["click" | "key", Event]>>().of(events.map((event) => [event.kind, event]));
  expectType<RDD<[string | undefined, Point]>>().of(
    vc.parallelize([new Point()], 1).map((point) => [point.label, point]),
  );
}

/** Helpers over any key, value and row. */
export function swap<K, V>(rdd: RDD<[K, V]>): RDD<[V, K]> {
  return rdd.map(([key, value]) => [value, key]);
}
export function firstOfEach<K, V>(rdd: RDD<[K, V]>): RDD<[K, V]> {
  return rdd.reduceByKey((a) => a);
}
export function mergeBy<K, V>(rdd: RDD<[K, V]>, merge: (a: V, b: V) => V): RDD<[K, V]> {
  return rdd.reduceByKey(merge, 4);
}
export function counted<T>(rdd: RDD<T>): RDD<[T, number]> {
  return rdd.map((row) => [row, 1]).reduceByKey((a, b) => a + b);
}

/** An RDD of a subtype stands where one of a supertype is wanted. */
export function widened(numbers: RDD<number>, pairs: RDD<[string, number]>): void {
  const wider: RDD<number | string> = numbers;
  const pairsOfMore: RDD<[string, number | undefined]> = pairs;
  const anything: readonly RDD<unknown>[] = [numbers, pairs, wider, pairsOfMore];
  void anything;
}
