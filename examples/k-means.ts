/**
 * K-means: finds the centres of clusters of points in the plane.
 *
 * Spark's SparkKMeans. The points are cached, each round is one job over them: the closures capture the present centres, which travel with
 * the job; nothing of the loop is compiled again.
 */
import { fileURLToPath } from "node:url";
import { VolleyContext } from "volley";
import { gaussian, seededRandom } from "./data/seeded-random.ts";

export type Point = readonly [x: number, y: number];

function squaredDistance(a: Point, b: Point): number {
  return (a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2;
}

function closest(point: Point, centres: readonly Point[]): number {
  let best = 0;
  for (const [index, centre] of centres.entries()) {
    if (squaredDistance(point, centre) < squaredDistance(point, centres[best]!)) best = index;
  }
  return best;
}

/** Moves the centres until none of them moves by more than `tolerance`. */
export async function kMeans(vc: VolleyContext, data: readonly Point[], start: readonly Point[], tolerance = 1e-3) {
  const points = vc.parallelize(data).cache();
  let centres = start;
  for (let rounds = 1; ; rounds++) {
    const sums = await points
      .map((point) => [closest(point, centres), { x: point[0], y: point[1], count: 1 }])
      .reduceByKey((a, b) => ({ x: a.x + b.x, y: a.y + b.y, count: a.count + b.count }))
      .collectAsMap();
    const before = centres;
    // A centre that no point is closest to stays where it is.
    centres = before.map((centre, index): Point => {
      const sum = sums.get(index);
      return sum === undefined ? centre : [sum.x / sum.count, sum.y / sum.count];
    });
    const moved = Math.max(...centres.map((centre, index) => squaredDistance(centre, before[index]!)));
    if (moved <= tolerance ** 2) {
      await points.unpersist();
      return { centres, rounds };
    }
  }
}

/** `count` points scattered around centres on a circle. */
export function scatteredPoints(count: number, clusters: number, seed: number): Point[] {
  const random = seededRandom(seed);
  return Array.from({ length: count }, (_, index): Point => {
    const angle = (2 * Math.PI * (index % clusters)) / clusters;
    return [3 * Math.cos(angle) + gaussian(random), 3 * Math.sin(angle) + gaussian(random)];
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const vc = await VolleyContext.create({ appName: "k-means" });
  const points = scatteredPoints(200_000, 5, 1);
  const { centres, rounds } = await kMeans(vc, points, points.slice(0, 5));
  console.log(`after ${rounds} rounds:`);
  for (const [x, y] of centres) console.log(`  ${x.toFixed(3).padStart(8)} ${y.toFixed(3).padStart(8)}`);
  await vc.stop();
}
