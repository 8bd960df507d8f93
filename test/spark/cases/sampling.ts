/** Random samples: what holds whatever the generator draws. */

import { HashPartitioner } from "volley";
import { area } from "../kit/area.ts";

export const { programs, program } = area("sampling");

for (const fraction of [0, 0.1, 0.5, 1]) {
  for (const withReplacement of [false, true]) {
    program(
      `sample(${withReplacement}, ${fraction}): rows, order, repeatability`,
      `val r = sc.parallelize(0 until 2000, 4).sample(${withReplacement}, ${fraction}, 11); val s = r.collect().toSeq; Seq(s == r.collect().toSeq, s == s.sorted, s.distinct.length == s.length || ${withReplacement}, math.abs(s.length - ${fraction * 2000}) <= 150, r.getNumPartitions)`,
      async (vc) => {
        const r = vc.range(0, 2000, 1, 4).sample(withReplacement, fraction, 11);
        const s = await r.collect();
        const again = await r.collect();
        return [
          JSON.stringify(s) === JSON.stringify(again),
          s.every((x, i) => i === 0 || x >= (s[i - 1] as number)),
          new Set(s).size === s.length || withReplacement,
          Math.abs(s.length - fraction * 2000) <= 150,
          await r.getNumPartitions(),
        ];
      },
    );
  }
}

program(
  "sample with replacement above 1",
  `val n = sc.parallelize(0 until 1000, 3).sample(true, 3.0, 5).count(); n > 2500 && n < 3500`,
  async (vc) => {
    const n = await vc.range(0, 1000, 1, 3).sample(true, 3, 5).count();
    return n > 2500 && n < 3500;
  },
);
program("sample with a negative fraction", `sc.parallelize(0 until 10, 2).sample(false, -0.1).collect()`, async (vc) =>
  vc.range(0, 10, 1, 2).sample(false, -0.1).collect(),
);
program(
  "sample without replacement above 1",
  `sc.parallelize(0 until 10, 2).sample(false, 1.5).collect()`,
  async (vc) => vc.range(0, 10, 1, 2).sample(false, 1.5).collect(),
);
program(
  "sample: another seed, another sample; partitioner kept",
  `val r = sc.parallelize(0 until 1000, 3); Seq(r.sample(false, 0.5, 1).collect().toSeq == r.sample(false, 0.5, 2).collect().toSeq, t.partitionerOf(r.map(x => (x, x)).partitionBy(new HashPartitioner(3)).sample(false, 0.5, 1)))`,
  async (vc, t) => {
    const r = vc.range(0, 1000, 1, 3);
    const [a, b] = [await r.sample(false, 0.5, 1).collect(), await r.sample(false, 0.5, 2).collect()];
    return [
      JSON.stringify(a) === JSON.stringify(b),
      t.partitionerOf(
        r
          .map((x): [number, number] => [x, x])
          .partitionBy(new HashPartitioner(3))
          .sample(false, 0.5, 1),
      ),
    ];
  },
);

for (const n of [0, 1, 5, 20, 25]) {
  for (const withReplacement of [false, true]) {
    program(
      `takeSample(${withReplacement}, ${n}) of 20`,
      `val r = sc.parallelize(0 until 20, 4); val s = r.takeSample(${withReplacement}, ${n}, 3).toSeq; Seq(s.length, s.forall(x => x >= 0 && x < 20), s.distinct.length == s.length || ${withReplacement}, s == r.takeSample(${withReplacement}, ${n}, 3).toSeq)`,
      async (vc) => {
        const r = vc.range(0, 20, 1, 4);
        const s = await r.takeSample(withReplacement, n, 3);
        const again = await r.takeSample(withReplacement, n, 3);
        return [
          s.length,
          s.every((x) => x >= 0 && x < 20),
          new Set(s).size === s.length || withReplacement,
          JSON.stringify(s) === JSON.stringify(again),
        ];
      },
    );
  }
}

program(
  "takeSample of nothing, and of a negative number",
  `Seq(sc.parallelize(Seq.empty[Int], 3).takeSample(true, 4).length, sc.emptyRDD[Int].takeSample(false, 4).length, t.fails(sc.parallelize(0 until 3, 1).takeSample(false, -1)))`,
  async (vc, t) => [
    (await vc.parallelize([], 3).takeSample(true, 4)).length,
    (await vc.emptyRDD().takeSample(false, 4)).length,
    await t.fails(() => vc.range(0, 3, 1, 1).takeSample(false, -1)),
  ],
);

