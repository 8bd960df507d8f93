import { afterAll, beforeAll, expect, it } from "vitest";
import { VolleyContext } from "volley";
import { connectedComponents, linkedAdjectives } from "../../examples/connected-components.ts";
import { seededRandom } from "../../examples/data/seeded-random.ts";
import { kMeans, type Point, scatteredPoints } from "../../examples/k-means.ts";
import { logisticRegression, twoClouds } from "../../examples/logistic-regression.ts";
import { factorize, randomRatings } from "../../examples/matrix-factorization.ts";
import { monteCarloPi } from "../../examples/monte-carlo-pi.ts";
import { randomGraph, transitiveClosure } from "../../examples/transitive-closure.ts";
import { dictLines, dictPath } from "./kit.ts";

let vc: VolleyContext;
beforeAll(async () => {
  vc = await VolleyContext.create({ master: "local[2]" });
});
afterAll(() => vc.stop());

it("Monte Carlo pi", async () => {
  let inside = 0;
  for (let partition = 0; partition < 4; partition++) {
    const random = seededRandom(partition);
    for (let dart = 0; dart < 25_000; dart++) {
      const [x, y] = [2 * random() - 1, 2 * random() - 1];
      if (x * x + y * y <= 1) inside++;
    }
  }
  expect(await monteCarloPi(vc, 100_000, 4)).toBe((4 * inside) / 100_000);
});

it("transitive closure", async () => {
  const graph = randomGraph(90, 60, 5);
  const reached: string[] = [];
  for (let start = 0; start < 60; start++) {
    const seen = new Set<number>();
    const open = [start];
    for (let from = open.pop(); from !== undefined; from = open.pop()) {
      for (const [a, to] of graph) {
        if (a !== from || seen.has(to)) continue;
        seen.add(to);
        open.push(to);
      }
    }
    for (const end of seen) reached.push(`${start} ${end}`);
  }
  const pairs = await transitiveClosure(vc, graph);
  expect(pairs.map(([from, to]) => `${from} ${to}`).sort()).toEqual(reached.sort());
});

it("connected components", async () => {
  const parent = new Map<string, string>();
  const root = (vertex: string): string => {
    let at = vertex;
    for (let up = parent.get(at); up !== undefined && up !== at; up = parent.get(at)) at = up;
    return at;
  };
  for (const line of dictLines("data.adj")) {
    const tokens = (line.split(" | ")[0] ?? "").split(" ");
    for (const [index, token] of tokens.entries()) {
      const to = tokens[index + 1] ?? "";
      if ((token !== "&" && token !== "!") || to.length !== 8) continue;
      const [a, b] = [root(tokens[0] ?? ""), root(to)].sort() as [string, string];
      parent.set(a, a);
      parent.set(b, a);
    }
  }
  // The smaller root stays one, so a root is its component's smallest vertex.
  const vertices = new Set<string>(parent.keys());
  const labels = await connectedComponents(linkedAdjectives(vc, dictPath("data.adj")));
  const answer = await labels.collect();
  expect(answer.length).toBeGreaterThan(10_000);
  const wrong = answer.filter(([vertex, label]) => root(vertex) !== label);
  expect(wrong).toEqual([]);
  for (const vertex of vertices) expect(parent.has(vertex)).toBe(true);
  expect(new Set(answer.map(([vertex]) => vertex)).size).toBe(answer.length);
});

function kMeansWithArrays(points: readonly Point[], start: readonly Point[], rounds: number): Point[] {
  let centres = [...start];
  for (let round = 0; round < rounds; round++) {
    const clusters = centres.map((): Point[] => []);
    for (const point of points) {
      const distances = centres.map(([x, y]) => Math.hypot(x - point[0], y - point[1]));
      clusters[distances.indexOf(Math.min(...distances))]?.push(point);
    }
    const mean = (of: readonly Point[], axis: 0 | 1) => of.reduce((sum, point) => sum + point[axis], 0) / of.length;
    centres = clusters.map((of): Point => [mean(of, 0), mean(of, 1)]);
  }
  return centres;
}

it("k-means", async () => {
  const points = scatteredPoints(2000, 4, 9);
  const start = points.slice(0, 4);
  const { centres, rounds } = await kMeans(vc, points, start);
  expect(rounds).toBeGreaterThan(1);
  for (const [index, [x, y]] of kMeansWithArrays(points, start, rounds).entries()) {
    expect(centres[index]?.[0]).toBeCloseTo(x, 9);
    expect(centres[index]?.[1]).toBeCloseTo(y, 9);
  }
});

it("logistic regression", async () => {
  const data = twoClouds(1000, 4, 3);
  let weights = [0, 0, 0, 0];
  for (let round = 0; round < 4; round++) {
    const gradient = [0, 0, 0, 0];
    for (const { features, label } of data) {
      const margin = label * features.reduce((sum, x, i) => sum + x * (weights[i] ?? 0), 0);
      for (const [i, x] of features.entries()) gradient[i] = (gradient[i] ?? 0) - (x * label) / (1 + Math.exp(margin));
    }
    weights = weights.map((weight, i) => weight - (2 * (gradient[i] ?? 0)) / data.length);
  }
  const learned = await logisticRegression(vc, data, { rounds: 4, rate: 2 });
  expect(learned).toBeInstanceOf(Float64Array);
  for (const [i, weight] of weights.entries()) expect(learned[i]).toBeCloseTo(weight, 9);
});

/**
 * Where alternating least squares has come to rest, each side solves its own problem: the gradient of the loss by every factor is 0. The items were
 * improved last, so theirs must be 0 after any number of rounds.
 */
it("matrix factorization", async () => {
  const ratings = randomRatings(100, 60, 2, 4);
  const { users, items, rmse } = await factorize(vc, ratings, { rank: 2, rounds: 8, lambda: 0.1 });
  const errorOf = ({ user, item, stars }: (typeof ratings)[number]) => {
    const [u = [], i = []] = [users.get(user), items.get(item)];
    return stars - ((u[0] ?? 0) * (i[0] ?? 0) + (u[1] ?? 0) * (i[1] ?? 0));
  };
  expect(new Set(users.keys())).toEqual(new Set(ratings.map(({ user }) => user)));
  for (const [item, factors] of items) {
    for (const [at, factor] of factors.entries()) {
      const own = ratings.filter((rating) => rating.item === item);
      const gradient = own.reduce((sum, each) => sum + errorOf(each) * (users.get(each.user)?.[at] ?? 0), 0);
      expect(gradient - 0.1 * factor).toBeCloseTo(0, 8);
    }
  }
  const squares = ratings.reduce((sum, rating) => sum + errorOf(rating) ** 2, 0);
  expect(rmse).toBeCloseTo(Math.sqrt(squares / ratings.length), 9);
  const early = await factorize(vc, ratings, { rank: 2, rounds: 1, lambda: 0.1 });
  expect(rmse).toBeLessThan(early.rmse);
});
