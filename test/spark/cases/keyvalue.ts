/** Pairs: values of one key together, and what is asked of keys. */

import { HashPartitioner } from "volley";
import { area } from "../kit/area.ts";

export const { programs, program } = area("keyvalue");

type Pair = [string, number];
const PAIRS: Pair[] = [
  ["a", 1],
  ["b", 2],
  ["a", 3],
  ["c", 4],
  ["b", 5],
  ["a", 6],
  ["d", 7],
];
const SCALA = `Seq(${PAIRS.map(([k, v]) => `("${k}", ${v})`).join(", ")})`;

for (const slices of [1, 3, 9]) {
  program(
    `sums, lists and counts by key in ${slices}`,
    `val r = sc.parallelize(${SCALA}, ${slices}); Seq(r.reduceByKey(_ + _).collectAsMap(), r.groupByKey().mapValues(_.toSeq.sorted).collectAsMap(), r.countByKey(), r.reduceByKeyLocally(_ * _), r.foldByKey(10)(_ max _).collectAsMap())`,
    async (vc) => {
      const r = vc.parallelize(PAIRS, slices);
      return [
        await r.reduceByKey((a, b) => a + b).collectAsMap(),
        await r
          .groupByKey()
          .mapValues((vs) => vs.sort((a, b) => a - b))
          .collectAsMap(),
        await r.countByKey(),
        await r.reduceByKeyLocally((a, b) => a * b),
        await r.foldByKey(10, Math.max).collectAsMap(),
      ];
    },
  );
  program(
    `zeros by key count once a key and partition, in ${slices}`,
    `val r = sc.parallelize(${SCALA}, ${slices}); Seq(r.foldByKey(100)(_ + _).collectAsMap(), r.aggregateByKey(100)(_ + _, _ + _).collectAsMap(), r.aggregateByKey("z")((s, v) => s + v, (x, y) => x + "|" + y).mapValues(_.count(_ == 'z')).collectAsMap())`,
    async (vc) => {
      const r = vc.parallelize(PAIRS, slices);
      return [
        await r.foldByKey(100, (a, b) => a + b).collectAsMap(),
        await r
          .aggregateByKey(
            100,
            (a, b) => a + b,
            (a, b) => a + b,
          )
          .collectAsMap(),
        await r
          .aggregateByKey(
            "z",
            (s, v) => s + v,
            (x, y) => `${x}|${y}`,
          )
          .mapValues((s) => s.split("z").length - 1)
          .collectAsMap(),
      ];
    },
  );
}

program(
  "zeros by key where the partitioner is known already",
  `val r = sc.parallelize(${SCALA}, 3).partitionBy(new HashPartitioner(2)); Seq(r.foldByKey(100)(_ + _).collectAsMap(), r.aggregateByKey(100)(_ + _, _ + _).collectAsMap(), r.combineByKey((v: Int) => Seq(v), (c: Seq[Int], v: Int) => c :+ v, (x: Seq[Int], y: Seq[Int]) => x ++ y).mapValues(_.sorted).collectAsMap())`,
  async (vc) => {
    const r = vc.parallelize(PAIRS, 3).partitionBy(new HashPartitioner(2));
    return [
      await r.foldByKey(100, (a, b) => a + b).collectAsMap(),
      await r
        .aggregateByKey(
          100,
          (a, b) => a + b,
          (a, b) => a + b,
        )
        .collectAsMap(),
      await r
        .combineByKey(
          (v): number[] => [v],
          (c, v) => [...c, v],
          (x, y) => [...x, ...y],
        )
        .mapValues((c) => c.sort())
        .collectAsMap(),
    ];
  },
);

program(
  "combineByKey without combining before the shuffle: combiners are never merged",
  `sc.parallelize(${SCALA}, 3).combineByKey((v: Int) => Seq(v), (c: Seq[Int], v: Int) => c :+ v, (x: Seq[Int], y: Seq[Int]) => throw new Exception("merged"), new HashPartitioner(2), mapSideCombine = false).mapValues(_.sorted).collectAsMap()`,
  async (vc) =>
    vc
      .parallelize(PAIRS, 3)
      .combineByKey(
        (v): number[] => [v],
        (c, v) => [...c, v],
        (): number[] => {
          throw new Error("merged");
        },
        new HashPartitioner(2),
        false,
      )
      .mapValues((c) => c.sort())
      .collectAsMap(),
);

