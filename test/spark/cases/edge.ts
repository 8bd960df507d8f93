/** Rows and keys of every kind, empties, laziness, errors. */

import { HashPartitioner } from "volley";
import { area } from "../kit/area.ts";

export const { programs, program } = area("edge");

program(
  "null rows through everything",
  `val r = sc.parallelize(Seq[String](null, "a", null), 2); Seq[Any](r.collect().toSeq, r.filter(_ == null).count(), r.distinct().collect().toSet, r.map(x => (x, 1)).reduceByKey(_ + _).collectAsMap(), r.first(), r.take(2).toSeq, r.glom().collect().toSeq, r.zipWithIndex().collect().toSeq, r.countByValue(), r.coalesce(1).collect().toSeq, r.union(r).count())`,
  async (vc) => {
    const r = vc.parallelize<string | null>([null, "a", null], 2);
    return [
      await r.collect(),
      await r.filter((x) => x === null).count(),
      new Set(await r.distinct().collect()),
      await r
        .map((x): [string | null, number] => [x, 1])
        .reduceByKey((a, b) => a + b)
        .collectAsMap(),
      await r.first(),
      await r.take(2),
      await r.glom().collect(),
      await r.zipWithIndex().collect(),
      await r.countByValue(),
      await r.coalesce(1).collect(),
      await r.union(r).count(),
    ];
  },
);

program(
  "strings of every kind as rows, keys and sort keys",
  `val words = Seq("", " ", "a", "A", "ä", "日本", "\\ud83d\\ude00", "\\u0000", "a\\u0301", "\\ufeff", "\\n", "__proto__", "constructor", "1", "01"); val r = sc.parallelize(words ++ words, 4); Seq[Any](r.collect().toSeq, r.distinct().collect().toSet, r.map(w => (w, 1)).reduceByKey(_ + _).collectAsMap(), r.sortBy(w => w, true, 1).collect().toSeq, r.countByValue(), r.map(w => (w, w.length)).partitionBy(new HashPartitioner(3)).lookup("__proto__"))`,
  async (vc) => {
    const words = [
      "",
      " ",
      "a",
      "A",
      "ä",
      "日本",
      "😀",
      "\u0000",
      "a\u0301",
      "\ufeff",
      "\n",
      "__proto__",
      "constructor",
      "1",
      "01",
    ];
    const r = vc.parallelize([...words, ...words], 4);
    return [
      await r.collect(),
      new Set(await r.distinct().collect()),
      await r
        .map((w): [string, number] => [w, 1])
        .reduceByKey((a, b) => a + b)
        .collectAsMap(),
      await r.sortBy((w) => w, { numPartitions: 1 }).collect(),
      await r.countByValue(),
      await r
        .map((w): [string, number] => [w, w.length])
        .partitionBy(new HashPartitioner(3))
        .lookup("__proto__"),
    ];
  },
);

program(
  "numbers of every kind as rows and keys",
  `val xs = Seq(0.0, 1.5, -1.5, 1e308, -1e308, 5e-324, 9007199254740991.0, -9007199254740991.0, Double.PositiveInfinity, Double.NegativeInfinity, 0.1 + 0.2); val r = sc.parallelize(xs ++ xs, 4); Seq[Any](r.collect().toSeq, r.distinct().count(), r.map(x => (x, 1)).reduceByKey(_ + _).values.collect().toSeq, r.sortBy(x => x, false).collect().toSeq, r.max(), r.min())`,
  async (vc) => {
    const xs = [
      0,
      1.5,
      -1.5,
      1e308,
      -1e308,
      5e-324,
      9007199254740991,
      -9007199254740991,
      Infinity,
      -Infinity,
      0.1 + 0.2,
    ];
    const r = vc.parallelize([...xs, ...xs], 4);
    return [
      await r.collect(),
      await r.distinct().count(),
      await r
        .map((x): [number, number] => [x, 1])
        .reduceByKey((a, b) => a + b)
        .values()
        .collect(),
      await r.sortBy((x) => x, { ascending: false }).collect(),
      await r.max(),
      await r.min(),
    ];
  },
);

