/** How many partitions there are, and which rows lie in them. */

import { HashPartitioner } from "volley";
import { area } from "../kit/area.ts";

export const { programs, program } = area("partitions");

for (const [rows, slices] of [
  [0, 1],
  [1, 4],
  [4, 4],
  [5, 4],
  [7, 3],
  [16, 5],
  [3, 10],
] as const) {
  program(
    `parallelize and range cut ${rows} rows into ${slices}`,
    `Seq(sc.parallelize((0 until ${rows}).toArray.toSeq, ${slices}).glom().collect(), sc.range(0, ${rows}, 1, ${slices}).glom().collect())`,
    (vc) =>
      Promise.all([
        vc
          .parallelize(
            Array.from({ length: rows }, (_, i) => i),
            slices,
          )
          .glom()
          .collect(),
        vc.range(0, rows, 1, slices).glom().collect(),
      ]),
  );
}

for (const [start, end, step, slices] of [
  [0, 10, 3, 2],
  [10, 0, -3, 3],
  [5, 5, 1, 2],
  [5, 1, 1, 2],
  [-7, 8, 4, 3],
  [1, 2, 5, 2],
  [0, -10, -1, 4],
] as const) {
  program(
    `range(${start}, ${end}, ${step}, ${slices})`,
    `val r = sc.range(${start}, ${end}, ${step}, ${slices}); Seq(r.glom().collect(), r.getNumPartitions, r.count())`,
    async (vc) => {
      const r = vc.range(start, end, step, slices);
      return [await r.glom().collect(), await r.getNumPartitions(), await r.count()];
    },
  );
}

program("range with step 0 is an error", `sc.range(0, 10, 0).collect()`, async (vc) => vc.range(0, 10, 0).collect());

for (const [from, to] of [
  [10, 3],
  [10, 4],
  [7, 5],
  [5, 5],
  [3, 8],
  [9, 1],
  [100, 7],
  [2, 2],
] as const) {
  program(
    `coalesce ${from} partitions to ${to}`,
    `val r = sc.parallelize(0 until 50, ${from}).coalesce(${to}); Seq(r.glom().collect(), r.getNumPartitions)`,
    async (vc) => {
      const r = vc.range(0, 50, 1, from).coalesce(to);
      return [await r.glom().collect(), await r.getNumPartitions()];
    },
  );
}

program("coalesce of coalesce", `sc.parallelize(0 until 20, 10).coalesce(5).coalesce(2).glom().collect()`, (vc) =>
  vc.range(0, 20, 1, 10).coalesce(5).coalesce(2).glom().collect(),
);

program(
  "coalesce of a union",
  `sc.parallelize(0 until 4, 2).union(sc.parallelize(4 until 8, 3)).coalesce(2).glom().collect()`,
  (vc) =>
    vc
      .range(0, 4, 1, 2)
      .union(vc.range(4, 8, 1, 3))
      .coalesce(2)
      .glom()
      .collect(),
);

program("coalesce to 0 is an error", `sc.parallelize(0 until 4, 2).coalesce(0).collect()`, async (vc) =>
  vc.range(0, 4, 1, 2).coalesce(0).collect(),
);

program(
  "coalesce of the empty RDD",
  `val r = sc.emptyRDD[Int].coalesce(3); Seq(r.collect(), r.getNumPartitions)`,
  async (vc) => {
    const r = vc.emptyRDD().coalesce(3);
    return [await r.collect(), await r.getNumPartitions()];
  },
);

program(
  "coalesce with a shuffle may raise the number",
  `val r = sc.parallelize(0 until 12, 2).coalesce(5, true); Seq(r.getNumPartitions, r.collect().sorted)`,
  async (vc, t) => {
    const r = vc.range(0, 12, 1, 2).coalesce(5, true);
    return [await r.getNumPartitions(), t.sorted(await r.collect())];
  },
);

