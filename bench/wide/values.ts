/** Combiners of every kind. */
import { addTo, type WideJob } from "./wide-job.ts";

const KEYS = 50_000;

function keyOf(i: number): number {
  return (i * 7919) % KEYS;
}

interface Mean {
  sum: number;
  count: number;
}

interface Readings extends Mean {
  min: number;
  max: number;
}

function means(rows: number): number {
  const sums = new Map<number, Mean>();
  for (let i = 0; i < rows; i++) {
    const found = sums.get(keyOf(i));
    if (found === undefined) sums.set(keyOf(i), { sum: i % 1000, count: 1 });
    else {
      found.sum += i % 1000;
      found.count++;
    }
  }
  let total = 0;
  for (const { sum, count } of sums.values()) total += Math.round(sum / count);
  return total;
}

export const VALUE_JOBS: readonly WideJob[] = [
  {
    name: "mean-by-tuples",
    rows: 1_000_000,
    volley: (vc, rows) =>
      vc
        .range(0, rows, 1, 2)
        .map((i): [number, [number, number]] => [(i * 7919) % KEYS, [i % 1000, 1]])
        .reduceByKey((a, b) => [a[0] + b[0], a[1] + b[1]])
        .mapValues(([sum, count]) => sum / count)
        .map(([, mean]) => Math.round(mean))
        .sum(),
    node: means,
  },
  {
    name: "mean-by-objects",
    rows: 1_000_000,
    volley: (vc, rows) =>
      vc
        .range(0, rows, 1, 2)
        .map((i): [number, Mean] => [(i * 7919) % KEYS, { sum: i % 1000, count: 1 }])
        .reduceByKey((a, b) => ({ sum: a.sum + b.sum, count: a.count + b.count }))
        .mapValues(({ sum, count }) => sum / count)
        .map(([, mean]) => Math.round(mean))
        .sum(),
    node: means,
  },
  {
    name: "mean-by-aggregate",
    rows: 1_000_000,
    volley: (vc, rows) =>
      vc
        .range(0, rows, 1, 2)
        .map((i): [number, number] => [(i * 7919) % KEYS, i % 1000])
        .aggregateByKey(
          [0, 0] as [number, number],
          ([sum, count], value) => [sum + value, count + 1],
          (a, b) => [a[0] + b[0], a[1] + b[1]],
        )
        .map(([, [sum, count]]) => Math.round(sum / count))
        .sum(),
    node: means,
  },
  {
    name: "mean-by-aggregate-in-place",
    rows: 1_000_000,
    volley: (vc, rows) =>
      vc
        .range(0, rows, 1, 2)
        .map((i): [number, number] => [(i * 7919) % KEYS, i % 1000])
        .aggregateByKey(
          { sum: 0, count: 0 },
          (mean, value) => {
            mean.sum += value;
            mean.count++;
            return mean;
          },
          (a, b) => {
            a.sum += b.sum;
            a.count += b.count;
            return a;
          },
        )
        .map(([, { sum, count }]) => Math.round(sum / count))
        .sum(),
    node: means,
  },
  {
    name: "mean-by-combine",
    rows: 1_000_000,
    volley: (vc, rows) =>
      vc
        .range(0, rows, 1, 2)
        .map((i): [number, number] => [(i * 7919) % KEYS, i % 1000])
        .combineByKey(
          (value): [number, number] => [value, 1],
          (c, value): [number, number] => [c[0] + value, c[1] + 1],
          (a, b): [number, number] => [a[0] + b[0], a[1] + b[1]],
        )
        .map(([, c]) => Math.round(c[0] / c[1]))
        .sum(),
    node: means,
  },
  {
    name: "latest-object",
    rows: 1_000_000,
    volley: (vc, rows) =>
      vc
        .range(0, rows, 1, 2)
        .map((i) => ({ user: `user-${(i * 7919) % KEYS}`, at: (i * 104_729) % 1_000_003, amount: i % 500 }))
        .keyBy((event) => event.user)
        .reduceByKey((a, b) => (b.at > a.at ? b : a))
        .map(([, event]) => event.amount)
        .sum(),
    node(rows) {
      const latest = new Map<string, { at: number; amount: number }>();
      for (let i = 0; i < rows; i++) {
        const event = { user: `user-${keyOf(i)}`, at: (i * 104_729) % 1_000_003, amount: i % 500 };
        const known = latest.get(event.user);
        if (known === undefined || event.at > known.at) latest.set(event.user, event);
      }
      let total = 0;
      for (const { amount } of latest.values()) total += amount;
      return total;
    },
  },
  {
    name: "max-by-fold",
    rows: 2_000_000,
    volley: (vc, rows) =>
      vc
        .range(0, rows, 1, 2)
        .map((i): [number, number] => [(i * 7919) % KEYS, (i * 31) % 10_007])
        .foldByKey(0, (a, b) => Math.max(a, b))
        .values()
        .sum(),
    node(rows) {
      const largest = new Map<number, number>();
      for (let i = 0; i < rows; i++) largest.set(keyOf(i), Math.max(largest.get(keyOf(i)) ?? 0, (i * 31) % 10_007));
      let total = 0;
      for (const value of largest.values()) total += value;
      return total;
    },
  },
  {
    name: "strings-joined",
    rows: 300_000,
    volley: (vc, rows) =>
      vc
        .range(0, rows, 1, 2)
        .map((i): [number, string] => [(i * 7919) % KEYS, `v${i % 100}`])
        .reduceByKey((a, b) => `${a},${b}`)
        .map(([, text]) => text.length)
        .sum(),
    node(rows) {
      const texts = new Map<number, string>();
      for (let i = 0; i < rows; i++) {
        const known = texts.get(keyOf(i));
        texts.set(keyOf(i), known === undefined ? `v${i % 100}` : `${known},v${i % 100}`);
      }
      let total = 0;
      for (const text of texts.values()) total += text.length;
      return total;
    },
  },
  {
    name: "arrays-joined",
    rows: 300_000,
    volley: (vc, rows) =>
      vc
        .range(0, rows, 1, 2)
        .map((i): [number, number[]] => [(i * 7919) % KEYS, [i % 100]])
        .reduceByKey((a, b) => [...a, ...b])
        .map(([, list]) => list.length)
        .sum(),
    node(rows) {
      const lists = new Map<number, number[]>();
      for (let i = 0; i < rows; i++) addTo(lists, keyOf(i), i % 100);
      let total = 0;
      for (const list of lists.values()) total += list.length;
      return total;
    },
  },
  {
    name: "distinct-by-sets",
    rows: 500_000,
    volley: (vc, rows) =>
      vc
        .range(0, rows, 1, 2)
        .map((i): [number, number] => [i % 1000, (i * 7919) % 5003])
        .aggregateByKey(
          new Set<number>(),
          (set, value) => set.add(value),
          (a, b) => {
            for (const value of b) a.add(value);
            return a;
          },
        )
        .map(([, set]) => set.size)
        .sum(),
    node(rows) {
      const sets = new Map<number, Set<number>>();
      for (let i = 0; i < rows; i++) {
        const set = sets.get(i % 1000);
        if (set === undefined) sets.set(i % 1000, new Set([(i * 7919) % 5003]));
        else set.add((i * 7919) % 5003);
      }
      let total = 0;
      for (const set of sets.values()) total += set.size;
      return total;
    },
  },
  {
    name: "histogram-by-objects",
    rows: 500_000,
    volley: (vc, rows) =>
      vc
        .range(0, rows, 1, 2)
        .map((i): [string, number] => [`sensor-${i % 500}`, (i * 7919) % 8])
        .aggregateByKey(
          {} as Record<string, number>,
          (counts, bucket) => {
            counts[bucket] = (counts[bucket] ?? 0) + 1;
            return counts;
          },
          (a, b) => {
            for (const bucket of Object.keys(b)) a[bucket] = (a[bucket] ?? 0) + (b[bucket] as number);
            return a;
          },
        )
        .map(([, counts]) => Object.values(counts).reduce((a, b) => a + b * b, 0))
        .sum(),
    node(rows) {
      const histograms = new Map<string, number[]>();
      for (let i = 0; i < rows; i++) {
        const key = `sensor-${i % 500}`;
        let counts = histograms.get(key);
        if (counts === undefined) histograms.set(key, (counts = new Array<number>(8).fill(0)));
        counts[(i * 7919) % 8] = (counts[(i * 7919) % 8] as number) + 1;
      }
      let total = 0;
      for (const counts of histograms.values()) for (const count of counts) total += count * count;
      return total;
    },
  },
  {
    name: "min-max-mean",
    rows: 1_000_000,
    volley: (vc, rows) =>
      vc
        .range(0, rows, 1, 2)
        .map((i) => ({ station: `station-${i % 400}`, degrees: ((i * 7919) % 1000) / 10 - 30 }))
        .map(({ station, degrees }): [string, Readings] => [
          station,
          { min: degrees, max: degrees, sum: degrees, count: 1 },
        ])
        .reduceByKey((a, b) => ({
          min: Math.min(a.min, b.min),
          max: Math.max(a.max, b.max),
          sum: a.sum + b.sum,
          count: a.count + b.count,
        }))
        .map(([, { min, max, count }]) => Math.round((max - min) * 10) + count)
        .sum(),
    node(rows) {
      const stations = new Map<string, Readings>();
      for (let i = 0; i < rows; i++) {
        const degrees = ((i * 7919) % 1000) / 10 - 30;
        const known = stations.get(`station-${i % 400}`);
        if (known === undefined)
          stations.set(`station-${i % 400}`, { min: degrees, max: degrees, sum: degrees, count: 1 });
        else {
          known.min = Math.min(known.min, degrees);
          known.max = Math.max(known.max, degrees);
          known.sum += degrees;
          known.count++;
        }
      }
      let total = 0;
      for (const { min, max, count } of stations.values()) total += Math.round((max - min) * 10) + count;
      return total;
    },
  },
];