program(
  "bigints as rows, keys and sums",
  `val xs = Seq("0", "1", "-1", "9007199254740993", "-9007199254740993", "123456789012345678901234567890").map(BigInt(_)); val r = sc.parallelize(xs ++ xs, 3); Seq[Any](r.collect().toSeq, r.distinct().count(), r.map(x => (x, x)).reduceByKey(_ + _).collectAsMap(), r.reduce(_ + _), r.sortBy(x => x).collect().toSeq, r.max())`,
  async (vc) => {
    const xs = ["0", "1", "-1", "9007199254740993", "-9007199254740993", "123456789012345678901234567890"].map(BigInt);
    const r = vc.parallelize([...xs, ...xs], 3);
    return [
      await r.collect(),
      await r.distinct().count(),
      await r
        .map((x): [bigint, bigint] => [x, x])
        .reduceByKey((a, b) => a + b)
        .collectAsMap(),
      await r.reduce((a, b) => a + b),
      await r.sortBy((x) => x).collect(),
      await r.max(),
    ];
  },
);

program(
  "dates as rows and keys",
  `val r = sc.parallelize(Seq(0L, 86400000L, -1L, 0L, 253402300799999L), 2).map(m => Millis(m)); Seq[Any](r.collect().toSeq, r.distinct().count(), r.map(d => (d, 1)).reduceByKey(_ + _).values.collect().toSeq.sorted, r.sortBy(_.epoch).collect().toSeq)`,
  async (vc) => {
    const r = vc.parallelize([0, 86400000, -1, 0, 253402300799999], 2).map((m) => new Date(m));
    return [
      await r.collect(),
      await r.distinct().count(),
      (
        await r
          .map((d): [Date, number] => [d, 1])
          .reduceByKey((a, b) => a + b)
          .values()
          .collect()
      ).sort(),
      await r.sortBy((d) => d).collect(),
    ];
  },
);

program(
  "maps and sets as rows",
  `sc.parallelize(Seq(1, 2), 2).map(x => (Map(x -> Seq(x), 9 -> Seq()), Set(x, 5))).collect()`,
  (vc) =>
    vc
      .parallelize([1, 2], 2)
      .map((x) => [
        new Map<number, number[]>([
          [x, [x]],
          [9, []],
        ]),
        new Set([x, 5]),
      ])
      .collect(),
);

program(
  "objects as rows, keys and values",
  `val r = sc.parallelize(Seq(Obj("a" -> 1, "b" -> "x"), Obj("a" -> 2, "b" -> null), Obj("a" -> 1, "b" -> "x")), 3); Seq[Any](r.collect().toSeq, r.distinct().count(), r.map(o => (o, 1)).reduceByKey(_ + _).values.collect().toSeq.sorted, r.first())`,
  async (vc) => {
    const r = vc.parallelize<{ a: number; b: string | null }>(
      [
        { a: 1, b: "x" },
        { a: 2, b: null },
        { a: 1, b: "x" },
      ],
      3,
    );
    return [
      await r.collect(),
      await r.distinct().count(),
      (
        await r
          .map((o): [object, number] => [o, 1])
          .reduceByKey((a, b) => a + b)
          .values()
          .collect()
      ).sort(),
      await r.first(),
    ];
  },
);

program(
  "rows of many shapes in one partition",
  `sc.parallelize(Seq[Any](1, "a", null, Seq(1, "b"), true, 2.5, Seq(), Map("k" -> 1)), 1).map(x => x).collect()`,
  (vc) =>
    vc
      .parallelize([1, "a", null, [1, "b"], true, 2.5, [], new Map([["k", 1]])], 1)
      .map((x) => x)
      .collect(),
);

program(
  "rows of many shapes through a shuffle",
  `sc.parallelize(Seq[Any](1, "a", null, Seq(1, "b"), true, 2.5, Seq()), 3).map(x => (x, x)).groupByKey(2).mapValues(_.toSeq).collect()`,
  (vc) =>
    vc
      .parallelize([1, "a", null, [1, "b"], true, 2.5, []], 3)
      .map((x): [unknown, unknown] => [x, x])
      .groupByKey(2)
      .collect(),
  "multiset",
);

