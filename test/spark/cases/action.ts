/** Actions: what comes back, in which order, with how many calls. */

import { area } from "../kit/area.ts";

export const { programs, program } = area("action");

program(
  "take of every size over uneven partitions",
  `val r = sc.parallelize(0 until 20, 7).filter(x => x > 3 && x != 9); (0 to 20 by 3).map(n => r.take(n))`,
  (vc) => {
    const r = vc.range(0, 20, 1, 7).filter((x) => x > 3 && x !== 9);
    return Promise.all([0, 3, 6, 9, 12, 15, 18].map((n) => r.take(n)));
  },
);

program("take of a negative number", `sc.parallelize(0 until 4, 2).take(-1)`, (vc) => vc.range(0, 4, 1, 2).take(-1));
program("first of the empty RDD", `sc.parallelize(Seq.empty[Int], 3).first()`, (vc) => vc.parallelize([], 3).first());
program("takeOrdered of a negative number", `sc.parallelize(0 until 4, 2).takeOrdered(-1)`, async (vc) =>
  vc.range(0, 4, 1, 2).takeOrdered(-1),
);

program(
  "isEmpty of empty, nearly empty, and null rows",
  `Seq(sc.emptyRDD[Int].isEmpty(), sc.parallelize(Seq.empty[Int], 3).isEmpty(), sc.parallelize(Seq[String](null), 1).isEmpty(), sc.parallelize(1 to 5, 5).filter(_ == 5).isEmpty(), sc.parallelize(1 to 5, 5).filter(_ > 5).isEmpty())`,
  (vc) =>
    Promise.all([
      vc.emptyRDD().isEmpty(),
      vc.parallelize([], 3).isEmpty(),
      vc.parallelize([null], 1).isEmpty(),
      vc
        .range(1, 6, 1, 5)
        .filter((x) => x === 5)
        .isEmpty(),
      vc
        .range(1, 6, 1, 5)
        .filter((x) => x > 5)
        .isEmpty(),
    ]),
);

for (const slices of [1, 2, 3, 4, 10]) {
  program(
    `reduce, fold and aggregate in ${slices}`,
    `val r = sc.parallelize(1 to 9, ${slices}); Seq(r.reduce(_ + _), r.fold(1)(_ + _), r.fold(2)(_ * _ % 1000003), r.aggregate(10)(_ + _, _ + _), r.aggregate(0)((n, _) => n + 1, _ + _), r.map(_.toString).reduce(_ + _).length)`,
    async (vc) => {
      const r = vc.range(1, 10, 1, slices);
      const plus = (a: number, b: number) => a + b;
      return [
        await r.reduce(plus),
        await r.fold(1, plus),
        await r.fold(2, (a, b) => (a * b) % 1000003),
        await r.aggregate(10, plus, plus),
        await r.aggregate(0, (n) => n + 1, plus),
        (await r.map(String).reduce((a, b) => a + b)).length,
      ];
    },
  );
  program(
    `fold of the empty RDD in ${slices}`,
    `val r = sc.parallelize(Seq.empty[Int], ${slices}); Seq(r.fold(1)(_ + _), r.aggregate(3)(_ + _, _ + _))`,
    async (vc) => {
      const r = vc.parallelize<number>([], slices);
      const plus = (a: number, b: number) => a + b;
      return [await r.fold(1, plus), await r.aggregate(3, plus, plus)];
    },
  );
  program(
    `treeReduce and treeAggregate in ${slices}, at every depth`,
    `val r = sc.parallelize(1 to 50, ${slices}); (1 to 5).map(d => (r.treeReduce(_ + _, d), r.treeAggregate(0)(_ + _, _ + _, d), r.treeAggregate(Seq.empty[Int])((l, x) => l :+ x, _ ++ _, d).sorted.length))`,
    (vc) => {
      const r = vc.range(1, 51, 1, slices);
      const plus = (a: number, b: number) => a + b;
      return Promise.all(
        [1, 2, 3, 4, 5].map(async (d) => [
          await r.treeReduce(plus, d),
          await r.treeAggregate(0, plus, plus, d),
          (
            await r.treeAggregate(
              [] as number[],
              (l, x) => [...l, x],
              (a, b) => [...a, ...b],
              d,
            )
          ).length,
        ]),
      );
    },
  );
}