program(
  "repartition spreads rows evenly",
  `val sizes = sc.parallelize(Seq.fill(100)("same"), 1).repartition(7).glom().map(_.length).collect(); Seq(sizes.sum, sizes.max - sizes.min <= 1, sizes.length)`,
  async (vc) => {
    const sizes = await vc
      .parallelize(Array<string>(100).fill("same"), 1)
      .repartition(7)
      .glom()
      .map((rows) => rows.length)
      .collect();
    return [sizes.reduce((a, b) => a + b), Math.max(...sizes) - Math.min(...sizes) <= 1, sizes.length];
  },
);

program(
  "repartition loses the partitioner, even at the same number",
  `val p = sc.parallelize(Seq((1, 2)), 2).partitionBy(new HashPartitioner(3)); Seq(t.partitionerOf(p.repartition(3)), t.partitionerOf(p.coalesce(3)), t.partitionerOf(p.coalesce(2)))`,
  (vc, t) => {
    const p = vc.parallelize([[1, 2]], 2).partitionBy(new HashPartitioner(3));
    return [p.repartition(3), p.coalesce(3), p.coalesce(2)].map((r) => t.partitionerOf(r));
  },
);

program("repartition to 0 is an error", `sc.parallelize(0 until 4, 2).repartition(0).collect()`, async (vc) =>
  vc.range(0, 4, 1, 2).repartition(0).collect(),
);

program(
  "default number of partitions of every operator",
  `val a = sc.parallelize(Seq((1, "a"), (2, "b")), 3); val b = sc.parallelize(Seq((1, "c")), 5)
   Seq(a.reduceByKey(_ + _), a.groupByKey(), a.join(b), b.join(a), a.leftOuterJoin(b), a.rightOuterJoin(b), a.fullOuterJoin(b), a.cogroup(b),
     a.subtractByKey(b), b.subtractByKey(a), a.subtract(b), a.intersection(b), a.distinct(), a.keys.distinct(), a.sortByKey(), a.groupBy(_._1),
     a.aggregateByKey("")(_ + _, _ + _), a.foldByKey("")(_ + _), a.union(b), a.cartesian(b), a.keyBy(_._1), a.mapValues(_.length),
     a.repartition(4), a.coalesce(2)).map(_.getNumPartitions)`,
  (vc) => {
    const a = vc.parallelize<[number, string]>(
      [
        [1, "a"],
        [2, "b"],
      ],
      3,
    );
    const b = vc.parallelize<[number, string]>([[1, "c"]], 5);
    const plus = (x: string, y: string) => x + y;
    return Promise.all(
      [
        a.reduceByKey(plus),
        a.groupByKey(),
        a.join(b),
        b.join(a),
        a.leftOuterJoin(b),
        a.rightOuterJoin(b),
        a.fullOuterJoin(b),
        a.cogroup(b),
        a.subtractByKey(b),
        b.subtractByKey(a),
        a.subtract(b),
        a.intersection(b),
        a.distinct(),
        a.keys().distinct(),
        // Spark makes two ranges of two keys here, as Volley does: asked for three.
        a.sortByKey(),
        a.groupBy(([k]) => k),
        a.aggregateByKey("", plus, plus),
        a.foldByKey("", plus),
        a.union(b),
        a.cartesian(b),
        a.keyBy(([k]) => k),
        a.mapValues((s) => s.length),
        a.repartition(4),
        a.coalesce(2),
      ].map((r) => r.getNumPartitions()),
    );
  },
);