program(
  "long rows and long arrays",
  `val r = sc.parallelize(Seq(10, 100000), 2); Seq[Any](r.map(n => "x" * n).map(_.length).collect().toSeq, r.map(n => (0 until n).toArray).map(_.sum).collect().toSeq, r.map(n => "é" * n).groupBy(_.length).keys.collect().toSeq.sorted)`,
  async (vc) => {
    const r = vc.parallelize([10, 100000], 2);
    const sum = (a: readonly number[]) => a.reduce((x, y) => (x + y) | 0, 0);
    return [
      await r
        .map((n) => "x".repeat(n))
        .map((s) => s.length)
        .collect(),
      await r
        .map((n) => Array.from({ length: n }, (_, i) => i))
        .map(sum)
        .collect(),
      (
        await r
          .map((n) => "é".repeat(n))
          .groupBy((s) => s.length)
          .keys()
          .collect()
      ).sort((a, b) => a - b),
    ];
  },
);

program(
  "a shared row is not changed by a later step in another branch",
  `val r = sc.parallelize(Seq(Seq(1), Seq(2)), 1).cache(); val a = r.map(x => x :+ 9); Seq(a.collect().toSeq, r.collect().toSeq)`,
  async (vc) => {
    const r = vc.parallelize([[1], [2]], 1).cache();
    await r.count();
    const a = r.map((x) => {
      x.push(9);
      return x;
    });
    return [await a.collect(), await r.collect()];
  },
);

program(
  "empty partitions through every shuffle",
  `val r = sc.parallelize(Seq((1, "a")), 6); Seq[Any](r.reduceByKey(_ + _).glom().map(_.length).collect().sum, r.groupByKey(9).count(), r.join(r, 7).count(), r.sortByKey().count(), r.repartition(8).count(), r.distinct().count(), r.cogroup(r).count(), r.subtractByKey(r).count(), r.partitionBy(new HashPartitioner(5)).glom().count())`,
  async (vc) => {
    const r = vc.parallelize<[number, string]>([[1, "a"]], 6);
    return [
      await r
        .reduceByKey((a, b) => a + b)
        .glom()
        .map((rows) => rows.length)
        .sum(),
      await r.groupByKey(9).count(),
      await r.join(r, 7).count(),
      await r.sortByKey().count(),
      await r.repartition(8).count(),
      await r.distinct().count(),
      await r.cogroup(r).count(),
      await r.subtractByKey(r).count(),
      await r.partitionBy(new HashPartitioner(5)).glom().count(),
    ];
  },
);

for (const [what, scala] of [
  ["emptyRDD", "sc.emptyRDD[(Int, Int)]"],
  ["parallelize([])", "sc.parallelize(Seq.empty[(Int, Int)], 3)"],
  ["all filtered out", "sc.parallelize(Seq((1, 1), (2, 2)), 3).filter(_ => false)"],
] as const) {
  program(
    `numbers of partitions over ${what}`,
    `val e = ${scala}; val r = sc.parallelize(Seq((1, 1)), 2); Seq(e, e.map(x => x), e.reduceByKey(_ + _), e.groupByKey(4), e.join(r), r.join(e), e.union(r), e.cartesian(r), e.cogroup(e), e.distinct(), e.repartition(3), e.coalesce(2), e.subtractByKey(r), e.keys.zipWithIndex(), e.glom(), e.intersection(e), e.subtract(e), e.groupBy(_._1), e.leftOuterJoin(e)).map(_.getNumPartitions)`,
    (vc) => {
      type P = [number, number];
      const e =
        what === "emptyRDD"
          ? vc.emptyRDD<P>()
          : what === "parallelize([])"
            ? vc.parallelize<P>([], 3)
            : vc
                .parallelize<P>(
                  [
                    [1, 1],
                    [2, 2],
                  ],
                  3,
                )
                .filter(() => false);
      const r = vc.parallelize<P>([[1, 1]], 2);
      return Promise.all(
        [
          e,
          e.map((x) => x),
          e.reduceByKey((a, b) => a + b),
          e.groupByKey(4),
          e.join(r),
          r.join(e),
          e.union(r),
          e.cartesian(r),
          e.cogroup(e),
          e.distinct(),
          e.repartition(3),
          e.coalesce(2),
          e.subtractByKey(r),
          e.keys().zipWithIndex(),
          e.glom(),
          e.intersection(e),
          e.subtract(e),
          e.groupBy(([k]) => k),
          e.leftOuterJoin(e),
        ].map((x) => x.getNumPartitions()),
      );
    },
  );
}

