/**
 * Monte Carlo pi: throws darts at a square and counts how many land in the circle.
 *
 * Spark's SparkPi. Each partition is seeded with its number: the same arguments give the same answer, however often a task is tried and wherever it runs.
 */
import { fileURLToPath } from "node:url";
import { VolleyContext } from "volley";
import { seededRandom } from "./data/seeded-random.ts";

export async function monteCarloPi(vc: VolleyContext, darts: number, partitions: number): Promise<number> {
  const inside = await vc
    .range(0, darts, 1, partitions)
    .mapPartitionsWithIndex((partition, rows) => {
      const random = seededRandom(partition);
      let count = 0;
      for (const _ of rows) if ((2 * random() - 1) ** 2 + (2 * random() - 1) ** 2 <= 1) count++;
      return [count];
    })
    .sum();
  return (4 * inside) / darts;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const vc = await VolleyContext.create({ appName: "Monte Carlo pi" });
  console.log(`pi is about ${await monteCarloPi(vc, 20_000_000, 8)}`);
  await vc.stop();
}
