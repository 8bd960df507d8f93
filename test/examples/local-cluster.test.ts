/** Examples on executors that must send each other shuffles, broadcasts and cached blocks: the same oracles, smaller. */

import { afterAll, beforeAll, expect, it } from "vitest";
import { VolleyContext } from "volley";
import { wordsAndLengths } from "../../examples/custom-accumulator.ts";
import { kMeans, scatteredPoints } from "../../examples/k-means.ts";
import { monteCarloPi } from "../../examples/monte-carlo-pi.ts";
import { wordCount } from "../../examples/word-count.ts";
import { countOf, dictLines, dictPath, glossWords } from "./kit.ts";

let vc: VolleyContext;
beforeAll(async () => {
  vc = await VolleyContext.create({ master: "local-cluster[2,1,512]" });
});
afterAll(() => vc.stop());

it("word count", async () => {
  const counts = [...countOf(dictLines("data.adv").flatMap(glossWords))];
  counts.sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
  expect(await wordCount(vc, dictPath("data.adv"), 100)).toEqual(counts.slice(0, 100));
});

it("custom accumulator", async () => {
  const definitions = dictLines("data.adv").map(glossWords);
  const answer = await wordsAndLengths(vc, dictPath("data.adv"));
  expect(answer.words).toEqual(countOf(definitions.flat()));
  expect(answer.lengths.reduce((sum, count) => sum + count, 0)).toBe(definitions.length);
});

it("k-means comes to rest in the middle of each cluster", async () => {
  const points = scatteredPoints(900, 3, 2);
  const { centres } = await kMeans(vc, points, points.slice(0, 3), 0);
  const distance = (a: readonly number[], b: readonly number[]) =>
    Math.hypot((a[0] ?? 0) - (b[0] ?? 0), (a[1] ?? 0) - (b[1] ?? 0));
  for (const centre of centres) {
    const own = points.filter((point) => centres.every((other) => distance(point, centre) <= distance(point, other)));
    expect(own.reduce((sum, [x]) => sum + x, 0) / own.length).toBeCloseTo(centre[0], 9);
    expect(own.reduce((sum, [, y]) => sum + y, 0) / own.length).toBeCloseTo(centre[1], 9);
  }
});

it("Monte Carlo pi is the same wherever its partitions run", async () => {
  const answer = await monteCarloPi(vc, 40_000, 5);
  expect(await monteCarloPi(vc, 40_000, 5)).toBe(answer);
  expect(Math.abs(answer - Math.PI)).toBeLessThan(0.05);
});
