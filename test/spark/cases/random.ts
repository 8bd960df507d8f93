/**
 * Chains of random steps: each step has its text in Scala and the same for Volley. What is compared of a chain's end: rows, partition by partition where
 * Spark's placement and order do not come from its own hashing of keys; the number of partitions; the partitioner.
 */

import { Prng } from "@volley/engine/lib/prng.js";
import { HashPartitioner, type RDD, type VolleyContext } from "volley";
import { area } from "../kit/area.ts";
import { ByModulo, EqualByModulo } from "../kit/partitioners.ts";

export const { programs, program } = area("random");

const CHAINS = Number(process.env["CHAINS"] ?? 160);
const STEPS_MAX = 6;

type Pair = [number, number];

interface Step<From, To> {
  readonly scala: string;
  readonly volley: (rdd: RDD<From>, vc: VolleyContext) => RDD<To>;
  /** What is known of where the rows are, if it was all known before. "set": nothing; "same": as before; "exact": all, whatever was before. */
  readonly rows?: "set" | "exact";
  /** Its rows depend on which rows are in which partition. */
  readonly needsExact?: boolean;
}

const sum = (xs: Iterable<number>) => [...xs].reduce((a, b) => a + b, 0);
const plus = (a: number, b: number) => a + b;

function numberSteps(n: number, k: number): Step<number, number>[] {
  return [
    { scala: `.map(x => (x * 3 - 1) % 1000)`, volley: (r) => r.map((x) => ((x * 3 - 1) % 1000) | 0) },
    { scala: `.filter(x => x % ${k} != 0)`, volley: (r) => r.filter((x) => x % k !== 0) },
    {
      scala: `.flatMap(x => Seq.fill(math.abs(x) % 3)(x))`,
      volley: (r) => r.flatMap((x) => Array<number>(Math.abs(x) % 3).fill(x)),
    },
    {
      scala: `.mapPartitions(_.take(${n}))`,
      volley: (r) => r.mapPartitions((rows) => [...rows].slice(0, n)),
      needsExact: true,
    },
    {
      scala: `.mapPartitionsWithIndex((i, it) => it.map(x => (x + 7 * i) % 1000))`,
      volley: (r) => r.mapPartitionsWithIndex((i, rows) => [...rows].map((x) => ((x + 7 * i) % 1000) | 0)),
      needsExact: true,
    },
    {
      scala: `.glom().map(_.sum % 1000)`,
      volley: (r) => r.glom().map((rows) => (sum(rows) % 1000) | 0),
      needsExact: true,
    },
    { scala: `.union(sc.parallelize(0 until ${k}, ${n}))`, volley: (r, vc) => r.union(vc.range(0, k, 1, n)) },
    { scala: `.union(sc.emptyRDD[Int])`, volley: (r, vc) => r.union(vc.emptyRDD<number>()) },
    { scala: `.coalesce(${n})`, volley: (r) => r.coalesce(n) },
    { scala: `.repartition(${n})`, volley: (r) => r.repartition(n), rows: "set" },
    { scala: `.distinct()`, volley: (r) => r.distinct(), rows: "set" },
    { scala: `.distinct(${n})`, volley: (r) => r.distinct(n), rows: "set" },
    { scala: `.sortBy(x => x)`, volley: (r) => r.sortBy((x) => x), rows: "exact" },
    { scala: `.sortBy(x => -x, true, ${n})`, volley: (r) => r.sortBy((x) => -x, { numPartitions: n }), rows: "exact" },
    {
      scala: `.sortBy(x => x, false, ${n})`,
      volley: (r) => r.sortBy((x) => x, { ascending: false, numPartitions: n }),
      rows: "exact",
    },
    {
      scala: `.subtract(sc.parallelize(0 until ${k * 3}, ${n}))`,
      volley: (r, vc) => r.subtract(vc.range(0, k * 3, 1, n)),
      rows: "set",
    },
    {
      scala: `.intersection(sc.parallelize(0 until ${k * 30}, ${n}))`,
      volley: (r, vc) => r.intersection(vc.range(0, k * 30, 1, n)),
      rows: "set",
    },
    {
      scala: `.cartesian(sc.parallelize(0 until ${k}, ${n})).map { case (a, b) => (a + b) % 1000 }`,
      volley: (r, vc) => r.cartesian(vc.range(0, k, 1, n)).map(([a, b]) => ((a + b) % 1000) | 0),
    },
    {
      scala: `.sliding(2).map(_.sum % 1000)`,
      volley: (r) => r.sliding(2).map((w) => (sum(w) % 1000) | 0),
      needsExact: true,
    },
    {
      scala: `.sliding(3, 2).map(_.sum % 1000)`,
      volley: (r) => r.sliding(3, 2).map((w) => (sum(w) % 1000) | 0),
      needsExact: true,
    },
    { scala: `.cache()`, volley: (r) => r.cache() },
  ];
}

