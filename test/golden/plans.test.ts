/**
 * Lineage, stages and emitted source of typical programs as text files. A change of the planner or the code generator shows here as a
 * change of text: look at it, then write the files anew with `npx vitest run test/golden -u`.
 */

import { LocalContext } from "@volley/engine/testing/local-context.js";
import { HashPartitioner } from "@volley/engine/rdd/partitioner.js";
import type { RDD } from "@volley/engine/rdd/rdd.js";
import { expect, it } from "vitest";

const PROGRAMS: Record<string, (vc: LocalContext) => RDD<unknown>> = {
  "word-count": (vc) =>
    vc
      .parallelize(["to be or not", "to be"], 2)
      .flatMap((line) => line.split(" "))
      .map((word) => [word, 1])
      .reduceByKey((a, b) => a + b),
  "calls-and-captures": (vc) => {
    const bound = 3;
    return vc
      .range(0, 10, 1, 2)
      .filter((x) => x > bound)
      .map(function factorial(x): number {
        return x < 2 ? 1 : x * factorial(x - 1);
      });
  },
  "block-bodies": (vc) =>
    vc
      .parallelize(["a,1", "b,2"], 1)
      .map((line) => {
        const parts = line.split(",");
        return [parts[0], Number(parts[1])] as [string, number];
      })
      .cache()
      .mapValues((count) => {
        if (count < 0) return 0;
        let total = 0;
        for (let i = 0; i < count; i++) total += i;
        return total;
      })
      .filter((row) => {
        const [, total] = row;
        return total > 0;
      }),
  "columns-of-a-cache": (vc) =>
    vc
      .parallelize([{ id: 1, name: "a", price: 2.5 }], 1)
      .map((row) => row)
      .cache()
      .filter((row) => row.price > 1)
      .map((row) => row.id),
  "inside-of-elements": (vc) =>
    vc
      .parallelize([[1, { price: 2.5, at: { x: 1, y: 2 } }]] as [number, { price: number; at: { x: number; y: number } }][], 1)
      .map((row) => row)
      .cache()
      .filter(([, item]) => item.price > 1)
      .mapValues(({ at: { x } }) => x)
      .values(),
  "diamond": (vc) => {
    const pairs = vc.parallelize([1, 2, 3], 2).map((x) => [x % 2, x] as [number, number]).reduceByKey((a, b) => a + b);
    return pairs.mapValues((x) => x + 1).join(pairs.mapValues((x) => x - 1));
  },
  "co-partitioned-join": (vc) => {
    const by = new HashPartitioner(3);
    const left = vc.parallelize([[1, "a"]] as [number, string][], 2).partitionBy(by);
    return left.join(vc.parallelize([[1, 2]] as [number, number][], 2).reduceByKey((a, b) => a + b, by));
  },
  "sort": (vc) => vc.parallelize([3, 1, 2], 2).sortBy((x) => -x),
  "union-of-two-ways": (vc) => vc.range(0, 4, 1, 2).map((x) => x + 1).union(vc.parallelize([9], 1)),
  "coalesce-and-zip": (vc) => {
    const rows = vc.range(0, 8, 1, 4).coalesce(2);
    return rows.zip(rows.map((x) => `${x}`));
  },
  "group-and-map-partitions": (vc) =>
    vc
      .range(0, 6, 1, 2)
      .groupBy((x) => x % 2)
      .mapPartitions((rows) => [...rows].map(([key, values]) => [key, values.length])),
  "async": (vc) => vc.range(0, 4, 1, 2).mapAsync(async (x) => x + 1, { concurrency: 2 }).filter((x) => x > 1),
  "distinct-sample-repartition": (vc) => vc.range(0, 100, 1, 2).sample(false, 0.5, 7).distinct().repartition(3),
  "vectors-of-a-cache": (vc) =>
    vc
      .parallelize([{ features: [1, 2, 3, 4, 5, 6, 7, 8, 9], label: 1 }], 1)
      .map((row) => row)
      .cache()
      .map(({ features, label }): [number, [number[], number]] => [label, [features.map((v) => v * label), 1]])
      .reduceByKey(([a, m], [b, n]) => [a.map((v, i) => v + (b[i] as number)), m + n]),
};

it.each(Object.keys(PROGRAMS))("%s", async (name) => {
  const vc = new LocalContext(2);
  const rdd = (PROGRAMS[name] as (vc: LocalContext) => RDD<unknown>)(vc);
  const lineage = await rdd.toDebugString();
  await expect(`${lineage}\n\n${await rdd.explain()}\n`).toMatchFileSnapshot(`./${name}.txt`);
});