program(
  "a parent's partitioner decides the number",
  `val big = sc.parallelize(Seq((1, "a")), 2).partitionBy(new HashPartitioner(7)); val small = sc.parallelize(Seq((1, "b")), 3)
   Seq(big.join(small), small.join(big), big.reduceByKey(_ + _), big.groupByKey(), big.cogroup(small), small.subtractByKey(big), big.subtractByKey(small),
     big.mapValues(_ + "x").join(small), big.map(x => x).join(small), big.distinct(), big.filter(_ => true).groupByKey(), small.leftOuterJoin(big)).map(r => (r.getNumPartitions, t.partitionerOf(r)))`,
  (vc, t) => {
    const big = vc.parallelize<[number, string]>([[1, "a"]], 2).partitionBy(new HashPartitioner(7));
    const small = vc.parallelize<[number, string]>([[1, "b"]], 3);
    const plus = (x: string, y: string) => x + y;
    return Promise.all(
      [
        big.join(small),
        small.join(big),
        big.reduceByKey(plus),
        big.groupByKey(),
        big.cogroup(small),
        small.subtractByKey(big),
        big.subtractByKey(small),
        big.mapValues((s) => s + "x").join(small),
        big.map((x) => x).join(small),
        big.distinct(),
        big.filter(() => true).groupByKey(),
        small.leftOuterJoin(big),
      ].map(async (r) => [await r.getNumPartitions(), t.partitionerOf(r)]),
    );
  },
);

program(
  "a partitioner far smaller than the other side is not taken",
  `val small = sc.parallelize(Seq((1, "a")), 2).partitionBy(new HashPartitioner(2)); val big = sc.parallelize(Seq((1, "b")), 40)
   Seq(small.join(big), big.join(small), small.cogroup(big)).map(r => (r.getNumPartitions, t.partitionerOf(r)))`,
  (vc, t) => {
    const small = vc.parallelize<[number, string]>([[1, "a"]], 2).partitionBy(new HashPartitioner(2));
    const big = vc.parallelize<[number, string]>([[1, "b"]], 40);
    return Promise.all(
      [small.join(big), big.join(small), small.cogroup(big)].map(async (r) => [
        await r.getNumPartitions(),
        t.partitionerOf(r),
      ]),
    );
  },
);

program(
  "the number asked for wins over a partitioner",
  `val p = sc.parallelize(Seq((1, "a")), 2).partitionBy(new HashPartitioner(7))
   Seq(p.reduceByKey(_ + _, 2), p.groupByKey(3), p.join(p, 4), p.cogroup(p, 5), p.subtractByKey(p, 6), p.distinct(2), p.intersection(p, 3)).map(r => (r.getNumPartitions, t.partitionerOf(r)))`,
  (vc, t) => {
    const p = vc.parallelize<[number, string]>([[1, "a"]], 2).partitionBy(new HashPartitioner(7));
    return Promise.all(
      [
        p.reduceByKey((a, b) => a + b, 2),
        p.groupByKey(3),
        p.join(p, 4),
        p.cogroup(p, 5),
        p.subtractByKey(p, 6),
        p.distinct(2),
        p.intersection(p, 3),
      ].map(async (r) => [await r.getNumPartitions(), t.partitionerOf(r)]),
    );
  },
);

program(
  "0 partitions are an error in shuffles",
  `val a = sc.parallelize(Seq((1, 1)), 2); Seq(t.fails(a.reduceByKey(_ + _, -1).collect()), t.fails(a.repartition(-1).collect()))`,
  async (vc, t) => {
    const a = vc.parallelize<[number, number]>([[1, 1]], 2);
    return [
      await t.fails(() => a.reduceByKey((x, y) => x + y, -1).collect()),
      await t.fails(() => a.repartition(-1).collect()),
    ];
  },
);

