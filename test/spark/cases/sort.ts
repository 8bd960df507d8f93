/** Sorted rows: order, ties, ranges. */

import { HashPartitioner, RangePartitioner } from "volley";
import { area } from "../kit/area.ts";

export const { programs, program } = area("sort");

const WORDS = ["pear", "fig", "apple", "kiwi", "fig", "date", "Apple", "", "élan", "zoo", "éclair", "10", "9"];
const SCALA_WORDS = `Seq(${WORDS.map((word) => JSON.stringify(word)).join(", ")})`;
const PAIRS: [number, string][] = [
  [3, "a"],
  [1, "b"],
  [3, "c"],
  [2, "d"],
  [1, "e"],
  [2, "f"],
  [3, "g"],
  [1, "h"],
];
const SCALA_PAIRS = `Seq(${PAIRS.map(([k, v]) => `(${k}, "${v}")`).join(", ")})`;

for (const slices of [1, 2, 3, 5]) {
  program(`sortBy of words in ${slices}`, `sc.parallelize(${SCALA_WORDS}, ${slices}).sortBy(x => x).collect()`, (vc) =>
    vc
      .parallelize(WORDS, slices)
      .sortBy((x) => x)
      .collect(),
  );
  program(
    `sortBy with ties keeps their order, in ${slices}`,
    `sc.parallelize(${SCALA_PAIRS}, ${slices}).sortBy(_._1, true, 1).collect()`,
    (vc) =>
      vc
        .parallelize(PAIRS, slices)
        .sortBy(([k]) => k, { numPartitions: 1 })
        .collect(),
  );
  program(
    `sortByKey falling with ties, in ${slices}`,
    `sc.parallelize(${SCALA_PAIRS}, ${slices}).sortByKey(false, 1).collect()`,
    (vc) => vc.parallelize(PAIRS, slices).sortByKey({ ascending: false, numPartitions: 1 }).collect(),
  );
  program(
    `sortByKey of few keys: partitions and rows, in ${slices}`,
    `val r = sc.parallelize(${SCALA_PAIRS}, ${slices}).sortByKey(true, 6); Seq(r.keys.collect(), r.getNumPartitions, r.keys.glom().collect().toSeq.map(_.toSeq.distinct))`,
    async (vc) => {
      const r = vc.parallelize(PAIRS, slices).sortByKey({ numPartitions: 6 });
      const parts = await r.keys().glom().collect();
      return [await r.keys().collect(), await r.getNumPartitions(), parts.map((part) => [...new Set(part)])];
    },
  );
}

program(
  "sortBy by a computed key, falling",
  `sc.parallelize(${SCALA_WORDS}, 3).sortBy(s => (s.length, s), false).collect()`,
  (vc) =>
    vc
      .parallelize(WORDS, 3)
      .sortBy((s): [number, string] => [s.length, s], { ascending: false })
      .collect(),
);

program(
  "sortBy with an order of its own",
  `sc.parallelize(1 to 20, 4).sortBy(x => x)(new Ordering[Int] { def compare(a: Int, b: Int) = { val c = (a % 3) - (b % 3); if (c != 0) c else b - a } }, implicitly).collect()`,
  (vc) =>
    vc
      .range(1, 21, 1, 4)
      .sortBy((x) => x, { compare: (a, b) => (a % 3) - (b % 3) || b - a })
      .collect(),
);

program(
  "sortBy of negative numbers, -0 and infinities",
  `sc.parallelize(Seq(0.5, -1.5, Double.PositiveInfinity, -2.0, Double.NegativeInfinity, 3.25), 3).sortBy(x => x).collect()`,
  (vc) =>
    vc
      .parallelize([0.5, -1.5, Infinity, -2, -Infinity, 3.25], 3)
      .sortBy((x) => x)
      .collect(),
);

program(
  "sortBy of bigints",
  `sc.parallelize(Seq(BigInt("123456789012345678901234567890"), BigInt(-5), BigInt(7)), 2).sortBy(x => x).collect()`,
  (vc) =>
    vc
      .parallelize([123456789012345678901234567890n, -5n, 7n], 2)
      .sortBy((x) => x)
      .collect(),
);

program(
  "sortBy of arrays element by element",
  `import scala.math.Ordering.Implicits._
   sc.parallelize(Seq(Seq(1, 2), Seq(1), Seq(0, 9, 9), Seq.empty[Int], Seq(1, 1)), 2).sortBy(x => x).collect()`,
  (vc) =>
    vc
      .parallelize([[1, 2], [1], [0, 9, 9], [], [1, 1]], 2)
      .sortBy((x) => x)
      .collect(),
);

program(
  "sortBy of booleans, falling",
  `sc.parallelize(Seq(true, false, true), 2).sortBy(x => x, false).collect()`,
  (vc) =>
    vc
      .parallelize([true, false, true], 2)
      .sortBy((x) => x, { ascending: false })
      .collect(),
);

