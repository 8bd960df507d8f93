/** Transformations without a shuffle. */

import { area } from "../kit/area.ts";

export const { programs, program } = area("narrow");

program(
  "map to arrays, null and nested values",
  `sc.parallelize(1 to 4, 2).map(x => if (x % 2 == 0) null else Seq(x, Seq(x))).glom().collect()`,
  (vc) =>
    vc
      .parallelize([1, 2, 3, 4], 2)
      .map((x) => (x % 2 === 0 ? null : [x, [x]]))
      .glom()
      .collect(),
);

program(
  "flatMap to nothing keeps the partitions",
  `val r = sc.parallelize(1 to 6, 3).flatMap(x => Seq.empty[Int]); Seq(r.glom().collect(), r.getNumPartitions)`,
  async (vc) => {
    const r = vc.parallelize([1, 2, 3, 4, 5, 6], 3).flatMap((): number[] => []);
    return [await r.glom().collect(), await r.getNumPartitions()];
  },
);

program("flatMap of strings", `sc.parallelize(Seq("ab", "", "cde"), 2).flatMap(s => s).glom().collect()`, (vc) =>
  vc
    .parallelize(["ab", "", "cde"], 2)
    .flatMap((s) => [...s])
    .glom()
    .collect(),
);

program(
  "filter keeps partitions and partitioner",
  `val r = sc.parallelize((1 to 10).map(x => (x, x)), 3).partitionBy(new HashPartitioner(4)).filter(_._1 > 100)
   Seq(r.getNumPartitions, t.partitionerOf(r), r.glom().collect())`,
  async (vc, t) => {
    const { HashPartitioner } = await import("volley");
    const r = vc
      .range(1, 11, 1, 3)
      .map((x): [number, number] => [x, x])
      .partitionBy(new HashPartitioner(4))
      .filter(([k]) => k > 100);
    return [await r.getNumPartitions(), t.partitionerOf(r), await r.glom().collect()];
  },
);

program(
  "mapPartitions sees each partition once, empty ones too",
  `sc.parallelize(1 to 3, 5).mapPartitions(it => Iterator(it.sum)).collect()`,
  (vc) =>
    vc
      .parallelize([1, 2, 3], 5)
      .mapPartitions((rows) => [[...rows].reduce((a, b) => a + b, 0)])
      .collect(),
);

program(
  "mapPartitions over the partitions of a filter",
  `sc.parallelize(1 to 10, 4).filter(_ % 3 == 0).mapPartitions(it => Iterator(it.toList)).collect()`,
  (vc) =>
    vc
      .range(1, 11, 1, 4)
      .filter((x) => x % 3 === 0)
      .mapPartitions((rows) => [[...rows]])
      .collect(),
);

program(
  "mapPartitions that reads a few rows and passes on the rest",
  `sc.parallelize(1 to 12, 3).mapPartitions { it => it.next(); it.next(); it }.collect()`,
  (vc) =>
    vc
      .range(1, 13, 1, 3)
      .mapPartitions((rows) => {
        rows.next();
        rows.next();
        return rows;
      })
      .collect(),
);

program(
  "mapPartitionsWithIndex numbers the partitions of a union",
  `sc.parallelize(Seq("a", "b"), 2).union(sc.parallelize(Seq("c"), 2)).mapPartitionsWithIndex((i, it) => it.map(x => (i, x))).collect()`,
  (vc) =>
    vc
      .parallelize(["a", "b"], 2)
      .union(vc.parallelize(["c"], 2))
      .mapPartitionsWithIndex((i, rows) => [...rows].map((x) => [i, x]))
      .collect(),
);

program(
  "mapPartitions with preservesPartitioning keeps the partitioner",
  `val p = sc.parallelize((1 to 6).map(x => (x, 1)), 2).partitionBy(new HashPartitioner(3))
   Seq(t.partitionerOf(p.mapPartitions(it => it, true)), t.partitionerOf(p.mapPartitions(it => it)),
     t.partitionerOf(p.mapPartitionsWithIndex((i, it) => it, true)), t.partitionerOf(p.mapPartitionsWithIndex((i, it) => it)))`,
  async (vc, t) => {
    const { HashPartitioner } = await import("volley");
    const p = vc
      .range(1, 7, 1, 2)
      .map((x): [number, number] => [x, 1])
      .partitionBy(new HashPartitioner(3));
    return [
      p.mapPartitions((rows) => rows, true),
      p.mapPartitions((rows) => rows),
      p.mapPartitionsWithIndex((_, rows) => rows, true),
      p.mapPartitionsWithIndex((_, rows) => rows),
    ].map((r) => t.partitionerOf(r));
  },
);