program(
  "reduceByKey calls the function never for keys with one value",
  `sc.parallelize(Seq(("a", 1), ("b", 2)), 2).reduceByKey((a, b) => throw new Exception("called")).collectAsMap()`,
  async (vc) =>
    vc
      .parallelize<Pair>(
        [
          ["a", 1],
          ["b", 2],
        ],
        2,
      )
      .reduceByKey((): number => {
        throw new Error("called");
      })
      .collectAsMap(),
);

program(
  "reduceByKey with a function that is not commutative, in one partition",
  `sc.parallelize(${SCALA}.map { case (k, v) => (k, v.toString) }, 1).reduceByKey(_ + _).collectAsMap()`,
  async (vc) =>
    vc
      .parallelize(PAIRS, 1)
      .mapValues(String)
      .reduceByKey((a, b) => a + b)
      .collectAsMap(),
);

program(
  "groupByKey in one partition keeps the order of values",
  `sc.parallelize(${SCALA}, 1).groupByKey().mapValues(_.toSeq).collectAsMap()`,
  async (vc) => vc.parallelize(PAIRS, 1).groupByKey().collectAsMap(),
);

program(
  "groupBy with a null key and with nested keys",
  `val r = sc.parallelize(1 to 8, 3); Seq(r.groupBy(x => if (x % 3 == 0) null else "k").mapValues(_.toSeq.sorted).collectAsMap(), r.groupBy(x => (x % 2, Seq(x % 3))).mapValues(_.toSeq.sorted).collectAsMap())`,
  async (vc) => {
    const r = vc.range(1, 9, 1, 3);
    const up = (vs: number[]) => vs.sort((a, b) => a - b);
    return [
      await r
        .groupBy((x) => (x % 3 === 0 ? null : "k"))
        .mapValues(up)
        .collectAsMap(),
      await r
        .groupBy((x) => [x % 2, [x % 3]])
        .mapValues(up)
        .collectAsMap(),
    ];
  },
);

program(
  "groupBy: number of partitions and partitioner",
  `val r = sc.parallelize(1 to 8, 3); Seq(r.groupBy(_ % 2), r.groupBy((x: Int) => x % 2, 5), r.groupBy((x: Int) => x % 2, new HashPartitioner(4))).map(g => (g.getNumPartitions, t.partitionerOf(g)))`,
  (vc, t) => {
    const r = vc.range(1, 9, 1, 3);
    const even = (x: number) => x % 2;
    // Where nobody gives a number, Volley's partitioner is known once partitions are asked for.
    return Promise.all(
      [r.groupBy(even), r.groupBy(even, 5), r.groupBy(even, new HashPartitioner(4))].map(async (g) => [
        await g.getNumPartitions(),
        t.partitionerOf(g),
      ]),
    );
  },
);

program(
  "mapValues, flatMapValues, keys, values keep order, partitions and what they should of partitioners",
  `val r = sc.parallelize(${SCALA}, 3); val p = r.partitionBy(new HashPartitioner(2))
   Seq(r.mapValues(_ * 2).glom().collect(), r.flatMapValues(v => Seq.fill(v % 3)(v)).glom().collect(), r.keys.glom().collect(), r.values.glom().collect(),
     Seq(p.mapValues(_ * 2), p.flatMapValues(v => Seq(v)), p.keys, p.values, p.filter(_ => true), p.sample(false, 0.5, 1)).map(t.partitionerOf))`,
  async (vc, t) => {
    const r = vc.parallelize(PAIRS, 3);
    const p = r.partitionBy(new HashPartitioner(2));
    return [
      await r
        .mapValues((v) => v * 2)
        .glom()
        .collect(),
      await r
        .flatMapValues((v) => Array<number>(v % 3).fill(v))
        .glom()
        .collect(),
      await r.keys().glom().collect(),
      await r.values().glom().collect(),
      [
        p.mapValues((v) => v * 2),
        p.flatMapValues((v) => [v]),
        p.keys(),
        p.values(),
        p.filter(() => true),
        p.sample(false, 0.5, 1),
      ].map((x) => t.partitionerOf(x)),
    ];
  },
);

