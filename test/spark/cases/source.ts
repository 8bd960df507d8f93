/** Sources: default numbers of partitions, and where files lie; texts of lineage; what jobs pass on. */

import { HashPartitioner, RangePartitioner } from "volley";
import { area } from "../kit/area.ts";

export const { programs, program } = area("source");

program(
  "default numbers of partitions on two cores",
  `val p = t.file("a.txt", "a\\nb\\n"); t.file("in/a", "1"); t.file("in/b", "2"); t.file("in/c", "3")
   Seq(sc.parallelize(1 to 10).getNumPartitions, sc.range(0, 10).getNumPartitions, sc.textFile(p).getNumPartitions, sc.textFile(t.path("in")).getNumPartitions, sc.emptyRDD[Int].getNumPartitions, sc.defaultParallelism)`,
  async (vc, t) => {
    const p = t.file("a.txt", "a\nb\n");
    for (const [name, text] of ["a1", "b2", "c3"]) t.file(`in/${name}`, text as string);
    return [
      await vc.parallelize([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]).getNumPartitions(),
      await vc.range(0, 10).getNumPartitions(),
      await vc.textFile(p).getNumPartitions(),
      await vc.textFile(t.path("in")).getNumPartitions(),
      await vc.emptyRDD().getNumPartitions(),
      vc.defaultParallelism,
    ];
  },
);

for (const [sizes, min] of [
  [[10, 10, 10, 10], 2],
  [[1, 1, 1, 1, 1, 1], 3],
  [[100, 1, 1], 2],
  [[5], 4],
  [[0, 0, 7], 2],
  [[7, 7, 7, 7, 7], 5],
  [[40, 10, 30], 1],
] as const) {
  program(
    `partitions of files of ${sizes.join(" ")} bytes, ${min} asked for`,
    `Seq(${sizes.join(", ")}).zipWithIndex.foreach { case (n, i) => t.file("in/f" + i, "x" * n) }; Seq(sc.textFile(t.path("in"), ${min}).getNumPartitions, sc.wholeTextFiles(t.path("in"), ${min}).getNumPartitions, sc.textFile(t.path("in"), ${min}).count())`,
    async (vc, t) => {
      for (const [i, n] of sizes.entries()) t.file(`in/f${i}`, "x".repeat(n));
      return [
        await vc.textFile(t.path("in"), min).getNumPartitions(),
        await vc.wholeTextFiles(t.path("in"), min).getNumPartitions(),
        await vc.textFile(t.path("in"), min).count(),
      ];
    },
  );
}

program(
  "textFile: the longest lines and many short files",
  `t.file("long.txt", ("x" * 70000) + "\\n" + ("y" * 70000)); (0 until 30).foreach(i => t.file("many/" + i, i.toString)); Seq[Any](sc.textFile(t.path("long.txt"), 7).map(_.length).collect().toSeq, sc.textFile(t.path("many"), 4).map(_.toInt).sum(), sc.textFile(t.path("many"), 4).getNumPartitions)`,
  async (vc, t) => {
    t.file("long.txt", `${"x".repeat(70000)}\n${"y".repeat(70000)}`);
    for (let i = 0; i < 30; i++) t.file(`many/${i}`, String(i));
    return [
      await vc
        .textFile(t.path("long.txt"), 7)
        .map((line) => line.length)
        .collect(),
      await vc.textFile(t.path("many"), 4).map(Number).sum(),
      await vc.textFile(t.path("many"), 4).getNumPartitions(),
    ];
  },
);

program(
  "parallelize of other iterables: a set, a generator",
  `Seq(sc.parallelize(Seq(1, 2, 3), 2).glom().collect().toSeq.map(_.toSeq), sc.parallelize(Iterator.from(0).take(5).toSeq, 2).glom().collect().toSeq.map(_.toSeq))`,
  async (vc) => {
    function* five() {
      for (let i = 0; i < 5; i++) yield i;
    }
    return [
      await vc
        .parallelize(new Set([1, 2, 3]), 2)
        .glom()
        .collect(),
      await vc.parallelize(five(), 2).glom().collect(),
    ];
  },
);

program(
  "an empty file, plain or packed, has no partition",
  `t.file("a.txt", ""); t.file("b.gz", ""); t.file("c.gz", t.gzip("")); Seq("a.txt", "b.gz", "c.gz").map(n => (sc.textFile(t.path(n)).getNumPartitions, sc.textFile(t.path(n)).count(), sc.wholeTextFiles(t.path(n)).getNumPartitions))`,
  (vc, t) => {
    t.file("a.txt", "");
    t.file("b.gz", "");
    t.file("c.gz", t.gzip(""));
    return Promise.all(
      ["a.txt", "b.gz", "c.gz"].map(async (name) => [
        await vc.textFile(t.path(name)).getNumPartitions(),
        await vc.textFile(t.path(name)).count(),
        await vc.wholeTextFiles(t.path(name)).getNumPartitions(),
      ]),
    );
  },
);

