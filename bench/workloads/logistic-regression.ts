import type { Bench, VolleyBench, Workload } from "../kit/workload.ts";
import { rounded, sized } from "../kit/workload.ts";
import { coordinate } from "./vectors.ts";

const ROWS = 1_000_000;
const DIMENSIONS = 16;
const ITERATIONS = 5;
const STEP = 0.5;

interface Point {
  x: number[];
  y: number;
}

function pointOf(i: number): Point {
  const y = i % 2 === 0 ? 1 : -1;
  const x: number[] = [];
  for (let d = 0; d < DIMENSIONS; d++) x.push(coordinate(i, d) + y * 0.3);
  return { x, y };
}

async function cachedPoints({ vc, scale, time }: VolleyBench) {
  const rows = sized(ROWS, scale);
  const points = vc
    .range(0, rows, 1, 2)
    .map((i) => pointOf(i))
    .cache();
  await time("load", () => points.count());
  return { rows, points };
}

function moved(w: readonly number[], gradient: readonly number[], rows: number): number[] {
  return w.map((v, d) => v + (STEP * (gradient[d] as number)) / rows);
}

/** W8: the gradient over cached points, each point's vector made by `map`, vectors added by `reduce`. */
export const logisticRegression: Workload = {
  id: "w8",
  name: "logistic-regression",
  title: "W8 logistic regression, 1 M x 16, map and reduce",
  goal: { load: 3, iteration: 1.5 },
  async volley(bench) {
    const { rows, points } = await cachedPoints(bench);
    let w = new Array<number>(DIMENSIONS).fill(0);
    for (let i = 0; i < ITERATIONS; i++) {
      const gradient = await bench.time("iteration", () =>
        points
          .map(({ x, y }) => {
            let dot = 0;
            for (let d = 0; d < x.length; d++) dot += (x[d] as number) * (w[d] as number);
            const scale = y / (1 + Math.exp(y * dot));
            return x.map((v) => v * scale);
          })
          .reduce((a, b) => a.map((v, d) => v + (b[d] as number))),
      );
      w = moved(w, gradient, rows);
    }
    await points.unpersist();
    return w.map(rounded).join(" ");
  },
  node: trainInNode,
};

/** The same by adding in place. */
export const logisticRegressionInPlace: Workload = {
  id: "w8b",
  name: "logistic-regression-in-place",
  title: "W8 logistic regression, 1 M x 16, aggregate in place",
  goal: { load: 3, iteration: 1 },
  async volley(bench) {
    const { rows, points } = await cachedPoints(bench);
    let w = new Array<number>(DIMENSIONS).fill(0);
    for (let i = 0; i < ITERATIONS; i++) {
      const gradient = await bench.time("iteration", () =>
        points.aggregate(
          new Array<number>(DIMENSIONS).fill(0),
          (sum, { x, y }) => {
            let dot = 0;
            for (let d = 0; d < x.length; d++) dot += (x[d] as number) * (w[d] as number);
            const scale = y / (1 + Math.exp(y * dot));
            for (let d = 0; d < x.length; d++) sum[d] = (sum[d] as number) + (x[d] as number) * scale;
            return sum;
          },
          (a, b) => a.map((v, d) => v + (b[d] as number)),
        ),
      );
      w = moved(w, gradient, rows);
    }
    await points.unpersist();
    return w.map(rounded).join(" ");
  },
  node: trainInNode,
};

/** The same with a typed array for each vector. */
export const logisticRegressionTyped: Workload = {
  id: "w8c",
  name: "logistic-regression-typed",
  title: "W8 logistic regression, 1 M x 16, map and reduce of typed arrays",
  goal: { load: 3, iteration: 1.5 },
  async volley({ vc, scale, time }) {
    const rows = sized(ROWS, scale);
    const points = vc
      .range(0, rows, 1, 2)
      .map((i) => {
        const { x, y } = pointOf(i);
        return { x: Float64Array.from(x), y };
      })
      .cache();
    await time("load", () => points.count());
    let w = new Float64Array(DIMENSIONS);
    for (let i = 0; i < ITERATIONS; i++) {
      const gradient = await time("iteration", () =>
        points
          .map(({ x, y }) => {
            let dot = 0;
            for (let d = 0; d < x.length; d++) dot += (x[d] as number) * (w[d] as number);
            const scale = y / (1 + Math.exp(y * dot));
            return x.map((v) => v * scale);
          })
          .reduce((a, b) => a.map((v, d) => v + (b[d] as number))),
      );
      w = w.map((v, d) => v + (STEP * (gradient[d] as number)) / rows);
    }
    await points.unpersist();
    return Array.from(w, rounded).join(" ");
  },
  node: trainInNode,
};

async function trainInNode({ scale, time }: Bench): Promise<string> {
  const rows = sized(ROWS, scale);
  const points = await time("load", () => Array.from({ length: rows }, (_, i) => pointOf(i)));
  let w = new Array<number>(DIMENSIONS).fill(0);
  for (let i = 0; i < ITERATIONS; i++) {
    const gradient = await time("iteration", () => {
      const sum = new Array<number>(DIMENSIONS).fill(0);
      for (const { x, y } of points) {
        let dot = 0;
        for (let d = 0; d < DIMENSIONS; d++) dot += (x[d] as number) * (w[d] as number);
        const scale = y / (1 + Math.exp(y * dot));
        for (let d = 0; d < DIMENSIONS; d++) sum[d] = (sum[d] as number) + (x[d] as number) * scale;
      }
      return sum;
    });
    w = moved(w, gradient, rows);
  }
  return w.map(rounded).join(" ");
}