program(
  "flatMapValues of strings and of nothing",
  `sc.parallelize(Seq(("a", "xy"), ("b", ""), ("c", "z")), 2).flatMapValues(s => s).glom().collect()`,
  (vc) =>
    vc
      .parallelize<[string, string]>(
        [
          ["a", "xy"],
          ["b", ""],
          ["c", "z"],
        ],
        2,
      )
      .flatMapValues((s) => s)
      .glom()
      .collect(),
);

program(
  "lookup with and without a partitioner, of keys that are not there",
  `val r = sc.parallelize(${SCALA}, 3); val p = r.partitionBy(new HashPartitioner(4)); val s = r.sortByKey()
   Seq(r.lookup("a"), r.lookup("z"), p.lookup("a").sorted, p.lookup("z"), s.lookup("a").sorted, s.lookup("z"), s.lookup(""))`,
  async (vc) => {
    const r = vc.parallelize(PAIRS, 3);
    const [p, s] = [r.partitionBy(new HashPartitioner(4)), r.sortByKey()];
    const up = (vs: number[]) => vs.sort((a, b) => a - b);
    return [
      await r.lookup("a"),
      await r.lookup("z"),
      up(await p.lookup("a")),
      await p.lookup("z"),
      up(await s.lookup("a")),
      await s.lookup("z"),
      await s.lookup(""),
    ];
  },
);

program(
  "lookup of arrays, null and negative numbers",
  `val r = sc.parallelize(Seq((Seq(1, 2), "x"), (Seq(1), "y"), (null, "n")), 2); Seq(r.lookup(Seq(1, 2)), r.lookup(null), r.partitionBy(new HashPartitioner(3)).lookup(null), sc.parallelize(Seq((-1, "m")), 1).partitionBy(new HashPartitioner(3)).lookup(-1))`,
  async (vc) => {
    const r = vc.parallelize<[number[] | null, string]>(
      [
        [[1, 2], "x"],
        [[1], "y"],
        [null, "n"],
      ],
      2,
    );
    return [
      await r.lookup([1, 2]),
      await r.lookup(null),
      await r.partitionBy(new HashPartitioner(3)).lookup(null),
      await vc
        .parallelize<[number, string]>([[-1, "m"]], 1)
        .partitionBy(new HashPartitioner(3))
        .lookup(-1),
    ];
  },
);

program(
  "collectAsMap keeps the last of equal keys",
  `Seq(sc.parallelize(Seq((1, "a"), (2, "b"), (1, "c")), 3).collectAsMap(), sc.parallelize(Seq.empty[(Int, Int)], 2).collectAsMap())`,
  async (vc) => [
    await vc
      .parallelize<[number, string]>(
        [
          [1, "a"],
          [2, "b"],
          [1, "c"],
        ],
        3,
      )
      .collectAsMap(),
    await vc.parallelize<[number, number]>([], 2).collectAsMap(),
  ],
);

program(
  "countByKey and countByValue with null, arrays and mixed numbers",
  `Seq(sc.parallelize(Seq((null, 1), ("a", 2), (null, 3)), 2).countByKey(), sc.parallelize(Seq(Seq(1), Seq(2), Seq(1)), 3).countByValue(), sc.parallelize(Seq(1.0, 2.0, 1.0), 2).countByValue())`,
  async (vc) => [
    await vc
      .parallelize<[string | null, number]>(
        [
          [null, 1],
          ["a", 2],
          [null, 3],
        ],
        2,
      )
      .countByKey(),
    await vc.parallelize([[1], [2], [1]], 3).countByValue(),
    await vc.parallelize([1, 2, 1], 2).countByValue(),
  ],
);

program(
  "distinct of pairs, null and arrays",
  `Seq(sc.parallelize(${SCALA} ++ ${SCALA}, 3).distinct().collect().length, sc.parallelize(Seq(null, "a", null, "b", "a"), 2).distinct().count(), sc.parallelize(Seq(Seq(1, 2), Seq(1, 2), Seq(2, 1)), 2).distinct().count(), sc.parallelize(Seq.empty[Int], 2).distinct().getNumPartitions)`,
  async (vc) => [
    (
      await vc
        .parallelize([...PAIRS, ...PAIRS], 3)
        .distinct()
        .collect()
    ).length,
    await vc.parallelize([null, "a", null, "b", "a"], 2).distinct().count(),
    await vc
      .parallelize(
        [
          [1, 2],
          [1, 2],
          [2, 1],
        ],
        2,
      )
      .distinct()
      .count(),
    await vc.parallelize([], 2).distinct().getNumPartitions(),
  ],
);