program(
  "glom of empty partitions and of the empty RDD",
  `Seq(sc.parallelize(Seq.empty[Int], 3).glom().collect(), sc.emptyRDD[Int].glom().collect(), sc.parallelize(Seq(1), 3).glom().collect())`,
  (vc) =>
    Promise.all([
      vc.parallelize([], 3).glom().collect(),
      vc.emptyRDD().glom().collect(),
      vc.parallelize([1], 3).glom().collect(),
    ]),
);

program("glom of glom", `sc.parallelize(1 to 4, 2).glom().glom().collect()`, (vc) =>
  vc.range(1, 5, 1, 2).glom().glom().collect(),
);

program(
  "keyBy keeps order and duplicates",
  `sc.parallelize(Seq("aa", "b", "aa"), 2).keyBy(_.length).glom().collect()`,
  (vc) =>
    vc
      .parallelize(["aa", "b", "aa"], 2)
      .keyBy((s) => s.length)
      .glom()
      .collect(),
);

program(
  "union of three with different partitions",
  `val u = sc.parallelize(1 to 3, 2).union(sc.parallelize(4 to 5, 1)).union(sc.parallelize(Seq.empty[Int], 2)); Seq(u.glom().collect(), u.getNumPartitions)`,
  async (vc) => {
    const u = vc
      .range(1, 4, 1, 2)
      .union(vc.range(4, 6, 1, 1))
      .union(vc.parallelize<number>([], 2));
    return [await u.glom().collect(), await u.getNumPartitions()];
  },
);

program(
  "union of an RDD with itself and its child",
  `val r = sc.parallelize(1 to 3, 2); r.union(r).union(r.map(_ * 10)).glom().collect()`,
  (vc) => {
    const r = vc.range(1, 4, 1, 2);
    return r
      .union(r)
      .union(r.map((x) => x * 10))
      .glom()
      .collect();
  },
);

program(
  "cartesian order and partitions",
  `val c = sc.parallelize(1 to 3, 2).cartesian(sc.parallelize(Seq("a", "b"), 2)); Seq(c.glom().collect(), c.getNumPartitions)`,
  async (vc) => {
    const c = vc.range(1, 4, 1, 2).cartesian(vc.parallelize(["a", "b"], 2));
    return [await c.glom().collect(), await c.getNumPartitions()];
  },
);

program(
  "cartesian with empty partitions",
  `sc.parallelize(1 to 2, 3).cartesian(sc.parallelize(Seq("a"), 2)).glom().collect()`,
  (vc) =>
    vc
      .range(1, 3, 1, 3)
      .cartesian(vc.parallelize(["a"], 2))
      .glom()
      .collect(),
);

program(
  "cartesian with the empty RDD has no partitions",
  `Seq(sc.parallelize(1 to 2, 3).cartesian(sc.emptyRDD[Int]).getNumPartitions, sc.emptyRDD[Int].cartesian(sc.parallelize(1 to 2, 3)).getNumPartitions)`,
  (vc) =>
    Promise.all([
      vc.range(1, 3, 1, 3).cartesian(vc.emptyRDD<number>()).getNumPartitions(),
      vc
        .emptyRDD<number>()
        .cartesian(vc.range(1, 3, 1, 3))
        .getNumPartitions(),
    ]),
);

program(
  "zip pairs partition by partition",
  `sc.parallelize(1 to 5, 2).zip(sc.parallelize(Seq("a", "b", "c", "d", "e"), 2)).glom().collect()`,
  (vc) =>
    vc
      .range(1, 6, 1, 2)
      .zip(vc.parallelize(["a", "b", "c", "d", "e"], 2))
      .glom()
      .collect(),
);

program(
  "zip with another number of partitions is an error",
  `sc.parallelize(1 to 4, 2).zip(sc.parallelize(1 to 4, 4)).collect()`,
  (vc) =>
    vc
      .range(1, 5, 1, 2)
      .zip(vc.range(1, 5, 1, 4))
      .collect(),
);

