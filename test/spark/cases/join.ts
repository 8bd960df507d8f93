/** Joins, cogroups, and rows as sets. */

import { HashPartitioner, type RDD, type VolleyContext } from "volley";
import { area } from "../kit/area.ts";

export const { programs, program } = area("join");

type Left = [number, string];
const LEFT: Left[] = [
  [1, "a"],
  [2, "b"],
  [1, "c"],
  [3, "d"],
  [1, "a"],
];
const RIGHT: Left[] = [
  [1, "x"],
  [4, "y"],
  [1, "z"],
  [3, "w"],
];
const scala = (pairs: readonly Left[]) => `Seq(${pairs.map(([k, v]) => `(${k}, "${v}")`).join(", ")})`;

const KINDS = {
  join: (a: RDD<Left>, b: RDD<Left>) => a.join(b),
  leftOuterJoin: (a: RDD<Left>, b: RDD<Left>) => a.leftOuterJoin(b),
  rightOuterJoin: (a: RDD<Left>, b: RDD<Left>) => a.rightOuterJoin(b),
  fullOuterJoin: (a: RDD<Left>, b: RDD<Left>) => a.fullOuterJoin(b),
} as const;

function sides(vc: VolleyContext, place: string): [RDD<Left>, RDD<Left>] {
  const [a, b] = [vc.parallelize(LEFT, 3), vc.parallelize(RIGHT, 2)];
  const by = new HashPartitioner(2);
  if (place === "left placed") return [a.partitionBy(by), b];
  if (place === "both placed") return [a.partitionBy(by), b.partitionBy(by)];
  return [a, b];
}

for (const [kind, join] of Object.entries(KINDS)) {
  for (const place of ["spread", "left placed", "both placed"]) {
    const by = ".partitionBy(new HashPartitioner(2))";
    program(
      `${kind} with duplicates, ${place}`,
      `val a = sc.parallelize(${scala(LEFT)}, 3)${place === "spread" ? "" : by}; val b = sc.parallelize(${scala(RIGHT)}, 2)${place === "both placed" ? by : ""}; a.${kind}(b).collect()`,
      (vc) => join(...sides(vc, place)).collect(),
      "multiset",
    );
    program(
      `${kind}: partitions, ${place}`,
      `val a = sc.parallelize(${scala(LEFT)}, 3)${place === "spread" ? "" : by}; val b = sc.parallelize(${scala(RIGHT)}, 2)${place === "both placed" ? by : ""}; val j = a.${kind}(b); Seq(j.getNumPartitions, t.partitionerOf(j), t.partitionerOf(j.mapValues(_.toString)))`,
      async (vc, t) => {
        const j = join(...sides(vc, place));
        return [
          await j.getNumPartitions(),
          t.partitionerOf(j),
          t.partitionerOf((j as RDD<[number, unknown]>).mapValues(String)),
        ];
      },
    );
  }
  program(
    `${kind} with itself and with nothing`,
    `val a = sc.parallelize(${scala(LEFT)}, 3); Seq(a.${kind}(a).count(), a.${kind}(sc.parallelize(Seq.empty[(Int, String)], 2)).count(), sc.parallelize(Seq.empty[(Int, String)], 2).${kind}(a).count(), a.${kind}(a.filter(_._1 > 5)).getNumPartitions)`,
    async (vc) => {
      const a = vc.parallelize(LEFT, 3);
      const none = vc.parallelize<Left>([], 2);
      return [
        await join(a, a).count(),
        await join(a, none).count(),
        await join(none, a).count(),
        await join(
          a,
          a.filter(([k]) => k > 5),
        ).getNumPartitions(),
      ];
    },
  );
}

program(
  "order of a join's rows within a key",
  `sc.parallelize(${scala(LEFT)}, 1).join(sc.parallelize(${scala(RIGHT)}, 1)).filter(_._1 == 1).values.collect()`,
  (vc) =>
    vc
      .parallelize(LEFT, 1)
      .join(vc.parallelize(RIGHT, 1))
      .filter(([k]) => k === 1)
      .values()
      .collect(),
);

program(
  "order of a full outer join's rows within a key",
  `sc.parallelize(${scala(LEFT)}, 1).fullOuterJoin(sc.parallelize(${scala(RIGHT)}, 1)).filter(_._1 == 1).values.collect()`,
  (vc) =>
    vc
      .parallelize(LEFT, 1)
      .fullOuterJoin(vc.parallelize(RIGHT, 1))
      .filter(([k]) => k === 1)
      .values()
      .collect(),
);

program(
  "joins of null keys and null values",
  `val a = sc.parallelize(Seq((null, 1), ("k", 2)), 2); val b = sc.parallelize(Seq((null, "n"), ("k", null)), 2); Seq(a.join(b).collect().toSet, a.leftOuterJoin(b).collect().toSet, a.fullOuterJoin(b).collect().toSet)`,
  async (vc) => {
    const a = vc.parallelize<[string | null, number]>(
      [
        [null, 1],
        ["k", 2],
      ],
      2,
    );
    const b = vc.parallelize<[string | null, string | null]>(
      [
        [null, "n"],
        ["k", null],
      ],
      2,
    );
    return [
      new Set(await a.join(b).collect()),
      new Set(await a.leftOuterJoin(b).collect()),
      new Set(await a.fullOuterJoin(b).collect()),
    ];
  },
);