program(
  "union of RDDs with one partitioner",
  `val a = sc.parallelize(Seq((1, "a"), (2, "b")), 2).partitionBy(new HashPartitioner(3)); val b = sc.parallelize(Seq((1, "c"), (4, "d")), 2).partitionBy(new HashPartitioner(3))
   val u = a.union(b); val v = sc.union(Seq(a, b, a)); Seq(u.getNumPartitions, t.partitionerOf(u), v.getNumPartitions, t.partitionerOf(v), u.lookup(1), v.lookup(1))`,
  async (vc, t) => {
    const a = vc
      .parallelize<[number, string]>(
        [
          [1, "a"],
          [2, "b"],
        ],
        2,
      )
      .partitionBy(new HashPartitioner(3));
    const b = vc
      .parallelize<[number, string]>(
        [
          [1, "c"],
          [4, "d"],
        ],
        2,
      )
      .partitionBy(new HashPartitioner(3));
    const [u, v] = [a.union(b), vc.union([a, b, a])];
    return [
      await u.getNumPartitions(),
      t.partitionerOf(u),
      await v.getNumPartitions(),
      t.partitionerOf(v),
      await u.lookup(1),
      await v.lookup(1),
    ];
  },
);

program(
  "union of RDDs of which one has no partitioner",
  `val a = sc.parallelize(Seq((1, "a")), 2).partitionBy(new HashPartitioner(3)); val b = sc.parallelize(Seq((1, "c")), 2); val c = sc.parallelize(Seq((1, "c")), 2).partitionBy(new HashPartitioner(4))
   Seq(a.union(b), a.union(c), b.union(a)).map(r => (r.getNumPartitions, t.partitionerOf(r)))`,
  (vc, t) => {
    const a = vc.parallelize<[number, string]>([[1, "a"]], 2).partitionBy(new HashPartitioner(3));
    const b = vc.parallelize<[number, string]>([[1, "c"]], 2);
    const c = vc.parallelize<[number, string]>([[1, "c"]], 2).partitionBy(new HashPartitioner(4));
    return Promise.all(
      [a.union(b), a.union(c), b.union(a)].map(async (r) => [await r.getNumPartitions(), t.partitionerOf(r)]),
    );
  },
);

program(
  "sc.union of nothing, of one, of empties",
  `Seq(sc.union(Seq.empty[RDD[Int]]), sc.union(Seq(sc.parallelize(1 to 3, 2))), sc.union(Seq(sc.emptyRDD[Int], sc.parallelize(1 to 2, 2), sc.emptyRDD[Int]))).map(r => (r.collect(), r.getNumPartitions))`,
  (vc) =>
    Promise.all(
      [
        vc.union<number>([]),
        vc.union([vc.range(1, 4, 1, 2)]),
        vc.union([vc.emptyRDD<number>(), vc.range(1, 3, 1, 2), vc.emptyRDD<number>()]),
      ].map(async (r) => [await r.collect(), await r.getNumPartitions()]),
    ),
);

program(
  "runJob on some partitions, twice the same, in any order",
  `val r = sc.parallelize(0 until 10, 4); Seq(sc.runJob(r, (it: Iterator[Int]) => it.sum, Seq(3, 0)).toSeq, sc.runJob(r, (it: Iterator[Int]) => it.size).toSeq, sc.runJob(r, (it: Iterator[Int]) => it.sum, Seq.empty[Int]).toSeq)`,
  (vc) => {
    const r = vc.range(0, 10, 1, 4);
    const sum = (rows: Iterable<number>) => [...rows].reduce((a, b) => a + b, 0);
    return Promise.all([vc.runJob(r, sum, [3, 0]), vc.runJob(r, (rows) => [...rows].length), vc.runJob(r, sum, [])]);
  },
);

program(
  "runJob on a partition that is not there",
  `sc.runJob(sc.parallelize(0 until 10, 4), (it: Iterator[Int]) => it.sum, Seq(4))`,
  (vc) => vc.runJob(vc.range(0, 10, 1, 4), (rows) => [...rows].length, [4]),
);

program(
  "partitions() has their numbers",
  `Seq(sc.parallelize(0 until 10, 4).partitions.map(_.index).toSeq, sc.emptyRDD[Int].partitions.map(_.index).toSeq)`,
  async (vc) => [
    (await vc.range(0, 10, 1, 4).partitions()).map(({ index }) => index),
    (await vc.emptyRDD().partitions()).map(({ index }) => index),
  ],
);