program(
  "distinct keeps the partitioner at the same number only",
  `val p = sc.parallelize(${SCALA}, 3).partitionBy(new HashPartitioner(4)); Seq(p.distinct(), p.distinct(4), p.distinct(3), sc.parallelize(1 to 4, 2).distinct(2)).map(r => (r.getNumPartitions, t.partitionerOf(r)))`,
  (vc, t) => {
    const p = vc.parallelize(PAIRS, 3).partitionBy(new HashPartitioner(4));
    return Promise.all(
      [p.distinct(), p.distinct(4), p.distinct(3), vc.range(1, 5, 1, 2).distinct(2)].map(async (r) => [
        await r.getNumPartitions(),
        t.partitionerOf(r),
      ]),
    );
  },
);

program(
  "partitionBy keeps rows of a key together and in order",
  `val g = sc.parallelize(${SCALA}, 1).partitionBy(new HashPartitioner(3)).glom().collect(); Seq(g.length, g.flatten.filter(_._1 == "a").map(_._2), g.count(_.exists(_._1 == "a")))`,
  async (vc) => {
    const g = await vc.parallelize(PAIRS, 1).partitionBy(new HashPartitioner(3)).glom().collect();
    return [
      g.length,
      g
        .flat()
        .filter(([k]) => k === "a")
        .map(([, v]) => v),
      g.filter((rows) => rows.some(([k]) => k === "a")).length,
    ];
  },
);

program(
  "partitionBy twice by an equal partitioner shuffles once",
  `val p = sc.parallelize(${SCALA}, 2).partitionBy(new HashPartitioner(3)); Seq(p.partitionBy(new HashPartitioner(3)).toDebugString.split("ShuffledRDD").length, p.partitionBy(new HashPartitioner(2)).toDebugString.split("ShuffledRDD").length)`,
  async (vc) => {
    const p = vc.parallelize(PAIRS, 2).partitionBy(new HashPartitioner(3));
    return Promise.all(
      [3, 2].map(
        async (n) => (await p.partitionBy(new HashPartitioner(n)).toDebugString()).split("ShuffledRDD").length,
      ),
    );
  },
);

program(
  "a user's partitioner in every operator that takes one",
  `val r = sc.parallelize((0 until 12).map(i => (i, i)), 3); val p = new ByModulo(4)
   Seq(r.partitionBy(p).keys.glom().collect().map(_.sorted), r.reduceByKey(p, _ + _).keys.glom().collect().map(_.sorted), r.groupByKey(p).keys.glom().collect().map(_.sorted), r.join(r, p).keys.glom().collect().map(_.sorted),
     r.cogroup(r, p).keys.glom().collect().map(_.sorted), r.subtractByKey(r.filter(_._1 < 6), p).keys.glom().collect().map(_.sorted), r.aggregateByKey(0, p)(_ + _, _ + _).keys.glom().collect().map(_.sorted), r.foldByKey(0, p)(_ + _).keys.glom().collect().map(_.sorted),
     r.leftOuterJoin(r, p).keys.glom().collect().map(_.sorted), r.fullOuterJoin(r, p).keys.glom().collect().map(_.sorted))`,
  async (vc) => {
    const { ByModulo } = await import("../kit/partitioners.ts");
    const r = vc.range(0, 12, 1, 3).map((i): [number, number] => [i, i]);
    const p = new ByModulo(4);
    const plus = (a: number, b: number) => a + b;
    return Promise.all(
      [
        r.partitionBy(p).keys(),
        r.reduceByKey(plus, p).keys(),
        r.groupByKey(p).keys(),
        r.join(r, p).keys(),
        r.cogroup(r, p).keys(),
        r
          .subtractByKey(
            r.filter(([k]) => k < 6),
            p,
          )
          .keys(),
        r.aggregateByKey(0, plus, plus, p).keys(),
        r.foldByKey(0, plus, p).keys(),
        r.leftOuterJoin(r, p).keys(),
        r.fullOuterJoin(r, p).keys(),
      ].map(async (keys) => (await keys.glom().collect()).map((part) => part.sort((a, b) => a - b))),
    );
  },
);