program(
  "transformations with functions that fail are no errors before an action",
  `def boom[A](x: A): A = throw new Exception("boom"); val r = sc.parallelize(1 to 3, 2); r.map(boom); r.filter(x => boom(true)); r.flatMap(x => boom(Seq(x))); r.map(x => (boom(x), x)).reduceByKey(_ + _); r.groupBy(x => boom(x)); 1`,
  (vc) => {
    const boom = <A>(_: A): A => {
      throw new Error("boom");
    };
    const r = vc.range(1, 4, 1, 2);
    r.map(boom);
    r.filter(() => boom(true));
    r.flatMap((x) => boom([x]));
    r.map((x): [number, number] => [boom(x), x]).reduceByKey((a, b) => a + b);
    r.groupBy((x) => boom(x));
    return 1;
  },
);

for (const [what, scala, run] of [
  ["map", "r.map(x => boom(x)).collect()", 0],
  ["a combiner", "r.map(x => (1, x)).reduceByKey((a, b) => boom(a)).collect()", 1],
  ["a sort key", "r.sortBy(x => boom(x)).collect()", 2],
  ["a reduce", "r.reduce((a, b) => boom(a))", 3],
  ["an aggregate's merge", "r.aggregate(0)(_ + _, (a, b) => boom(a))", 4],
  ["foreachPartition", "r.foreachPartition(it => boom(1))", 5],
  ["mapPartitions, after some rows", "r.mapPartitions(it => it.map(x => if (x == 3) boom(x) else x)).count()", 6],
  ["a group key", "r.groupBy(x => boom(x)).count()", 7],
  ["a flatMapValues", "r.map(x => (x, x)).flatMapValues(x => boom(Seq(x))).count()", 8],
] as const) {
  program(
    `an error in ${what}`,
    `def boom[A](x: A): A = throw new Exception("boom"); val r = sc.parallelize(1 to 4, 2); ${scala}`,
    (vc) => {
      const boom = <A>(_: A): A => {
        throw new Error("boom");
      };
      const r = vc.range(1, 5, 1, 2);
      const runs: (() => unknown)[] = [
        () => r.map((x) => boom(x)).collect(),
        () =>
          r
            .map((x): [number, number] => [1, x])
            .reduceByKey((a) => boom(a))
            .collect(),
        () => r.sortBy((x) => boom(x)).collect(),
        () => r.reduce((a) => boom(a)),
        () =>
          r.aggregate(
            0,
            (a, b) => a + b,
            (a) => boom(a),
          ),
        () => r.foreachPartition(() => boom(1)),
        () => r.mapPartitions((rows) => [...rows].map((x) => (x === 3 ? boom(x) : x))).count(),
        () => r.groupBy((x) => boom(x)).count(),
        () =>
          r
            .map((x): [number, number] => [x, x])
            .flatMapValues((x) => boom([x]))
            .count(),
      ];
      return (runs[run] as () => unknown)();
    },
  );
}

program(
  "after an error the context goes on",
  `val failed = t.fails(sc.parallelize(1 to 4, 2).map(x => if (x == 4) throw new Exception("x") else x).collect()); Seq[Any](failed, sc.parallelize(1 to 4, 2).sum())`,
  async (vc, t) => [
    await t.fails(() =>
      vc
        .range(1, 5, 1, 2)
        .map((x) => {
          if (x === 4) throw new Error("x");
          return x;
        })
        .collect(),
    ),
    await vc.range(1, 5, 1, 2).sum(),
  ],
);

