/** Rounds of wide operators over graphs, and what places rows by a rule of the user's own. */
import { HashPartitioner, Partitioner, type RDD } from "volley";
import { addTo, type WideJob } from "./wide-job.ts";

class ByRegion extends Partitioner {
  override get numPartitions(): number {
    return 4;
  }

  override getPartition(key: unknown): number {
    return (key as string).charCodeAt(7) % 4;
  }

  override equals(other: Partitioner): boolean {
    return other instanceof ByRegion;
  }
}

function edgesOf(rows: number): [number, number][] {
  const nodes = Math.ceil(rows / 3);
  return Array.from({ length: rows }, (_, i) => [(i * 7919) % nodes, (i * 104_729 + 13) % nodes]);
}

export const LOOP_JOBS: readonly WideJob[] = [
  {
    name: "page-rank-of-urls",
    rows: 100_000,
    async volley(vc, rows) {
      const links = vc
        .range(0, rows, 1, 2)
        .map((i): [string, string] => [
          `https://site/${(i * 7919) % Math.ceil(rows / 6)}`,
          `https://site/${(i * 31) % Math.ceil(rows / 6)}`,
        ])
        .distinct()
        .groupByKey()
        .cache();
      let ranks: RDD<[string, number]> = links.mapValues(() => 1);
      for (let round = 0; round < 5; round++)
        ranks = links
          .join(ranks)
          .values()
          .flatMap(([urls, rank]) => urls.map((url): [string, number] => [url, rank / urls.length]))
          .reduceByKey((a, b) => a + b)
          .mapValues((rank) => 0.15 + 0.85 * rank);
      const total = await ranks.values().sum();
      await links.unpersist();
      return total.toPrecision(9);
    },
    node(rows) {
      const links = new Map<string, Set<string>>();
      for (let i = 0; i < rows; i++) {
        const [from, to] = [
          `https://site/${(i * 7919) % Math.ceil(rows / 6)}`,
          `https://site/${(i * 31) % Math.ceil(rows / 6)}`,
        ];
        const known = links.get(from);
        if (known === undefined) links.set(from, new Set([to]));
        else known.add(to);
      }
      let ranks = new Map([...links.keys()].map((url) => [url, 1]));
      for (let round = 0; round < 5; round++) {
        const sums = new Map<string, number>();
        for (const [from, urls] of links) {
          const rank = ranks.get(from);
          if (rank !== undefined) for (const url of urls) sums.set(url, (sums.get(url) ?? 0) + rank / urls.size);
        }
        ranks = new Map([...sums].map(([url, rank]) => [url, 0.15 + 0.85 * rank]));
      }
      let total = 0;
      for (const rank of ranks.values()) total += rank;
      return total.toPrecision(9);
    },
  },
  {
    name: "connected-components",
    rows: 100_000,
    async volley(vc, rows) {
      const edges = vc
        .parallelize(edgesOf(rows), 2)
        .flatMap(([a, b]): [number, number][] => [
          [a, b],
          [b, a],
        ])
        .partitionBy(new HashPartitioner(2))
        .cache();
      let labels: RDD<[number, number]> = edges
        .keys()
        .distinct()
        .map((node): [number, number] => [node, node % 5000]);
      for (let round = 0; round < 4; round++)
        labels = edges
          .join(labels)
          .map(([, [to, label]]): [number, number] => [to, label])
          .union(labels)
          .reduceByKey((a, b) => Math.min(a, b), 2);
      const total = await labels.values().sum();
      await edges.unpersist();
      return total;
    },
    node(rows) {
      const edges = new Map<number, number[]>();
      for (const [a, b] of edgesOf(rows)) {
        addTo(edges, a, b);
        addTo(edges, b, a);
      }
      let labels = new Map([...edges.keys()].map((node) => [node, node % 5000]));
      for (let round = 0; round < 4; round++) {
        const smallest = new Map(labels);
        for (const [from, targets] of edges)
          for (const to of targets) smallest.set(to, Math.min(smallest.get(to) as number, labels.get(from) as number));
        labels = smallest;
      }
      let total = 0;
      for (const label of labels.values()) total += label;
      return total;
    },
  },
  {
    name: "transitive-closure",
    rows: 300,
    async volley(vc, rows) {
      const edges = vc
        .range(0, rows, 1, 2)
        .map((i): [number, number] => [i % 200, (i * 37 + 11) % 200])
        .distinct()
        .cache();
      const turned = edges.map(([from, to]): [number, number] => [to, from]).cache();
      let paths: RDD<[number, number]> = edges;
      let [before, count] = [0, await paths.count()];
      while (count !== before) {
        before = count;
        paths = paths
          .union(paths.join(turned).map(([, [to, from]]): [number, number] => [from, to]))
          .distinct(2)
          .cache();
        count = await paths.count();
      }
      return count;
    },
    node(rows) {
      const edges = new Map<number, number[]>();
      for (let i = 0; i < rows; i++) addTo(edges, i % 200, (i * 37 + 11) % 200);
      let count = 0;
      for (const start of edges.keys()) {
        const seen = new Set<number>(edges.get(start));
        for (const node of seen) for (const to of edges.get(node) ?? []) seen.add(to);
        count += seen.size;
      }
      return count;
    },
  },
  {
    name: "custom-partitioner",
    rows: 1_000_000,
    volley: (vc, rows) =>
      vc
        .range(0, rows, 1, 2)
        .map((i): [string, number] => [`region-${i % 10}-${i % 1000}`, i % 100])
        .partitionBy(new ByRegion())
        .mapPartitions((pairs) => {
          const seen = new Set<string>();
          for (const [key] of pairs) seen.add(key);
          return [seen.size];
        })
        .sum(),
    node(rows) {
      const seen = [new Set<string>(), new Set<string>(), new Set<string>(), new Set<string>()];
      for (let i = 0; i < rows; i++) {
        const key = `region-${i % 10}-${i % 1000}`;
        seen[key.charCodeAt(7) % 4]?.add(key);
      }
      return seen.reduce((sum, { size }) => sum + size, 0);
    },
  },
];