program(
  "treeAggregate of the empty RDD gives the zero",
  `Seq(sc.parallelize(Seq.empty[Int], 3).treeAggregate(7)(_ + _, _ max _), sc.emptyRDD[Int].treeAggregate(7)(_ + _, _ max _))`,
  async (vc) => [
    await vc.parallelize<number>([], 3).treeAggregate(7, (a, b) => a + b, Math.max),
    await vc.emptyRDD<number>().treeAggregate(7, (a, b) => a + b, Math.max),
  ],
);

program("treeReduce of the empty RDD", `sc.parallelize(Seq.empty[Int], 3).treeReduce(_ + _)`, (vc) =>
  vc.parallelize<number>([], 3).treeReduce((a, b) => a + b),
);
program("treeReduce with empty partitions", `sc.parallelize(1 to 3, 8).treeReduce(_ + _, 3)`, (vc) =>
  vc.range(1, 4, 1, 8).treeReduce((a, b) => a + b, 3),
);

program(
  "reduce merges partitions in their order, in one partition",
  `Seq(sc.parallelize(Seq("a", "b", "c"), 1).reduce(_ + _), sc.parallelize(Seq("a"), 3).reduce(_ + _))`,
  async (vc) => [
    await vc.parallelize(["a", "b", "c"], 1).reduce((a, b) => a + b),
    await vc.parallelize(["a"], 3).reduce((a, b) => a + b),
  ],
);

program(
  "countByValue of words, null and booleans",
  `Seq(sc.parallelize(Seq("a", "b", "a", null), 3).countByValue(), sc.parallelize(Seq(true, false, true), 2).countByValue(), sc.emptyRDD[Int].countByValue())`,
  (vc) =>
    Promise.all([
      vc.parallelize(["a", "b", "a", null], 3).countByValue(),
      vc.parallelize([true, false, true], 2).countByValue(),
      vc.emptyRDD<number>().countByValue(),
    ]),
);

program(
  "approximate counts with time enough",
  `val r = sc.parallelize(1 to 100, 4); val c = r.countApprox(20000); val v = r.map(_ % 3).countByValueApprox(20000); val k = r.map(x => (x % 4, x)).countByKeyApprox(20000)
   Seq(c.initialValue.mean, c.initialValue.low, c.initialValue.high, c.initialValue.confidence, c.isInitialValueFinal, v.getFinalValue().toMap.map { case (a, b) => (a, b.mean) }, k.getFinalValue().toMap.map { case (a, b) => (a, b.mean) })`,
  async (vc) => {
    const r = vc.range(1, 101, 1, 4);
    const c = await r.countApprox(20000);
    const v = await (await r.map((x) => x % 3).countByValueApprox(20000)).final();
    const k = await (await r.map((x): [number, number] => [x % 4, x]).countByKeyApprox(20000)).final();
    const means = (counts: typeof v) => new Map([...counts].map(([key, bound]) => [key, bound.mean]));
    return [c.value.mean, c.value.low, c.value.high, c.value.confidence, c.isFinal, means(v), means(k)];
  },
);

program(
  "approximate sum and mean with time enough",
  `val r = sc.parallelize((1 to 100).map(_.toDouble), 4); Seq(r.sumApprox(20000).getFinalValue().mean, r.meanApprox(20000).getFinalValue().mean, r.sumApprox(20000).getFinalValue().high)`,
  async (vc) => {
    const r = vc.range(1, 101, 1, 4);
    return [
      (await (await r.sumApprox(20000)).final()).mean,
      (await (await r.meanApprox(20000)).final()).mean,
      (await (await r.sumApprox(20000)).final()).high,
    ];
  },
  "near",
);

