import type { Workload } from "../kit/workload.ts";
import { rounded, sized } from "../kit/workload.ts";
import { coordinate } from "./vectors.ts";

const ROWS = 2_000_000;
const DIMENSIONS = 8;
const CENTERS = 8;
const ITERATIONS = 4;

function pointOf(i: number): number[] {
  const point: number[] = [];
  for (let d = 0; d < DIMENSIONS; d++) point.push(coordinate(i, d) + (i % CENTERS));
  return point;
}

function closest(point: readonly number[], centers: readonly (readonly number[])[]): number {
  let best = 0;
  let least = Number.POSITIVE_INFINITY;
  for (let c = 0; c < centers.length; c++) {
    const center = centers[c] as readonly number[];
    let distance = 0;
    for (let d = 0; d < point.length; d++) {
      const difference = (point[d] as number) - (center[d] as number);
      distance += difference * difference;
    }
    if (distance < least) {
      least = distance;
      best = c;
    }
  }
  return best;
}

/** W10: k-means over cached points, as in Spark's own example. */
export const kMeans: Workload = {
  id: "w10",
  name: "k-means",
  title: "W10 k-means, 2 M x 8",
  goal: { load: 5, iteration: 1.2 },
  async volley({ vc, scale, time }) {
    const points = vc
      .range(0, sized(ROWS, scale), 1, 2)
      .map((i) => pointOf(i))
      .cache();
    await time("load", () => points.count());
    const centers = Array.from({ length: CENTERS }, (_, c) => pointOf(c));
    for (let i = 0; i < ITERATIONS; i++) {
      const sums = await time("iteration", () =>
        points
          .map((p) => [closest(p, centers), [p, 1]] as [number, [number[], number]])
          .reduceByKey(([a, m], [b, n]) => [a.map((v, d) => v + (b[d] as number)), m + n])
          .collect(),
      );
      for (const [c, [sum, count]] of sums) centers[c] = sum.map((v) => v / count);
    }
    await points.unpersist();
    return centers.map((center) => center.map(rounded).join(" ")).join(" ");
  },
  async node({ scale, time }) {
    const points = await time("load", () => Array.from({ length: sized(ROWS, scale) }, (_, i) => pointOf(i)));
    const centers = Array.from({ length: CENTERS }, (_, c) => pointOf(c));
    for (let i = 0; i < ITERATIONS; i++) {
      await time("iteration", () => {
        const sums = centers.map(() => new Array<number>(DIMENSIONS).fill(0));
        const counts = centers.map(() => 0);
        for (const point of points) {
          const c = closest(point, centers);
          const sum = sums[c] as number[];
          for (let d = 0; d < DIMENSIONS; d++) sum[d] = (sum[d] as number) + (point[d] as number);
          counts[c] = (counts[c] as number) + 1;
        }
        sums.forEach((sum, c) => {
          if (counts[c] !== 0) centers[c] = sum.map((v) => v / (counts[c] as number));
        });
      });
    }
    return centers.map((center) => center.map(rounded).join(" ")).join(" ");
  },
};