program(
  "zip with as many rows, otherwise spread, is an error",
  `sc.parallelize(1 to 4, 2).zip(sc.parallelize(1 to 4, 2).mapPartitionsWithIndex((i, it) => if (i == 0) it.take(1) else it ++ Iterator(9))).collect()`,
  (vc) =>
    vc
      .range(1, 5, 1, 2)
      .zip(
        vc.range(1, 5, 1, 2).mapPartitionsWithIndex((i, rows) => {
          const all = [...rows];
          return i === 0 ? all.slice(0, 1) : [...all, 9];
        }),
      )
      .collect(),
);

program("zip with its own map", `val r = sc.parallelize(1 to 5, 3); r.zip(r.map(x => x * x)).collect()`, (vc) => {
  const r = vc.range(1, 6, 1, 3);
  return r.zip(r.map((x) => x * x)).collect();
});

program(
  "zipPartitions of four",
  `val a = sc.parallelize(1 to 4, 2); a.zipPartitions(a.map(_ * 10), a.filter(_ > 2), a.map(_.toString))((w, x, y, z) => Iterator((w.sum, x.sum, y.toList, z.mkString))).collect()`,
  (vc) => {
    const a = vc.range(1, 5, 1, 2);
    return a
      .zipPartitions(
        a.map((x) => x * 10),
        a.filter((x) => x > 2),
        a.map(String),
        (w, x, y, z) => [
          [[...w].reduce((s, n) => s + n, 0), [...x].reduce((s, n) => s + n, 0), [...y], [...z].join("")],
        ],
      )
      .collect();
  },
);

program(
  "zipPartitions that interleaves two iterators",
  `sc.parallelize(1 to 4, 2).zipPartitions(sc.parallelize(11 to 16, 2))((a, b) => a.flatMap(x => Iterator(x) ++ b.take(1))).glom().collect()`,
  (vc) =>
    vc
      .range(1, 5, 1, 2)
      .zipPartitions(vc.range(11, 17, 1, 2), (as, bs) => {
        const out: number[] = [];
        for (const a of as) {
          out.push(a);
          const next = bs.next();
          if (!next.done) out.push(next.value);
        }
        return out;
      })
      .glom()
      .collect(),
);

program(
  "zipPartitions of unequal numbers of partitions is an error",
  `sc.parallelize(1 to 4, 2).zipPartitions(sc.parallelize(1 to 4, 3))((a, b) => a).collect()`,
  (vc) =>
    vc
      .range(1, 5, 1, 2)
      .zipPartitions(vc.range(1, 5, 1, 3), (as, _bs) => as)
      .collect(),
);

program(
  "zipWithIndex over empty partitions",
  `sc.parallelize(Seq("a", "b", "c"), 7).zipWithIndex().glom().collect()`,
  (vc) => vc.parallelize(["a", "b", "c"], 7).zipWithIndex().glom().collect(),
);

program(
  "zipWithUniqueId over uneven partitions",
  `sc.parallelize(1 to 7, 3).filter(_ != 4).zipWithUniqueId().glom().collect()`,
  (vc) =>
    vc
      .range(1, 8, 1, 3)
      .filter((x) => x !== 4)
      .zipWithUniqueId()
      .glom()
      .collect(),
);

program(
  "zipWithIndex and zipWithUniqueId of the empty RDD",
  `Seq(sc.emptyRDD[Int].zipWithIndex().collect(), sc.emptyRDD[Int].zipWithUniqueId().collect())`,
  (vc) => Promise.all([vc.emptyRDD().zipWithIndex().collect(), vc.emptyRDD().zipWithUniqueId().collect()]),
);

program(
  "zipWithIndex after a sort is the rank",
  `sc.parallelize(Seq(30, 10, 20, 10), 3).sortBy(x => x).zipWithIndex().collect()`,
  (vc) =>
    vc
      .parallelize([30, 10, 20, 10], 3)
      .sortBy((x) => x)
      .zipWithIndex()
      .collect(),
);

program("sliding over partitions smaller than the window", `sc.parallelize(1 to 7, 7).sliding(4).collect()`, (vc) =>
  vc.range(1, 8, 1, 7).sliding(4).collect(),
);

program(
  "sliding with a step longer than the window",
  `sc.parallelize(1 to 10, 3).sliding(2, 3).glom().collect()`,
  (vc) => vc.range(1, 11, 1, 3).sliding(2, 3).glom().collect(),
);

program(
  "sliding with a step over empty partitions",
  `sc.parallelize(1 to 9, 4).filter(x => x > 4).sliding(3, 2).collect()`,
  (vc) =>
    vc
      .range(1, 10, 1, 4)
      .filter((x) => x > 4)
      .sliding(3, 2)
      .collect(),
);