program(
  "sortBy of all equal keys makes one partition",
  `val r = sc.parallelize(1 to 20, 4).sortBy(_ => 1); Seq(r.getNumPartitions, r.count())`,
  async (vc) => {
    const r = vc.range(1, 21, 1, 4).sortBy(() => 1);
    return [await r.getNumPartitions(), await r.count()];
  },
);

program(
  "sort of the empty RDD: partitions",
  `Seq(sc.emptyRDD[Int].sortBy(x => x), sc.parallelize(Seq.empty[Int], 3).sortBy(x => x), sc.parallelize(Seq.empty[Int], 3).sortBy(x => x, true, 5)).map(r => (r.collect(), r.getNumPartitions))`,
  (vc) =>
    Promise.all(
      [
        vc.emptyRDD<number>().sortBy((x) => x),
        vc.parallelize<number>([], 3).sortBy((x) => x),
        vc.parallelize<number>([], 3).sortBy((x) => x, { numPartitions: 5 }),
      ].map(async (r) => [await r.collect(), await r.getNumPartitions()]),
    ),
);

program(
  "sort of one row",
  `val r = sc.parallelize(Seq(7), 3).sortBy(x => x); Seq(r.collect(), r.getNumPartitions)`,
  async (vc) => {
    const r = vc.parallelize([7], 3).sortBy((x) => x);
    return [await r.collect(), await r.getNumPartitions()];
  },
);

program(
  "partitions of a sort of many different keys",
  `Seq(2, 3, 4, 7).map(n => sc.parallelize((0 until 1000).map(i => (i * 7919) % 1000), 4).sortBy(x => x, true, n).getNumPartitions)`,
  (vc) =>
    Promise.all(
      [2, 3, 4, 7].map((numPartitions) =>
        vc
          .range(0, 1000, 1, 4)
          .map((i) => (i * 7919) % 1000)
          .sortBy((x) => x, { numPartitions })
          .getNumPartitions(),
      ),
    ),
);

program(
  "sortByKey has a range partitioner; a map after it loses it",
  `val s = sc.parallelize((0 until 100).map(i => (i, i)), 4).sortByKey(true, 3); Seq(t.partitionerOf(s), t.partitionerOf(s.mapValues(_ + 1)), t.partitionerOf(s.map(x => x)), t.partitionerOf(s.sortBy(_._1)))`,
  async (vc, t) => {
    const s = vc
      .range(0, 100, 1, 4)
      .map((i): [number, number] => [i, i])
      .sortByKey({ numPartitions: 3 });
    await s.count();
    return [s, s.mapValues((x) => x + 1), s.map((x) => x), s.sortBy(([k]) => k)].map((r) => t.partitionerOf(r));
  },
);

program(
  "sortByKey then groupByKey needs no other order",
  `sc.parallelize(${SCALA_PAIRS}, 2).sortByKey().groupByKey().mapValues(_.toSeq.sorted).collect()`,
  async (vc) =>
    vc
      .parallelize(PAIRS, 2)
      .sortByKey()
      .groupByKey()
      .mapValues((vs) => vs.sort())
      .collect(),
  "multiset",
);

program(
  "filterByRange without a sort, with bounds that are no keys",
  `val r = sc.parallelize((1 to 20).map(i => (i * 2, i)), 4); Seq(r.filterByRange(5, 11).collect(), r.filterByRange(11, 5).collect(), r.filterByRange(-10, 2).collect(), r.filterByRange(40, 99).collect())`,
  (vc) => {
    const r = vc.range(1, 21, 1, 4).map((i): [number, number] => [i * 2, i]);
    return Promise.all([
      r.filterByRange(5, 11).collect(),
      r.filterByRange(11, 5).collect(),
      r.filterByRange(-10, 2).collect(),
      r.filterByRange(40, 99).collect(),
    ]);
  },
);

program(
  "filterByRange after a sort gives the same",
  `val r = sc.parallelize((1 to 20).map(i => (i * 2, i)), 4).sortByKey(); Seq(r.filterByRange(5, 11).collect(), r.filterByRange(11, 5).collect(), r.filterByRange(-10, 2).collect(), r.filterByRange(2, 40).count())`,
  (vc) => {
    const r = vc
      .range(1, 21, 1, 4)
      .map((i): [number, number] => [i * 2, i])
      .sortByKey();
    return Promise.all([
      r.filterByRange(5, 11).collect(),
      r.filterByRange(11, 5).collect(),
      r.filterByRange(-10, 2).collect(),
      r.filterByRange(2, 40).count(),
    ]);
  },
);

program(
  "filterByRange of strings after a falling sort",
  `sc.parallelize(${SCALA_WORDS}.map(w => (w, w.length)), 3).sortByKey(false).filterByRange("b", "l").collect()`,
  (vc) =>
    vc
      .parallelize(WORDS, 3)
      .map((w): [string, number] => [w, w.length])
      .sortByKey({ ascending: false })
      .filterByRange("b", "l")
      .collect(),
);