program(
  "a user's partitioner with an equality saves a shuffle, one without does not",
  `val r = sc.parallelize((0 until 12).map(i => (i, i)), 3)
   Seq(r.partitionBy(new ByModulo(4)).reduceByKey(new ByModulo(4), _ + _), r.partitionBy(new EqualByModulo(4)).reduceByKey(new EqualByModulo(4), _ + _)).map(_.toDebugString.split("ShuffledRDD").length)`,
  async (vc) => {
    const { ByModulo, EqualByModulo } = await import("../kit/partitioners.ts");
    const r = vc.range(0, 12, 1, 3).map((i): [number, number] => [i, i]);
    const plus = (a: number, b: number) => a + b;
    const texts = await Promise.all([
      r.partitionBy(new ByModulo(4)).reduceByKey(plus, new ByModulo(4)).toDebugString(),
      r.partitionBy(new EqualByModulo(4)).reduceByKey(plus, new EqualByModulo(4)).toDebugString(),
    ]);
    return texts.map((text) => text.split("ShuffledRDD").length);
  },
);

program(
  "a partitioner that gives no partition of its own is an error",
  `sc.parallelize(Seq((5, 1), (-3, 1)), 2).partitionBy(new Partitioner { def numPartitions = 2; def getPartition(k: Any) = k.asInstanceOf[Int] }).collect()`,
  async (vc) => {
    const { ByItself } = await import("../kit/partitioners.ts");
    return vc
      .parallelize<[number, number]>(
        [
          [5, 1],
          [-3, 1],
        ],
        2,
      )
      .partitionBy(new ByItself(2))
      .collect();
  },
);

program(
  "HashPartitioner: equality and refusal",
  `Seq(new HashPartitioner(3) == new HashPartitioner(3), new HashPartitioner(3) == new HashPartitioner(4), t.fails(new HashPartitioner(-1)))`,
  async (_vc, t) => [
    new HashPartitioner(3).equals(new HashPartitioner(3)),
    new HashPartitioner(3).equals(new HashPartitioner(4)),
    await t.fails(() => new HashPartitioner(-1)),
  ],
);

program(
  "countApproxDistinctByKey of few values is exact",
  `sc.parallelize((1 to 30).map(i => (i % 3, i % (i % 3 + 2))), 4).countApproxDistinctByKey(0.01).collectAsMap()`,
  async (vc) =>
    vc
      .range(1, 31, 1, 4)
      .map((i): [number, number] => [i % 3, i % ((i % 3) + 2)])
      .countApproxDistinctByKey(0.01)
      .collectAsMap(),
);

program("reduceByKeyLocally of nothing", `sc.parallelize(Seq.empty[(Int, Int)], 3).reduceByKeyLocally(_ + _)`, (vc) =>
  vc.parallelize<[number, number]>([], 3).reduceByKeyLocally((a, b) => a + b),
);

program(
  "mapSide results with mutable zeros do not mix",
  `sc.parallelize(${SCALA}, 2).aggregateByKey(scala.collection.mutable.ArrayBuffer.empty[Int])((l, v) => { l += v; l }, (a, b) => { a ++= b; a }).mapValues(_.sorted.toSeq).collectAsMap()`,
  async (vc) =>
    vc
      .parallelize(PAIRS, 2)
      .aggregateByKey(
        [] as number[],
        (l, v) => {
          l.push(v);
          return l;
        },
        (a, b) => {
          a.push(...b);
          return a;
        },
      )
      .mapValues((l) => l.sort((a, b) => a - b))
      .collectAsMap(),
);

program(
  "keyBy then groupByKey of two levels",
  `sc.parallelize(1 to 20, 3).keyBy(_ % 4).groupByKey().mapValues(_.groupBy(_ % 3).map { case (k, vs) => (k, vs.toSeq.sorted) }.toSeq.sortBy(_._1)).sortByKey().collect()`,
  (vc) =>
    vc
      .range(1, 21, 1, 3)
      .keyBy((x) => x % 4)
      .groupByKey()
      .mapValues((vs) =>
        [0, 1, 2]
          .map((k): [number, number[]] => [k, vs.filter((x) => x % 3 === k).sort((a, b) => a - b)])
          .filter(([, g]) => g.length > 0),
      )
      .sortByKey()
      .collect(),
);