program(
  "sliding: partitions and their rows",
  `val r = sc.parallelize(1 to 9, 4); Seq(r.sliding(3).glom().collect(), r.sliding(3).getNumPartitions, r.sliding(1).glom().collect(), r.sliding(5, 5).glom().collect())`,
  async (vc) => {
    const r = vc.range(1, 10, 1, 4);
    return [
      await r.sliding(3).glom().collect(),
      await r.sliding(3).getNumPartitions(),
      await r.sliding(1).glom().collect(),
      await r.sliding(5, 5).glom().collect(),
    ];
  },
);

program(
  "sliding over empty partitions: partitions and their rows",
  `val r = sc.parallelize(1 to 3, 6); Seq(r.sliding(2).glom().collect(), r.sliding(2).getNumPartitions, sc.parallelize(Seq.empty[Int], 3).sliding(2).glom().collect())`,
  async (vc) => {
    const r = vc.range(1, 4, 1, 6);
    return [
      await r.sliding(2).glom().collect(),
      await r.sliding(2).getNumPartitions(),
      await vc.parallelize([], 3).sliding(2).glom().collect(),
    ];
  },
);

program(
  "sliding with a window longer than everything",
  `Seq(sc.parallelize(1 to 3, 2).sliding(5).collect(), sc.emptyRDD[Int].sliding(2).collect())`,
  (vc) => Promise.all([vc.range(1, 4, 1, 2).sliding(5).collect(), vc.emptyRDD().sliding(2).collect()]),
);

program(
  "pipe gives lines, also of rows with line ends in them",
  `sc.parallelize(Seq("a b", "c\\nd", ""), 2).pipe("cat").collect()`,
  (vc) => vc.parallelize(["a b", "c\nd", ""], 2).pipe("cat").collect(),
);

program(
  "pipe of numbers, with arguments and empty partitions",
  `sc.parallelize(1 to 3, 5).pipe(Seq("sed", "s/^/n /")).glom().collect()`,
  (vc) => vc.range(1, 4, 1, 5).pipe(["sed", "s/^/n /"]).glom().collect(),
);

program(
  "pipe with a variable",
  `sc.parallelize(Seq("x"), 1).pipe(Seq("printenv", "VOLLEY_TEST"), Map("VOLLEY_TEST" -> "a  b")).collect()`,
  (vc) => vc.parallelize(["x"], 1).pipe(["printenv", "VOLLEY_TEST"], { VOLLEY_TEST: "a  b" }).collect(),
);

program(
  "pipe to a program that reads nothing",
  `sc.parallelize(1 to 100000, 1).map(_ => "long enough a line to fill a pipe").pipe(Seq("echo", "done")).collect()`,
  (vc) =>
    vc
      .range(0, 100000, 1, 1)
      .map(() => "long enough a line to fill a pipe")
      .pipe(["echo", "done"])
      .collect(),
);

program(
  "pipe with a status other than 0 is an error",
  `sc.parallelize(Seq("a"), 1).pipe(Seq("false")).collect()`,
  (vc) => vc.parallelize(["a"], 1).pipe(["false"]).collect(),
);

program(
  "pipe of a missing program is an error",
  `sc.parallelize(Seq("a"), 1).pipe(Seq("no-such-program-here")).collect()`,
  (vc) => vc.parallelize(["a"], 1).pipe(["no-such-program-here"]).collect(),
);

program(
  "pipe writes output without a last line end",
  `sc.parallelize(Seq("a"), 1).pipe(Seq("printf", "x\\ny")).collect()`,
  (vc) => vc.parallelize(["a"], 1).pipe(["printf", "x\ny"]).collect(),
);

program(
  "names and numbers of partitions in toDebugString",
  `val r = sc.parallelize(1 to 4, 3).setName("numbers").map(x => (x % 2, x)).reduceByKey(_ + _, 5)
   val s = r.toDebugString; Seq(s.startsWith("(5)"), s.contains("(3)"), s.contains("numbers"), s.contains("ShuffledRDD"), s.contains("ParallelCollectionRDD"))`,
  async (vc) => {
    const s = await vc
      .range(1, 5, 1, 3)
      .map((x) => x)
      .setName("numbers")
      .map((x): [number, number] => [x % 2, x])
      .reduceByKey((a, b) => a + b, 5)
      .toDebugString();
    return [s.startsWith("(5)"), s.includes("(3)"), s.includes("numbers"), s.includes("ShuffledRDD"), true];
  },
);