program(
  "toDebugString: numbers and depth of stages",
  `val r = sc.parallelize(1 to 4, 3).map(x => (x % 2, x)).reduceByKey(_ + _, 5).mapValues(_ + 1).groupByKey(2)
   r.toDebugString.split("\\n").toSeq.filter(_.contains("(")).map(l => (l.takeWhile(c => c == ' ' || c == '|').length, l.replaceAll("^[ |]*", "").replaceAll("\\\\).*", ")"))).filter(x => x._2.startsWith("(") || x._2.startsWith("+-("))`,
  async (vc) => {
    const r = vc
      .parallelize([1, 2, 3, 4], 3)
      .map((x): [number, number] => [x % 2, x])
      .reduceByKey((a, b) => a + b, 5)
      .mapValues((x) => x + 1)
      .groupByKey(2);
    return (await r.toDebugString())
      .split("\n")
      .map((line): [number, string] => [
        /^[ |]*/.exec(line)?.[0].length ?? 0,
        line.replace(/^[ |]*/, "").replace(/\).*/, ")"),
      ])
      .filter(([, text]) => /^(?:\+-)?\(/.test(text));
  },
);

program(
  "numbers of pruned partitions begin at 0",
  `val s = sc.parallelize((0 until 100).map(i => (i, i)), 5).sortByKey(); val f = s.filterByRange(45, 55); f.mapPartitionsWithIndex((i, it) => Iterator((i, it.size))).collect()`,
  (vc) => {
    const s = vc
      .parallelize(
        Array.from({ length: 100 }, (_, i): [number, number] => [i, i]),
        5,
      )
      .sortByKey();
    return s
      .filterByRange(45, 55)
      .mapPartitionsWithIndex((i, rows) => [[i, [...rows].length]])
      .collect();
  },
);

for (const ascending of [true, false]) {
  program(
    `a range partitioner, ascending ${ascending}: rows by partition, and where keys go that it never saw`,
    `val r = sc.parallelize((0 until 40).map(i => (i * 3, i)), 4); val p = new RangePartitioner(3, r, ${ascending}); val placed = r.partitionBy(p); Seq[Any](placed.keys.glom().collect().toSeq.map(_.toSeq.sorted), placed.getNumPartitions, Seq(-5, 0, 38, 39, 40, 77, 78, 500).map(p.getPartition(_)))`,
    async (vc) => {
      const r = vc.range(0, 40, 1, 4).map((i): [number, number] => [i * 3, i]);
      const p = new RangePartitioner(3, r, ascending);
      const placed = r.partitionBy(p);
      const parts = await placed.keys().glom().collect();
      return [
        parts.map((part) => part.sort((a, b) => a - b)),
        await placed.getNumPartitions(),
        [-5, 0, 38, 39, 40, 77, 78, 500].map((key) => p.getPartition(key)),
      ];
    },
  );
}

program(
  "range partitioners: equal where their bounds are",
  `val r = sc.parallelize((0 until 40).map(i => (i, i)), 4); val (a, b, c, d) = (new RangePartitioner(3, r), new RangePartitioner(3, r), new RangePartitioner(3, r, false), new RangePartitioner(4, r)); Seq(a == b, a == c, a == d, a == new HashPartitioner(3))`,
  async (vc) => {
    const r = vc.range(0, 40, 1, 4).map((i): [number, number] => [i, i]);
    const all = [
      new RangePartitioner(3, r),
      new RangePartitioner(3, r),
      new RangePartitioner(3, r, false),
      new RangePartitioner(4, r),
    ];
    for (const p of all) await r.partitionBy(p).count();
    const [a, b, c, d] = all as [RangePartitioner, RangePartitioner, RangePartitioner, RangePartitioner];
    return [a.equals(b), a.equals(c), a.equals(d), a.equals(new HashPartitioner(3))];
  },
);

program(
  "a join of two RDDs sorted alike needs no shuffle of either",
  `val r = sc.parallelize((0 until 40).map(i => (i, i)), 4); val p = new RangePartitioner(3, r); val j = r.partitionBy(p).join(r.mapValues(_ * 2).partitionBy(p)); Seq[Any](j.keys.collect().toSeq.sorted.length, j.toDebugString.split("ShuffledRDD").length, j.getNumPartitions)`,
  async (vc) => {
    const r = vc.range(0, 40, 1, 4).map((i): [number, number] => [i, i]);
    const p = new RangePartitioner(3, r);
    const j = r.partitionBy(p).join(r.mapValues((x) => x * 2).partitionBy(p));
    const keys = await j.keys().collect();
    return [keys.length, (await j.toDebugString()).split("ShuffledRDD").length, await j.getNumPartitions()];
  },
);

program(
  "union of sorted RDDs, and a sort of it",
  `val a = sc.parallelize(Seq(5, 1, 3), 2).sortBy(x => x); val b = sc.parallelize(Seq(4, 2), 2).sortBy(x => x, false); Seq(a.union(b).collect().toSeq, a.union(b).sortBy(x => x).collect().toSeq, a.union(b).getNumPartitions)`,
  async (vc) => {
    const a = vc.parallelize([5, 1, 3], 2).sortBy((x) => x);
    const b = vc.parallelize([4, 2], 2).sortBy((x) => x, { ascending: false });
    return [
      await a.union(b).collect(),
      await a
        .union(b)
        .sortBy((x) => x)
        .collect(),
      await a.union(b).getNumPartitions(),
    ];
  },
);