program(
  "functions run once a row, not more, in a chain",
  `val (a, b) = (sc.longAccumulator, sc.longAccumulator); sc.parallelize(1 to 10, 3).map { x => a.add(1); x }.filter(_ % 2 == 0).map { x => b.add(1); x }.count(); Seq(a.value, b.value)`,
  async (vc) => {
    const [a, b] = [vc.longAccumulator(), vc.longAccumulator()];
    await vc
      .range(1, 11, 1, 3)
      .map((x) => {
        a.add(1);
        return x;
      })
      .filter((x) => x % 2 === 0)
      .map((x) => {
        b.add(1);
        return x;
      })
      .count();
    return [a.value, b.value];
  },
);

program(
  "mapPartitions is lazy in its rows",
  `val a = sc.longAccumulator; sc.parallelize(1 to 100, 1).map { x => a.add(1); x }.mapPartitions(_.take(3)).collect(); a.value`,
  async (vc) => {
    const a = vc.longAccumulator();
    await vc
      .range(1, 101, 1, 1)
      .map((x) => {
        a.add(1);
        return x;
      })
      .mapPartitions(function* (rows) {
        let n = 0;
        for (const x of rows) {
          yield x;
          if (++n === 3) return;
        }
      })
      .collect();
    return a.value;
  },
);

program(
  "a captured variable is read when the action runs",
  `var k = 1; val r = sc.parallelize(1 to 3, 2).map(x => x * k); k = 10; val one = r.collect().toSeq; Seq(one)`,
  async (vc) => {
    let k = 1;
    const r = vc.range(1, 4, 1, 2).map((x) => x * k);
    k = 10;
    const one = await r.collect();
    return [one];
  },
);

program(
  "names, ids and dependencies",
  `val r = sc.parallelize(1 to 3, 2); val m = r.map(_ + 1).setName("mine"); Seq[Any](m.id > r.id, m.name, r.dependencies.length, m.dependencies.length, m.dependencies.head.rdd.id == r.id, m.map(x => (x, x)).groupByKey().dependencies.head.isInstanceOf[ShuffleDependency[_, _, _]], m.dependencies.head.isInstanceOf[NarrowDependency[_]])`,
  (vc) => {
    const r = vc.range(1, 4, 1, 2);
    const m = r.map((x) => x + 1).setName("mine");
    const grouped = m.map((x): [number, number] => [x, x]).groupByKey();
    return [
      m.id > r.id,
      m.name,
      r.dependencies.length,
      m.dependencies.length,
      m.dependencies[0]?.rdd.id === r.id,
      grouped.dependencies[0]?.kind === "shuffle",
      m.dependencies[0]?.kind === "narrow",
    ];
  },
);

program(
  "iterative loops over many small jobs",
  `var r = sc.parallelize(1 to 10, 2).map(x => (x % 3, x)); for (i <- 1 to 20) r = r.reduceByKey(_ + _).map { case (k, v) => (k, v % 97 + i) }; r.collect().toSeq.sorted`,
  async (vc, t) => {
    let r = vc.range(1, 11, 1, 2).map((x): [number, number] => [x % 3, x]);
    for (let i = 1; i <= 20; i++)
      r = r.reduceByKey((a, b) => a + b).map(([k, v]): [number, number] => [k, (v % 97) + i]);
    return t.sorted(await r.collect());
  },
);

program(
  "word count, sorted by count then word",
  `sc.parallelize(Seq("to be or not to be", "that is the question", "or not"), 2).flatMap(_.split(" ")).map((_, 1)).reduceByKey(_ + _).sortBy { case (w, n) => (-n, w) }.collect()`,
  (vc) =>
    vc
      .parallelize(["to be or not to be", "that is the question", "or not"], 2)
      .flatMap((line) => line.split(" "))
      .map((w): [string, number] => [w, 1])
      .reduceByKey((a, b) => a + b)
      .sortBy(([w, n]): [number, string] => [-n, w])
      .collect(),
);