function toPairs(n: number, k: number): Step<number, Pair>[] {
  return [
    { scala: `.map(x => (math.abs(x) % ${k}, x))`, volley: (r) => r.map((x): Pair => [Math.abs(x) % k, x]) },
    { scala: `.keyBy(x => math.abs(x) % ${k})`, volley: (r) => r.keyBy((x) => Math.abs(x) % k) },
    {
      scala: `.zipWithIndex().map { case (x, i) => (math.abs(x) % ${k}, i.toInt) }`,
      volley: (r) => r.zipWithIndex().map(([x, i]): Pair => [Math.abs(x) % k, i]),
      needsExact: true,
    },
    {
      scala: `.zipWithUniqueId().map { case (x, i) => (i.toInt, x) }`,
      volley: (r) => r.zipWithUniqueId().map(([x, i]): Pair => [i, x]),
      needsExact: true,
    },
    {
      scala: `.groupBy(x => math.abs(x) % ${k}).mapValues(_.sum)`,
      volley: (r) => r.groupBy((x) => Math.abs(x) % k).mapValues(sum),
      rows: "set",
    },
    {
      scala: `.groupBy((x: Int) => math.abs(x) % ${k}, ${n}).mapValues(_.sum)`,
      volley: (r) => r.groupBy((x) => Math.abs(x) % k, n).mapValues(sum),
      rows: "set",
    },
  ];
}

function pairSteps(n: number, k: number): Step<Pair, Pair>[] {
  const scalaOther = `sc.parallelize(0 until ${k * 2}, ${n}).map(i => (i % ${k}, i))`;
  const other = (vc: VolleyContext) => vc.range(0, k * 2, 1, n).map((i): Pair => [i % k, i]);
  return [
    { scala: `.mapValues(v => (v * 5) % 1000)`, volley: (r) => r.mapValues((v) => ((v * 5) % 1000) | 0) },
    { scala: `.flatMapValues(v => Seq(v, 1))`, volley: (r) => r.flatMapValues((v) => [v, 1]) },
    { scala: `.filter(_._2 % ${k} != 1)`, volley: (r) => r.filter(([, v]) => v % k !== 1) },
    {
      scala: `.reduceByKey((a, b) => (a + b) % 1000000)`,
      volley: (r) => r.reduceByKey((a, b) => ((a + b) % 1000000) | 0),
      rows: "set",
    },
    { scala: `.reduceByKey(_ max _, ${n})`, volley: (r) => r.reduceByKey(Math.max, n), rows: "set" },
    {
      scala: `.groupByKey().mapValues(_.size)`,
      volley: (r) => r.groupByKey().mapValues((vs) => vs.length),
      rows: "set",
    },
    { scala: `.foldByKey(0)(_ min _)`, volley: (r) => r.foldByKey(0, Math.min), rows: "set" },
    {
      scala: `.aggregateByKey(0, ${n})((c, _) => c + 1, _ + _)`,
      volley: (r) => r.aggregateByKey(0, (c) => c + 1, plus, n),
      rows: "set",
    },
    {
      scala: `.join(${scalaOther}).mapValues { case (a, b) => (a + b) % 1000 }`,
      volley: (r, vc) => r.join(other(vc)).mapValues(([a, b]) => ((a + b) % 1000) | 0),
      rows: "set",
    },
    {
      scala: `.leftOuterJoin(${scalaOther}).mapValues { case (a, b) => b.getOrElse(-1) }`,
      volley: (r, vc) => r.leftOuterJoin(other(vc)).mapValues(([, b]) => b ?? -1),
      rows: "set",
    },
    {
      scala: `.fullOuterJoin(${scalaOther}, ${n}).mapValues { case (a, b) => a.getOrElse(-2) + b.getOrElse(-1) }`,
      volley: (r, vc) => r.fullOuterJoin(other(vc), n).mapValues(([a, b]) => (a ?? -2) + (b ?? -1)),
      rows: "set",
    },
    {
      scala: `.cogroup(${scalaOther}).mapValues { case (a, b) => a.size * 100 + b.size }`,
      volley: (r, vc) => r.cogroup(other(vc)).mapValues(([a, b]) => a.length * 100 + b.length),
      rows: "set",
    },
    {
      scala: `.subtractByKey(sc.parallelize(Seq((1, 1)), ${n}))`,
      volley: (r, vc) => r.subtractByKey(vc.parallelize<Pair>([[1, 1]], n)),
      rows: "set",
    },
    {
      scala: `.partitionBy(new HashPartitioner(${n}))`,
      volley: (r) => r.partitionBy(new HashPartitioner(n)),
      rows: "set",
    },
    { scala: `.partitionBy(new ByModulo(${n}))`, volley: (r) => r.partitionBy(new ByModulo(n)), rows: "set" },
    { scala: `.partitionBy(new EqualByModulo(${n}))`, volley: (r) => r.partitionBy(new EqualByModulo(n)), rows: "set" },
    { scala: `.sortByKey()`, volley: (r) => r.sortByKey(), rows: "set" },
    {
      scala: `.sortByKey(false, ${n})`,
      volley: (r) => r.sortByKey({ ascending: false, numPartitions: n }),
      rows: "set",
    },
    {
      scala: `.map { case (k, v) => (math.abs(v) % 50, k) }`,
      volley: (r) => r.map(([key, v]): Pair => [Math.abs(v) % 50, key]),
    },
    { scala: `.mapPartitions(it => it, true)`, volley: (r) => r.mapPartitions((rows) => rows, true) },
    { scala: `.union(${scalaOther})`, volley: (r, vc) => r.union(other(vc)) },
    {
      scala: `.union(${scalaOther}.partitionBy(new HashPartitioner(${n})))`,
      volley: (r, vc) => r.union(other(vc).partitionBy(new HashPartitioner(n))),
      rows: "set",
    },
    { scala: `.filterByRange(1, ${k})`, volley: (r) => r.filterByRange(1, k) },
    { scala: `.coalesce(${n})`, volley: (r) => r.coalesce(n) },
    { scala: `.distinct()`, volley: (r) => r.distinct(), rows: "set" },
    { scala: `.cache()`, volley: (r) => r.cache() },
  ];
}

