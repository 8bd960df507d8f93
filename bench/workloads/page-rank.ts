import type { Workload } from "../kit/workload.ts";
import { rounded, sized } from "../kit/workload.ts";

const PAGES = 50_000;
const EDGES = 300_000;
const ITERATIONS = 10;

/** W9: PageRank over a random graph, ten rounds, links cached. */
export const pageRank: Workload = {
  id: "w9",
  name: "page-rank",
  title: "W9 PageRank, 300 k edges, 10 iterations",
  goal: 0.25,
  async volley({ vc, scale }) {
    const [pages, edges] = [sized(PAGES, scale), sized(EDGES, scale)];
    const links = vc
      .range(0, edges, 1, 2)
      .map((i): [number, number] => [(i * 7919) % pages, (i * 104729 + 13) % pages])
      .groupByKey()
      .cache();
    let ranks = links.mapValues(() => 1);
    for (let i = 0; i < ITERATIONS; i++) {
      ranks = links
        .join(ranks)
        .flatMap(([, [targets, rank]]) => targets.map((target): [number, number] => [target, rank / targets.length]))
        .reduceByKey((a, b) => a + b)
        .mapValues((sum) => 0.15 + 0.85 * sum);
    }
    const total = await ranks.map(([page, rank]) => (page % 7) * rank).reduce((a, b) => a + b);
    await links.unpersist();
    return rounded(total);
  },
  node({ scale }) {
    const [pages, edges] = [sized(PAGES, scale), sized(EDGES, scale)];
    const links = new Map<number, number[]>();
    for (let i = 0; i < edges; i++) {
      const page = (i * 7919) % pages;
      const targets = links.get(page);
      if (targets === undefined) links.set(page, [(i * 104729 + 13) % pages]);
      else targets.push((i * 104729 + 13) % pages);
    }
    let ranks = new Map([...links.keys()].map((page) => [page, 1]));
    for (let i = 0; i < ITERATIONS; i++) {
      const sums = new Map<number, number>();
      for (const [page, targets] of links) {
        const rank = ranks.get(page);
        if (rank === undefined) continue;
        for (const target of targets) sums.set(target, (sums.get(target) ?? 0) + rank / targets.length);
      }
      ranks = new Map([...sums].map(([page, sum]) => [page, 0.15 + 0.85 * sum]));
    }
    let total = 0;
    for (const [page, rank] of ranks) total += (page % 7) * rank;
    return rounded(total);
  },
};