program(
  "joins by keys that are arrays in arrays",
  `val a = sc.parallelize(Seq(((1, Seq("x")), 1), ((1, Seq("y")), 2)), 2); a.join(a.mapValues(_ * 10)).collect()`,
  (vc) => {
    const a = vc.parallelize<[[number, string[]], number]>(
      [
        [[1, ["x"]], 1],
        [[1, ["y"]], 2],
      ],
      2,
    );
    return a.join(a.mapValues((v) => v * 10)).collect();
  },
  "multiset",
);

const COGROUPED =
  "val a = sc.parallelize(Seq((1, 1), (2, 2), (1, 3)), 2); val b = sc.parallelize(Seq((1, 10), (3, 30)), 3); val c = sc.parallelize(Seq((4, 400)), 1); val d = sc.parallelize(Seq((1, 1000), (1, 1001)), 1)";
const cogrouped = (
  vc: VolleyContext,
): [RDD<[number, number]>, RDD<[number, number]>, RDD<[number, number]>, RDD<[number, number]>] => [
  vc.parallelize<[number, number]>(
    [
      [1, 1],
      [2, 2],
      [1, 3],
    ],
    2,
  ),
  vc.parallelize<[number, number]>(
    [
      [1, 10],
      [3, 30],
    ],
    3,
  ),
  vc.parallelize<[number, number]>([[4, 400]], 1),
  vc.parallelize<[number, number]>(
    [
      [1, 1000],
      [1, 1001],
    ],
    1,
  ),
];
const up = (xs: number[]) => xs.sort((x, y) => x - y);

program(
  "cogroup of two",
  `${COGROUPED}; a.cogroup(b).mapValues { case (x, y) => (x.toSeq.sorted, y.toSeq.sorted) }.collectAsMap()`,
  (vc) => {
    const [a, b] = cogrouped(vc);
    return a
      .cogroup(b)
      .mapValues(([x, y]) => [up(x), up(y)])
      .collectAsMap();
  },
);

program(
  "cogroup of three, with a number of partitions",
  `${COGROUPED}; val g = a.cogroup(b, c, 5); Seq(g.mapValues { case (x, y, z) => (x.toSeq.sorted, y.toSeq.sorted, z.toSeq.sorted) }.collectAsMap(), g.getNumPartitions)`,
  async (vc) => {
    const [a, b, c] = cogrouped(vc);
    const g = a.cogroup(b, c, 5);
    return [await g.mapValues(([x, y, z]) => [up(x), up(y), up(z)]).collectAsMap(), await g.getNumPartitions()];
  },
);

program(
  "cogroup of four, and groupWith",
  `${COGROUPED}; Seq(a.cogroup(b, c, d), a.groupWith(b, c, d)).map(g => (g.mapValues { case (w, x, y, z) => (w.toSeq.sorted, x.toSeq.sorted, y.toSeq.sorted, z.toSeq.sorted) }.collectAsMap(), g.getNumPartitions, t.partitionerOf(g)))`,
  (vc, t) => {
    const [a, b, c, d] = cogrouped(vc);
    return Promise.all(
      [a.cogroup(b, c, d), a.groupWith(b, c, d)].map(async (g) => [
        await g.mapValues(([w, x, y, z]) => [up(w), up(x), up(y), up(z)]).collectAsMap(),
        await g.getNumPartitions(),
        t.partitionerOf(g),
      ]),
    );
  },
);

program(
  "cogroup with itself",
  `${COGROUPED}; a.cogroup(a, a).mapValues { case (x, y, z) => (x.toSeq.sorted, y.toSeq.sorted, z.toSeq.sorted) }.collectAsMap()`,
  (vc) => {
    const [a] = cogrouped(vc);
    return a
      .cogroup(a, a)
      .mapValues(([x, y, z]) => [up(x), up(y), up(z)])
      .collectAsMap();
  },
);

program(
  "subtractByKey with other kinds of values, numbers and partitioners",
  `val a = sc.parallelize(${scala(LEFT)}, 3); val b = sc.parallelize(Seq((1, 1.5)), 5); Seq(a.subtractByKey(b).collect().toSeq.sorted, a.subtractByKey(b).getNumPartitions, a.subtractByKey(b, 2).getNumPartitions, t.partitionerOf(a.subtractByKey(b)), a.subtractByKey(a).count(), a.subtractByKey(b.filter(_ => false)).count())`,
  async (vc, t) => {
    const a = vc.parallelize(LEFT, 3);
    const b = vc.parallelize<[number, number]>([[1, 1.5]], 5);
    const s = a.subtractByKey(b);
    return [
      t.sorted(await s.collect()),
      await s.getNumPartitions(),
      await a.subtractByKey(b, 2).getNumPartitions(),
      t.partitionerOf(s),
      await a.subtractByKey(a).count(),
      await a.subtractByKey(b.filter(() => false)).count(),
    ];
  },
);