function toNumbers(): Step<Pair, number>[] {
  return [
    { scala: `.keys`, volley: (r) => r.keys() },
    { scala: `.values`, volley: (r) => r.values() },
    {
      scala: `.map { case (k, v) => (k * 31 + v) % 1000 }`,
      volley: (r) => r.map(([key, v]) => ((key * 31 + v) % 1000) | 0),
    },
  ];
}

for (let seed = 1; seed <= CHAINS; seed++) addChain(seed);

function addChain(seed: number): void {
  const random = new Prng(seed * 7919);
  const int = (below: number) => random.nextInt(below);
  const [rows, slices] = [int(25), 1 + int(5)];
  let scala = `sc.parallelize((0 until ${rows}).map(i => i * 7 % 23), ${slices})`;
  const steps: Step<never, unknown>[] = [];
  let [isPair, exact] = [false, true];
  for (let count = 1 + int(STEPS_MAX); count > 0; count--) {
    const [n, k] = [1 + int(5), 2 + int(5)];
    const changes = int(4) === 0;
    const choices = (
      isPair ? (changes ? toNumbers() : pairSteps(n, k)) : changes ? toPairs(n, k) : numberSteps(n, k)
    ) as Step<never, unknown>[];
    const step = choices[int(choices.length)] as Step<never, unknown>;
    if (step.needsExact === true && !exact) continue;
    if (changes) isPair = !isPair;
    exact = step.rows === undefined ? exact : step.rows === "exact";
    scala += step.scala;
    steps.push(step);
  }
  const seen = exact ? "r.glom().collect()" : "r.collect().sorted";
  program(
    `seed ${seed}`,
    `val r = ${scala}; Seq[Any](${seen}, r.getNumPartitions, t.partitionerOf(r), r.count())`,
    async (vc, t) => {
      let r: RDD<unknown> = vc.range(0, rows, 1, slices).map((i) => (i * 7) % 23);
      for (const step of steps) r = step.volley(r as RDD<never>, vc);
      const found = exact ? await r.glom().collect() : inOrder(await r.collect());
      return [found, await r.getNumPartitions(), t.partitionerOf(r), await r.count()];
    },
  );
}

/** Numbers, or pairs of them, by size. */
function inOrder(rows: readonly unknown[]): unknown[] {
  const order = (a: unknown, b: unknown): number => {
    if (typeof a === "number") return a - (b as number);
    const [[ak, av], [bk, bv]] = [a as Pair, b as Pair];
    return ak - bk || av - bv;
  };
  return [...rows].sort(order);
}
