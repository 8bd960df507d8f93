/** Numbers: sums, moments, histograms. */

import { StatCounter } from "volley";
import { area } from "../kit/area.ts";

export const { programs, program } = area("numeric");

const LISTS: readonly (readonly number[])[] = [
  [],
  [5],
  [1, 2],
  [3, 3, 3],
  [1.5, -2.5, 0, 100],
  [1e300, -1e300, 1],
  [0.1, 0.2, 0.3],
  [-1, -2, -3, -4, -5],
  [1e15, 1, -1e15],
];

for (const list of LISTS) {
  for (const slices of [1, 3]) {
    program(
      `stats of [${list.join(" ")}] in ${slices}`,
      `val r = sc.parallelize(Seq[Double](${list.map((x) => `${x}d`).join(", ")}), ${slices}); val s = r.stats(); Seq[Any](s.count, s.mean, s.sum, s.min, s.max, s.variance, s.stdev, s.sampleVariance, s.sampleStdev, s.popVariance, s.popStdev, r.sum(), r.mean(), r.variance(), r.stdev(), r.sampleVariance(), r.sampleStdev())`,
      async (vc) => {
        const r = vc.parallelize(list, slices);
        const s = await r.stats();
        return [
          s.count,
          s.mean,
          s.sum,
          s.min,
          s.max,
          s.variance,
          s.stdev,
          s.sampleVariance,
          s.sampleStdev,
          s.popVariance,
          s.popStdev,
          await r.sum(),
          await r.mean(),
          await r.variance(),
          await r.stdev(),
          await r.sampleVariance(),
          await r.sampleStdev(),
        ];
      },
      "near",
    );
  }
}

program(
  "stats with NaN and infinities",
  `val s = sc.parallelize(Seq(1.0, Double.PositiveInfinity, 2.0), 2).stats(); val n = sc.parallelize(Seq(1.0, Double.NaN), 1).stats(); Seq[Any](s.count, s.sum, s.max, s.min, n.count, n.sum, n.mean)`,
  async (vc) => {
    const s = await vc.parallelize([1, Infinity, 2], 2).stats();
    const n = await vc.parallelize([1, NaN], 1).stats();
    return [s.count, s.sum, s.max, s.min, n.count, n.sum, n.mean];
  },
);

program(
  "StatCounter: merging numbers, lists and counters",
  `val a = StatCounter(1.0, 2.0, 3.0); val b = new StatCounter(Seq(4.0, 5.0)); val c = a.copy(); c.merge(b); c.merge(10.0); c.merge(Seq(0.0, 0.5)); Seq[Any](a.count, c.count, c.mean, c.variance, c.max, c.min, new StatCounter().merge(a).mean, a.merge(new StatCounter()).count)`,
  () => {
    const a = new StatCounter([1, 2, 3]);
    const b = new StatCounter([4, 5]);
    const c = a.copy();
    c.merge(b);
    c.merge(10);
    c.merge([0, 0.5]);
    return [
      a.count,
      c.count,
      c.mean,
      c.variance,
      c.max,
      c.min,
      new StatCounter().merge(a).mean,
      a.merge(new StatCounter()).count,
    ];
  },
  "near",
);

program(
  "StatCounter merged with itself",
  `val a = StatCounter(1.0, 2.0, 4.0); a.merge(a); Seq[Any](a.count, a.mean, a.variance, a.sum)`,
  () => {
    const a = new StatCounter([1, 2, 4]);
    a.merge(a);
    return [a.count, a.mean, a.variance, a.sum];
  },
  "near",
);

program("StatCounter as text", `StatCounter(1.0, 2.0, 3.0).toString`, () => String(new StatCounter([1, 2, 3])));
program("StatCounter of nothing as text", `new StatCounter().toString`, () => String(new StatCounter()));

const HISTOGRAMS: readonly [data: readonly number[], buckets: number | readonly number[]][] = [
  [[1, 2, 3, 4, 5], 2],
  [[1, 2, 3, 4, 5], 5],
  [[1, 1.5, 2.5], 3],
  [[10, -10, 0], 4],
  [[7, 7, 7], 3],
  [[7], 1],
  [
    [1, 2, 3, 4, 5],
    [1, 3, 5],
  ],
  [
    [1, 2, 3, 4, 5],
    [0, 2.5],
  ],
  [
    [1, 2, 3, 4, 5],
    [2, 4],
  ],
  [
    [1, 2, 3, 4, 5],
    [0, 1, 10, 11],
  ],
  [
    [1, 2, 3],
    [5, 6, 7],
  ],
  [
    [10.01, -0.01],
    [0, 10],
  ],
  [
    [10, 0, 5],
    [0, 10],
  ],
  [[], [0, 1, 2]],
  [
    [0, 0.1, 0.2, 0.7, 0.9999, 1],
    [0, 0.1, 0.3, 0.6, 0.9, 1],
  ],
];
for (const [data, buckets] of HISTOGRAMS) {
  const text = typeof buckets === "number" ? String(buckets) : `Array(${buckets.map((x) => `${x}d`).join(", ")})`;
  program(
    `histogram(${typeof buckets === "number" ? buckets : `[${buckets.join(" ")}]`}) of [${data.join(" ")}]`,
    `sc.parallelize(Seq[Double](${data.map((x) => `${x}d`).join(", ")}), 2).histogram(${text})`,
    (vc) => {
      const r = vc.parallelize(data, 2);
      return typeof buckets === "number" ? r.histogram(buckets) : r.histogram(buckets);
    },
    "near",
  );
}

program(
  "histogram skips NaN and takes infinite boundaries",
  `val r = sc.parallelize(Seq(1.0, Double.NaN, 3.0, Double.PositiveInfinity, Double.NegativeInfinity), 2); Seq(r.histogram(Array(Double.NegativeInfinity, 2.0, Double.PositiveInfinity)).toSeq, r.histogram(Array(0.0, 2.0, 4.0)).toSeq, r.histogram(Array(0.0, 2.0, Double.PositiveInfinity)).toSeq)`,
  (vc) => {
    const r = vc.parallelize([1, NaN, 3, Infinity, -Infinity], 2);
    return Promise.all([r.histogram([-Infinity, 2, Infinity]), r.histogram([0, 2, 4]), r.histogram([0, 2, Infinity])]);
  },
);
program("histogram of one boundary", `sc.parallelize(Seq(1.0), 1).histogram(Array(1.0))`, async (vc) =>
  vc.parallelize([1], 1).histogram([1]),
);
program("histogram of no boundaries", `sc.parallelize(Seq(1.0), 1).histogram(Array.empty[Double])`, async (vc) =>
  vc.parallelize([1], 1).histogram([]),
);
program("histogram(2) of nothing", `sc.parallelize(Seq.empty[Double], 1).histogram(2)`, async (vc) =>
  vc.parallelize<number>([], 1).histogram(2),
);
program(
  "histogram(2) with an infinity",
  `sc.parallelize(Seq(1.0, Double.PositiveInfinity), 1).histogram(2)`,
  async (vc) => vc.parallelize([1, Infinity], 1).histogram(2),
);
program("histogram(2) with NaN", `sc.parallelize(Seq(1.0, Double.NaN), 1).histogram(2)`, async (vc) =>
  vc.parallelize([1, NaN], 1).histogram(2),
);
program(
  "sum of many small numbers over partitions",
  `sc.parallelize((1 to 1000).map(_ * 0.1), 7).sum()`,
  (vc) =>
    vc
      .parallelize(
        Array.from({ length: 1000 }, (_, i) => (i + 1) * 0.1),
        7,
      )
      .sum(),
  "near",
);
