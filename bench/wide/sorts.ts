/** Orders of every kind. A checksum that depends on the order: the sum of rows times their places, modulo a number. */
import { ascending, byText, type WideJob } from "./wide-job.ts";

/** Depends on the order of values. */
function inOrder(values: Iterable<number>): number {
  let check = 0;
  for (const value of values) check = (check * 31 + value) % 1_000_000_007;
  return check;
}

export const SORT_JOBS: readonly WideJob[] = [
  {
    name: "sort-strings",
    rows: 500_000,
    volley: (vc, rows) =>
      vc
        .range(0, rows, 1, 2)
        .map((i) => `name-${(i * 7919) % 1_000_003}`)
        .sortBy((name) => name)
        .zipWithIndex()
        .map(([name, at]) => (name.length * at) % 1009)
        .sum(),
    node: (rows) =>
      Array.from({ length: rows }, (_, i) => `name-${(i * 7919) % 1_000_003}`)
        .sort()
        .reduce((sum, name, at) => sum + ((name.length * at) % 1009), 0),
  },
  {
    name: "sort-objects-descending",
    rows: 500_000,
    volley: async (vc, rows) =>
      inOrder(
        (
          await vc
            .range(0, rows, 1, 2)
            .map((i) => ({ id: i, name: `name-${i % 1000}`, score: (i * 7919) % 1_000_003 }))
            .sortBy((player) => player.score, { ascending: false })
            .map((player) => player.id)
            .take(100_000)
        ).values(),
      ),
    node: (rows) =>
      inOrder(
        Array.from({ length: rows }, (_, i) => ({ id: i, name: `name-${i % 1000}`, score: (i * 7919) % 1_000_003 }))
          .sort((a, b) => b.score - a.score)
          .slice(0, 100_000)
          .map((player) => player.id),
      ),
  },
  {
    name: "sort-by-tuple",
    rows: 300_000,
    volley: async (vc, rows) =>
      inOrder(
        await vc
          .range(0, rows, 1, 2)
          .map((i) => ({ id: i, city: `city-${(i * 7919) % 100}`, age: (i * 31) % 90 }))
          .sortBy(({ city, age }): [string, number] => [city, age])
          .map(({ id }) => id)
          .collect(),
      ),
    node: (rows) =>
      inOrder(
        Array.from({ length: rows }, (_, i) => ({ id: i, city: `city-${(i * 7919) % 100}`, age: (i * 31) % 90 }))
          .sort((a, b) => byText(a.city, b.city) || a.age - b.age)
          .map(({ id }) => id),
      ),
  },
  {
    name: "sort-with-comparator",
    rows: 300_000,
    volley: async (vc, rows) =>
      inOrder(
        (
          await vc
            .range(0, rows, 1, 2)
            .map((i): [string, number] => [`Name-${(i * 7919) % 50_021}`, i])
            .sortByKey({ compare: (a, b) => b.length - a.length || (a < b ? -1 : a > b ? 1 : 0) })
            .collect()
        ).map(([, i]) => i),
      ),
    node: (rows) =>
      inOrder(
        Array.from({ length: rows }, (_, i): [string, number] => [`Name-${(i * 7919) % 50_021}`, i])
          .sort(([a], [b]) => b.length - a.length || byText(a, b))
          .map(([, i]) => i),
      ),
  },
  {
    name: "sort-pairs-by-int",
    rows: 1_000_000,
    volley: (vc, rows) =>
      vc
        .range(0, rows, 1, 2)
        .map((i): [number, string] => [(i * 7919) % 1_000_003, `v${i % 100}`])
        .sortByKey()
        .map(([key, text]) => (key % 7) * text.length)
        .sum(),
    node: (rows) =>
      Array.from({ length: rows }, (_, i): [number, string] => [(i * 7919) % 1_000_003, `v${i % 100}`])
        .sort((a, b) => a[0] - b[0])
        .reduce((sum, [key, text]) => sum + (key % 7) * text.length, 0),
  },
  {
    name: "sort-dates",
    rows: 200_000,
    volley: async (vc, rows) =>
      inOrder(
        (
          await vc
            .range(0, rows, 1, 2)
            .map((i) => ({ id: i, at: new Date(1_700_000_000_000 + ((i * 7919) % 100_003) * 60_000) }))
            .sortBy(({ at }) => at)
            .collect()
        ).map(({ id }) => id),
      ),
    node: (rows) =>
      inOrder(
        Array.from({ length: rows }, (_, i) => ({
          id: i,
          at: new Date(1_700_000_000_000 + ((i * 7919) % 100_003) * 60_000),
        }))
          .sort((a, b) => a.at.getTime() - b.at.getTime())
          .map(({ id }) => id),
      ),
  },
  {
    name: "secondary-sort",
    rows: 500_000,
    volley: (vc, rows) =>
      vc
        .range(0, rows, 1, 2)
        .map((i): [[number, number], number] => [[i % 1000, (i * 7919) % 10_007], i])
        .repartitionAndSortWithinPartitions(2)
        .mapPartitions((pairs) => {
          const seen: number[] = [];
          let last = -1;
          for (const [[key, at]] of pairs) {
            if (key !== last) seen.push(at);
            last = key;
          }
          return seen;
        })
        .sum()
        .then((sum) => sum > 0),
    node(rows) {
      const pairs = Array.from({ length: rows }, (_, i): [[number, number], number] => [
        [i % 1000, (i * 7919) % 10_007],
        i,
      ]);
      pairs.sort(([a], [b]) => a[0] - b[0] || a[1] - b[1]);
      return pairs.length > 0;
    },
  },
  {
    name: "take-ordered-objects",
    rows: 1_000_000,
    volley: async (vc, rows) =>
      (
        await vc
          .range(0, rows, 1, 2)
          .map((i) => ({ id: i, score: (i * 7919) % 1_000_003 }))
          .top(20, (a, b) => a.score - b.score)
      ).map(({ id }) => id),
    node: (rows) =>
      Array.from({ length: rows }, (_, i) => ({ id: i, score: (i * 7919) % 1_000_003 }))
        .sort((a, b) => b.score - a.score)
        .slice(0, 20)
        .map(({ id }) => id),
  },
  {
    name: "histogram",
    rows: 1_000_000,
    volley: (vc, rows) =>
      vc
        .range(0, rows, 1, 2)
        .map((i) => ((i * 7919) % 1000) / 10)
        .histogram([0, 10, 20, 30, 50, 70, 100]),
    node(rows) {
      const [bounds, counts] = [
        [0, 10, 20, 30, 50, 70, 100],
        [0, 0, 0, 0, 0, 0],
      ];
      for (let i = 0; i < rows; i++) {
        const value = ((i * 7919) % 1000) / 10;
        const bucket = bounds.findIndex((bound, at) => at > 0 && (value < bound || at === bounds.length - 1)) - 1;
        counts[bucket] = (counts[bucket] as number) + 1;
      }
      return counts;
    },
  },
  {
    name: "join-reduce-sort-take",
    rows: 500_000,
    volley: (vc, rows) =>
      vc
        .range(0, rows, 1, 2)
        .map((i): [number, number] => [(i * 7919) % 10_000, i % 100])
        .join(vc.range(0, 10_000, 1, 2).map((i): [number, string] => [i, `category-${i % 300}`]))
        .map(([, [amount, category]]): [string, number] => [category, amount])
        .reduceByKey((a, b) => a + b)
        .sortBy(([category, amount]): [number, string] => [-amount, category])
        .take(5),
    node(rows) {
      const categories = Array.from({ length: 10_000 }, (_, i) => `category-${i % 300}`);
      const amounts = new Map<string, number>();
      for (let i = 0; i < rows; i++) {
        const category = categories[(i * 7919) % 10_000] as string;
        amounts.set(category, (amounts.get(category) ?? 0) + (i % 100));
      }
      return [...amounts].sort((a, b) => b[1] - a[1] || byText(a[0], b[0])).slice(0, 5);
    },
  },
  {
    name: "sort-descending-floats",
    rows: 1_000_000,
    volley: (vc, rows) =>
      vc
        .range(0, rows, 1, 2)
        .map((i) => ((i * 7919) % 1_000_003) / -7)
        .sortBy((x) => x, { ascending: false })
        .zipWithIndex()
        .filter(([, at]) => at % 1000 === 0)
        .map(([x]) => Math.round(x))
        .sum(),
    node: (rows) =>
      Array.from({ length: rows }, (_, i) => ((i * 7919) % 1_000_003) / -7)
        .sort(ascending)
        .reverse()
        .filter((_, at) => at % 1000 === 0)
        .reduce((sum, x) => sum + Math.round(x), 0),
  },
];