program(
  "repartitionAndSortWithinPartitions: in order in each, ties in theirs",
  `sc.parallelize(${SCALA_PAIRS}, 1).repartitionAndSortWithinPartitions(new ByModulo(2)).glom().collect()`,
  async (vc) => {
    const { ByModulo } = await import("../kit/partitioners.ts");
    return vc.parallelize(PAIRS, 1).repartitionAndSortWithinPartitions(new ByModulo(2)).glom().collect();
  },
);

program(
  "repartitionAndSortWithinPartitions keeps the partitioner given",
  `val r = sc.parallelize(${SCALA_PAIRS}, 3).repartitionAndSortWithinPartitions(new HashPartitioner(4)); Seq(t.partitionerOf(r), r.getNumPartitions, r.keys.glom().collect().forall(p => p.toSeq == p.toSeq.sorted))`,
  async (vc, t) => {
    const r = vc.parallelize(PAIRS, 3).repartitionAndSortWithinPartitions(new HashPartitioner(4));
    const parts = await r.keys().glom().collect();
    return [
      t.partitionerOf(r),
      await r.getNumPartitions(),
      parts.every((part) => part.every((key, i) => i === 0 || key >= (part[i - 1] as number))),
    ];
  },
);

program(
  "RangePartitioner: where keys go",
  `val r = sc.parallelize((0 until 100).map(i => (i, i)), 4); val p = r.partitionBy(new RangePartitioner(4, r)); val parts = p.keys.glom().collect()
   Seq(parts.length, parts.forall(_.nonEmpty), parts.toSeq.map(_.toSeq).sliding(2).forall(x => x(0).max < x(1).min))`,
  async (vc) => {
    const r = vc.range(0, 100, 1, 4).map((i): [number, number] => [i, i]);
    const parts = await r.partitionBy(new RangePartitioner(4, r)).keys().glom().collect();
    return [
      parts.length,
      parts.every((part) => part.length > 0),
      parts.every((part, i) => i === 0 || Math.max(...(parts[i - 1] as number[])) < Math.min(...part)),
    ];
  },
);

program(
  "takeOrdered and top with ties and more than there are",
  `val r = sc.parallelize(Seq(5, 3, 5, 1, 3), 3); Seq(r.takeOrdered(3), r.takeOrdered(10), r.takeOrdered(0), r.top(3), r.top(10), r.top(0))`,
  (vc) => {
    const r = vc.parallelize([5, 3, 5, 1, 3], 3);
    return Promise.all([r.takeOrdered(3), r.takeOrdered(10), r.takeOrdered(0), r.top(3), r.top(10), r.top(0)]);
  },
);

program(
  "takeOrdered and top of words and pairs",
  `val r = sc.parallelize(${SCALA_WORDS}, 4); val p = sc.parallelize(${SCALA_PAIRS}, 3); Seq(r.takeOrdered(4), r.top(4), p.takeOrdered(3), p.top(3))`,
  (vc) => {
    const [r, p] = [vc.parallelize(WORDS, 4), vc.parallelize(PAIRS, 3)];
    return Promise.all([r.takeOrdered(4), r.top(4), p.takeOrdered(3), p.top(3)]);
  },
);

program(
  "max and min of words, pairs and with an order",
  `val r = sc.parallelize(${SCALA_WORDS}, 4); val p = sc.parallelize(${SCALA_PAIRS}, 3); Seq(r.max(), r.min(), p.max(), p.min(), r.max()(Ordering.by(w => (w.length, w))))`,
  (vc) => {
    const [r, p] = [vc.parallelize(WORDS, 4), vc.parallelize(PAIRS, 3)];
    const text = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
    return Promise.all([r.max(), r.min(), p.max(), p.min(), r.max((a, b) => a.length - b.length || text(a, b))]);
  },
);

program("max of the empty RDD is an error", `sc.parallelize(Seq.empty[Int], 2).max()`, (vc) =>
  vc.parallelize<number>([], 2).max(),
);

program(
  "a sort of a sort of another key",
  `sc.parallelize(${SCALA_PAIRS}, 3).sortBy(_._2, false).sortBy(_._1, true, 1).collect()`,
  (vc) =>
    vc
      .parallelize(PAIRS, 3)
      .sortBy(([, v]) => v, { ascending: false })
      .sortBy(([k]) => k, { numPartitions: 1 })
      .collect(),
);

program(
  "take and first of a falling sort",
  `val s = sc.parallelize((0 until 100).map(i => (i * 37) % 101), 5).sortBy(x => x, false); Seq(s.take(5), s.first(), s.zipWithIndex().lookup(50))`,
  async (vc) => {
    const s = vc
      .range(0, 100, 1, 5)
      .map((i) => (i * 37) % 101)
      .sortBy((x) => x, { ascending: false });
    return [await s.take(5), await s.first(), await s.zipWithIndex().lookup(50)];
  },
);