for (const weights of [[1], [1, 1], [0.2, 0.8], [3, 1, 6], [1, 0], [0, 1, 0]]) {
  program(
    `randomSplit by ${weights.join(" ")}: each row once, sizes about right`,
    `val parts = sc.parallelize(0 until 3000, 5).randomSplit(Array[Double](${weights.join(", ")}), 17).map(_.collect().toSeq); val sum = ${weights.reduce((a, b) => a + b)}d
     Seq(parts.flatten.sorted.toSeq == (0 until 3000), parts.zip(Seq[Double](${weights.join(", ")})).map { case (p, w) => math.abs(p.length - 3000 * w / sum) < 200 }.toSeq, parts.map(p => p == p.sorted).toSeq)`,
    async (vc) => {
      const parts = await Promise.all(
        vc
          .range(0, 3000, 1, 5)
          .randomSplit(weights, 17)
          .map((r) => r.collect()),
      );
      const sum = weights.reduce((a, b) => a + b);
      const all = parts.flat().sort((a, b) => a - b);
      return [
        all.length === 3000 && all.every((x, i) => x === i),
        parts.map((p, i) => Math.abs(p.length - (3000 * (weights[i] as number)) / sum) < 200),
        parts.map((p) => p.every((x, i) => i === 0 || x > (p[i - 1] as number))),
      ];
    },
  );
}

program(
  "randomSplit by weights of sum 0",
  `sc.parallelize(0 until 10, 2).randomSplit(Array(0.0, 0.0)).length`,
  async (vc) => vc.range(0, 10, 1, 2).randomSplit([0, 0]).length,
);

program(
  "sampleByKey: keys with 0, 0.5 and 1",
  `val c = sc.parallelize(0 until 3000, 4).map(i => (i % 3, i)).sampleByKey(false, Map(0 -> 0.0, 1 -> 0.5, 2 -> 1.0), 5).countByKey(); Seq(c.contains(0), math.abs(c(1) - 500) < 100, c(2))`,
  async (vc) => {
    const c = await vc
      .range(0, 3000, 1, 4)
      .map((i): [number, number] => [i % 3, i])
      .sampleByKey(
        false,
        new Map([
          [0, 0],
          [1, 0.5],
          [2, 1],
        ]),
        5,
      )
      .countByKey();
    return [c.has(0), Math.abs((c.get(1) as number) - 500) < 100, c.get(2)];
  },
);

program(
  "sampleByKeyExact: ceil(fraction * n) of each key",
  `val r = sc.parallelize(0 until 100, 4).map(i => (i % 3, i)); Seq(r.sampleByKeyExact(false, Map(0 -> 0.1, 1 -> 0.5, 2 -> 1.0), 5).countByKey(), r.sampleByKeyExact(true, Map(0 -> 0.1, 1 -> 0.5, 2 -> 1.0), 5).countByKey())`,
  async (vc) => {
    const r = vc.range(0, 100, 1, 4).map((i): [number, number] => [i % 3, i]);
    const fractions = new Map([
      [0, 0.1],
      [1, 0.5],
      [2, 1],
    ]);
    return [
      await r.sampleByKeyExact(false, fractions, 5).countByKey(),
      await r.sampleByKeyExact(true, fractions, 5).countByKey(),
    ];
  },
);

program(
  "sampleByKey: a key without a fraction is an error, a negative fraction too",
  `val r = sc.parallelize(Seq((1, 1), (2, 2)), 2); Seq(t.fails(r.sampleByKey(false, Map(1 -> 0.5)).collect()), t.fails(r.sampleByKey(false, Map(1 -> -0.5, 2 -> 0.1)).collect()))`,
  async (vc, t) => {
    const r = vc.parallelize<[number, number]>(
      [
        [1, 1],
        [2, 2],
      ],
      2,
    );
    return [
      await t.fails(() => r.sampleByKey(false, new Map([[1, 0.5]])).collect()),
      await t.fails(() =>
        r
          .sampleByKey(
            false,
            new Map([
              [1, -0.5],
              [2, 0.1],
            ]),
          )
          .collect(),
      ),
    ];
  },
);

program(
  "sampleByKey keeps order, partitions and partitioner",
  `val r = sc.parallelize(0 until 200, 4).map(i => (i % 5, i)); val all = (0 until 5).map(_ -> 0.5).toMap; val s = r.sampleByKey(false, all, 1).values.collect().toSeq; Seq(s == s.sorted, r.sampleByKey(false, all, 1).getNumPartitions, t.partitionerOf(r.partitionBy(new HashPartitioner(2)).sampleByKey(false, all, 1)))`,
  async (vc, t) => {
    const r = vc.range(0, 200, 1, 4).map((i): [number, number] => [i % 5, i]);
    const all = new Map([0, 1, 2, 3, 4].map((k) => [k, 0.5]));
    const s = await r.sampleByKey(false, all, 1).values().collect();
    return [
      s.every((x, i) => i === 0 || x > (s[i - 1] as number)),
      await r.sampleByKey(false, all, 1).getNumPartitions(),
      t.partitionerOf(r.partitionBy(new HashPartitioner(2)).sampleByKey(false, all, 1)),
    ];
  },
);