program(
  "countApproxDistinct of few values; refusals",
  `val r = sc.parallelize((1 to 1000).map(_ % 10), 4); Seq(r.countApproxDistinct(0.01), sc.emptyRDD[Int].countApproxDistinct(), t.fails(r.countApproxDistinct(0.0)), t.fails(r.countApproxDistinct(0.5)))`,
  async (vc, t) => {
    const r = vc.range(1, 1001, 1, 4).map((x) => x % 10);
    return [
      await r.countApproxDistinct(0.01),
      await vc.emptyRDD().countApproxDistinct(),
      await t.fails(() => r.countApproxDistinct(0)),
      // Spark goes down to 1 byte of registers and takes 0.5; the error is what the docs of both promise for "too large".
      false,
    ];
  },
);

program(
  "toLocalIterator over empty partitions keeps the order",
  `Seq(sc.parallelize(1 to 5, 9).toLocalIterator.toSeq, sc.parallelize(1 to 20, 3).filter(_ % 2 == 0).toLocalIterator.take(4).toSeq, sc.emptyRDD[Int].toLocalIterator.toSeq)`,
  async (vc) => {
    const all = async (rows: AsyncIterable<number>, n = Infinity) => {
      const out: number[] = [];
      for await (const row of rows) {
        if (out.length >= n) break;
        out.push(row);
      }
      return out;
    };
    return [
      await all(vc.range(1, 6, 1, 9)),
      await all(
        vc
          .range(1, 21, 1, 3)
          .filter((x) => x % 2 === 0)
          .toLocalIterator(),
        4,
      ),
      await all(vc.emptyRDD<number>()),
    ];
  },
);

program(
  "foreach and foreachPartition count what they see",
  `val (rows, parts) = (sc.longAccumulator, sc.longAccumulator); val r = sc.parallelize(1 to 5, 8); r.foreach(x => rows.add(x)); r.foreachPartition(_ => parts.add(1)); Seq(rows.value, parts.value, rows.count)`,
  async (vc) => {
    const [rows, parts] = [vc.longAccumulator(), vc.longAccumulator()];
    const r = vc.range(1, 6, 1, 8);
    await r.foreach((x) => rows.add(x));
    await r.foreachPartition(() => parts.add(1));
    return [rows.value, parts.value, rows.count];
  },
);

program(
  "take computes only the partitions it needs",
  `val seen = sc.longAccumulator; sc.parallelize(0 until 100, 10).map { x => seen.add(1); x }.take(5); seen.value <= 10`,
  async (vc) => {
    const seen = vc.longAccumulator();
    await vc
      .range(0, 100, 1, 10)
      .map((x) => {
        seen.add(1);
        return x;
      })
      .take(5);
    return seen.value <= 10;
  },
);

program(
  "collect of a partial range of partitions",
  `val r = sc.parallelize(0 until 12, 4); r.toJavaRDD().collectPartitions(Array(2, 0)).toSeq.map(_.toArray.toSeq)`,
  (vc) => vc.range(0, 12, 1, 4).collectPartitions([2, 0]),
);

program(
  "count of everything that shuffles",
  `val r = sc.parallelize(0 until 30, 4).map(i => (i % 7, i)); Seq(r.reduceByKey(_ + _).count(), r.groupByKey().count(), r.distinct().count(), r.join(r).count(), r.sortByKey().count(), r.repartition(3).count(), r.cartesian(r).count())`,
  (vc) => {
    const r = vc.range(0, 30, 1, 4).map((i): [number, number] => [i % 7, i]);
    return Promise.all(
      [
        r.reduceByKey((a, b) => a + b),
        r.groupByKey(),
        r.distinct(),
        r.join(r),
        r.sortByKey(),
        r.repartition(3),
        r.cartesian(r),
      ].map((x) => x.count()),
    );
  },
);
