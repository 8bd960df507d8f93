/** Programs over cached vectors, as users write them, on every kind of executor: what arrays give, whichever vectors share an array. */

import { expect, it } from "vitest";
import { onEveryMaster } from "../kit/masters.ts";

type Vector = number[];

const DIMENSIONS = 11;
const rows = Array.from({ length: 900 }, (_, i) => ({
  x: Array.from({ length: DIMENSIONS }, (_, d) => ((i * 7919 + d * 104_729) % 1009) / 64),
  y: i % 2 === 0 ? 1 : -1,
}));

function squared(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += ((a[i] as number) - (b[i] as number)) ** 2;
  return sum;
}

function closest(x: Vector, centers: readonly Vector[]): number {
  let best = 0;
  for (let c = 1; c < centers.length; c++)
    if (squared(x, centers[c] as Vector) < squared(x, centers[best] as Vector)) best = c;
  return best;
}

const kept: Vector[] = [];
function keeps(x: Vector): number {
  kept.push(x);
  return kept.length === 1 ? 0 : ((kept.at(-2) as Vector)[0] as number);
}

onEveryMaster("vectors", (context) => {
  const points = () =>
    context()
      .parallelize(rows, 2)
      .map((p) => p)
      .cache();

  it("k-means: sums and counts by the closest center", async () => {
    const centers = [0, 5, 10].map((i) => rows[i]?.x as Vector);
    const sums = await points()
      .map(({ x }): [number, [Vector, number]] => [closest(x, centers), [x, 1]])
      .reduceByKey(([a, m], [b, n]) => [a.map((v, i) => v + (b[i] as number)), m + n])
      .collect();
    const expected = new Map<number, [Vector, number]>();
    for (const { x } of rows) {
      const [sum, count] = expected.get(closest(x, centers)) ?? [x.map(() => 0), 0];
      expected.set(closest(x, centers), [sum.map((v, i) => v + (x[i] as number)), count + 1]);
    }
    expect(new Map(sums)).toEqual(expected);
  });

  it("a gradient: map and reduce, in place, with typed arrays", async () => {
    const w = Array.from({ length: DIMENSIONS }, (_, d) => d / 8 - 0.5);
    const add = (a: Vector, b: Vector) => a.map((v, i) => v + (b[i] as number));
    const gradientOf = ({ x, y }: { x: Vector; y: number }) => {
      let dot = 0;
      for (let d = 0; d < x.length; d++) dot += (x[d] as number) * (w[d] as number);
      const scale = dot > y ? y / 2 : y;
      return x.map((v) => v * scale);
    };
    const expected = rows.map(gradientOf).reduce(add);
    expect(
      await points()
        .map(gradientOf)
        .reduce((a, b) => a.map((v, i) => v + (b[i] as number))),
    ).toEqual(expected);
    const inPlace = await points().aggregate(
      new Array<number>(DIMENSIONS).fill(0),
      (sum, p) => {
        const g = gradientOf(p);
        for (let d = 0; d < g.length; d++) sum[d] = (sum[d] as number) + (g[d] as number);
        return sum;
      },
      add,
    );
    expect(inPlace).toEqual(expected);
    const typed = await context()
      .parallelize(rows, 2)
      .map(({ x, y }) => ({ x: Float64Array.from(x), y }))
      .cache()
      .map(({ x, y }) => {
        let dot = 0;
        for (let d = 0; d < x.length; d++) dot += (x[d] as number) * (w[d] as number);
        const g = new Float64Array(x.length);
        for (let d = 0; d < x.length; d++) g[d] = (x[d] as number) * (dot > y ? y / 2 : y);
        return g;
      })
      .treeReduce((a, b) => {
        for (let d = 0; d < a.length; d++) a[d] = (a[d] as number) + (b[d] as number);
        return a;
      });
    expect(typed).toEqual(Float64Array.from(expected));
  });

  it("a function that keeps what it is given gets arrays that stay as they are", async () => {
    const cached = points().coalesce(1).cache();
    const before = rows.slice(0, -1).map(({ x }) => x[0]);
    expect(await cached.map(({ x }) => keeps(x)).collect()).toEqual([0, ...before]);
  });
});