program(
  "subtract keeps duplicates; numbers of partitions",
  `val a = sc.parallelize(Seq(1, 2, 2, 3, 3, 3), 3); val b = sc.parallelize(Seq(3, 4), 4); Seq(a.subtract(b).collect().toSeq.sorted, a.subtract(b).getNumPartitions, a.subtract(b, 5).getNumPartitions, b.subtract(a).collect().toSeq, a.subtract(a).count(), a.subtract(sc.emptyRDD[Int]).count(), t.partitionerOf(a.subtract(b)))`,
  async (vc, t) => {
    const [a, b] = [vc.parallelize([1, 2, 2, 3, 3, 3], 3), vc.parallelize([3, 4], 4)];
    return [
      up(await a.subtract(b).collect()),
      await a.subtract(b).getNumPartitions(),
      await a.subtract(b, 5).getNumPartitions(),
      await b.subtract(a).collect(),
      await a.subtract(a).count(),
      await a.subtract(vc.emptyRDD<number>()).count(),
      t.partitionerOf(a.subtract(b)),
    ];
  },
);

program(
  "intersection has each row once; numbers of partitions",
  `val a = sc.parallelize(Seq(1, 2, 2, 3), 3); val b = sc.parallelize(Seq(2, 2, 3, 5), 4); Seq(a.intersection(b).collect().toSeq.sorted, a.intersection(b).getNumPartitions, b.intersection(a).getNumPartitions, a.intersection(b, 7).getNumPartitions, a.intersection(a).count(), a.intersection(sc.emptyRDD[Int]).count(), t.partitionerOf(a.intersection(b)))`,
  async (vc, t) => {
    const [a, b] = [vc.parallelize([1, 2, 2, 3], 3), vc.parallelize([2, 2, 3, 5], 4)];
    return [
      up(await a.intersection(b).collect()),
      await a.intersection(b).getNumPartitions(),
      await b.intersection(a).getNumPartitions(),
      await a.intersection(b, 7).getNumPartitions(),
      await a.intersection(a).count(),
      await a.intersection(vc.emptyRDD<number>()).count(),
      t.partitionerOf(a.intersection(b)),
    ];
  },
);

program(
  "subtract and intersection of null and arrays",
  `val a = sc.parallelize(Seq(null, Seq(1), Seq(2)), 2); val b = sc.parallelize(Seq(null, Seq(2)), 2); Seq(a.subtract(b).collect(), a.intersection(b).collect().toSet)`,
  async (vc) => {
    const [a, b] = [vc.parallelize([null, [1], [2]], 2), vc.parallelize([null, [2]], 2)];
    return [await a.subtract(b).collect(), new Set(await a.intersection(b).collect())];
  },
);

program(
  "subtract where this side is placed by a partitioner of its rows' keys",
  `val a = sc.parallelize(${scala(LEFT)}, 3).partitionBy(new HashPartitioner(4)); Seq(a.subtract(sc.parallelize(Seq((1, "a")), 2)).collect().toSeq.sorted, a.subtract(sc.parallelize(Seq((1, "a")), 2)).getNumPartitions)`,
  async (vc, t) => {
    const a = vc.parallelize(LEFT, 3).partitionBy(new HashPartitioner(4));
    const s = a.subtract(vc.parallelize<Left>([[1, "a"]], 2));
    return [t.sorted(await s.collect()), await s.getNumPartitions()];
  },
);

program(
  "join chains of three keep one shuffle each where co-partitioned",
  `val by = new HashPartitioner(3); val a = sc.parallelize(${scala(LEFT)}, 2).partitionBy(by); val b = sc.parallelize(${scala(RIGHT)}, 2).partitionBy(by); val j = a.join(b).join(a); Seq(j.count(), t.partitionerOf(j), j.getNumPartitions)`,
  async (vc, t) => {
    const by = new HashPartitioner(3);
    const [a, b] = [vc.parallelize(LEFT, 2).partitionBy(by), vc.parallelize(RIGHT, 2).partitionBy(by)];
    const j = a.join(b).join(a);
    return [await j.count(), t.partitionerOf(j), await j.getNumPartitions()];
  },
);

program(
  "join of a sorted side takes its range partitioner",
  `val s = sc.parallelize((0 until 60).map(i => (i, i)), 3).sortByKey(); val j = s.join(sc.parallelize((0 until 60 by 7).map(i => (i, "x")), 2)); Seq(j.keys.collect().toSeq.sorted, j.getNumPartitions, t.partitionerOf(j))`,
  async (vc, t) => {
    const s = vc
      .range(0, 60, 1, 3)
      .map((i): [number, number] => [i, i])
      .sortByKey();
    const j = s.join(vc.range(0, 60, 7, 2).map((i): [number, string] => [i, "x"]));
    return [up(await j.keys().collect()), await j.getNumPartitions(), t.partitionerOf(j)];
  },
);
