/** All values of a key together. */
import { addTo, ascending, countIn, type WideJob } from "./wide-job.ts";

export const GROUP_JOBS: readonly WideJob[] = [
  {
    name: "medians",
    rows: 1_000_000,
    volley: (vc, rows) =>
      vc
        .range(0, rows, 1, 2)
        .map((i): [number, number] => [(i * 7919) % 20_000, (i * 31) % 10_007])
        .groupByKey()
        .mapValues((values) => values.sort((a, b) => a - b)[values.length >> 1] as number)
        .values()
        .sum(),
    node(rows) {
      const groups = new Map<number, number[]>();
      for (let i = 0; i < rows; i++) addTo(groups, (i * 7919) % 20_000, (i * 31) % 10_007);
      let total = 0;
      for (const values of groups.values()) total += values.sort(ascending)[values.length >> 1] as number;
      return total;
    },
  },
  {
    name: "group-objects",
    rows: 500_000,
    volley: (vc, rows) =>
      vc
        .range(0, rows, 1, 2)
        .map((i) => ({ id: i, city: `city-${(i * 7919) % 3000}`, amount: i % 500 }))
        .groupBy((order) => order.city)
        .mapValues((orders) => orders.reduce((sum, order) => sum + order.amount, 0) % 1000)
        .values()
        .sum(),
    node(rows) {
      const groups = new Map<string, { id: number; city: string; amount: number }[]>();
      for (let i = 0; i < rows; i++) {
        const order = { id: i, city: `city-${(i * 7919) % 3000}`, amount: i % 500 };
        addTo(groups, order.city, order);
      }
      let total = 0;
      for (const orders of groups.values()) total += orders.reduce((sum, order) => sum + order.amount, 0) % 1000;
      return total;
    },
  },
  {
    name: "group-by-part-of-row",
    rows: 400_000,
    volley: (vc, rows) =>
      vc
        .range(0, rows, 1, 2)
        .map((i) => ({ id: i, place: [i % 100, (i * 7919) % 100] as const, amount: i % 500 }))
        .groupBy((event) => event.place)
        .mapValues((events) => Math.max(...events.map(({ amount }) => amount)))
        .values()
        .sum(),
    node(rows) {
      const groups = new Map<number, { id: number; place: readonly [number, number]; amount: number }[]>();
      for (let i = 0; i < rows; i++) {
        const place = [i % 100, (i * 7919) % 100] as const;
        addTo(groups, place[0] * 100 + place[1], { id: i, place, amount: i % 500 });
      }
      let total = 0;
      for (const events of groups.values()) total += Math.max(...events.map(({ amount }) => amount));
      return total;
    },
  },
  {
    name: "top-three-by-key",
    rows: 500_000,
    volley: (vc, rows) =>
      vc
        .range(0, rows, 1, 2)
        .map((i): [string, [number, number]] => [`shop-${(i * 7919) % 2000}`, [i, (i * 31) % 10_007]])
        .groupByKey()
        .flatMapValues((sales) => sales.sort((a, b) => b[1] - a[1]).slice(0, 3))
        .map(([, [, amount]]) => amount)
        .sum(),
    node(rows) {
      const groups = new Map<string, [number, number][]>();
      for (let i = 0; i < rows; i++) addTo(groups, `shop-${(i * 7919) % 2000}`, [i, (i * 31) % 10_007]);
      let total = 0;
      for (const sales of groups.values())
        for (const [, amount] of sales.sort((a, b) => b[1] - a[1]).slice(0, 3)) total += amount;
      return total;
    },
  },
  {
    name: "group-strings",
    rows: 1_000_000,
    volley: (vc, rows) =>
      vc
        .range(0, rows, 1, 2)
        .map((i): [number, string] => [i % 5000, `item-${(i * 7919) % 100_000}`])
        .groupByKey()
        .map(([, items]) => new Set(items).size)
        .sum(),
    node(rows) {
      const groups = new Map<number, string[]>();
      for (let i = 0; i < rows; i++) addTo(groups, i % 5000, `item-${(i * 7919) % 100_000}`);
      let total = 0;
      for (const items of groups.values()) total += new Set(items).size;
      return total;
    },
  },
  {
    name: "cogroup",
    rows: 600_000,
    volley: (vc, rows) =>
      vc
        .range(0, rows, 1, 2)
        .map((i): [number, number] => [(i * 31) % 100_000, i])
        .cogroup(vc.range(0, rows / 2, 1, 2).map((i): [number, string] => [(i * 17) % 150_000, `n${i % 7}`]))
        .map(([, [left, right]]) => left.length * right.length)
        .sum(),
    node(rows) {
      const [left, right] = [new Map<number, number[]>(), new Map<number, string[]>()];
      for (let i = 0; i < rows; i++) addTo(left, (i * 31) % 100_000, i);
      for (let i = 0; i < rows / 2; i++) addTo(right, (i * 17) % 150_000, `n${i % 7}`);
      let total = 0;
      for (const [key, values] of left) total += values.length * (right.get(key)?.length ?? 0);
      return total;
    },
  },
  {
    name: "count-by-key",
    rows: 2_000_000,
    async volley(vc, rows) {
      const counts = await vc
        .range(0, rows, 1, 2)
        .map((i): [string, number] => [`k${(i * 7919) % 5000}`, i])
        .countByKey();
      return [counts.size, counts.get("k17")];
    },
    node(rows) {
      const counts = new Map<string, number>();
      for (let i = 0; i < rows; i++) countIn(counts, `k${(i * 7919) % 5000}`);
      return [counts.size, counts.get("k17")];
    },
  },
  {
    name: "count-tuples-by-value",
    rows: 500_000,
    async volley(vc, rows) {
      const counts = await vc
        .range(0, rows, 1, 2)
        .map((i): [number, number] => [i % 30, (i * 7919) % 40])
        .countByValue();
      return [counts.size, counts.get([7, 33]) ?? 0];
    },
    node(rows) {
      const counts = new Map<number, number>();
      for (let i = 0; i < rows; i++) countIn(counts, (i % 30) * 40 + ((i * 7919) % 40));
      return [counts.size, counts.get(7 * 40 + 33) ?? 0];
    },
  },
  {
    name: "distinct-numbers",
    rows: 2_000_000,
    volley: (vc, rows) =>
      vc
        .range(0, rows, 1, 2)
        .map((i) => (i * 7919) % 700_001)
        .distinct()
        .count(),
    node(rows) {
      const seen = new Set<number>();
      for (let i = 0; i < rows; i++) seen.add((i * 7919) % 700_001);
      return seen.size;
    },
  },
  {
    name: "distinct-tuples",
    rows: 600_000,
    volley: (vc, rows) =>
      vc
        .range(0, rows, 1, 2)
        .map((i): [number, number] => [(i * 7919) % 1000, (i * 31) % 300])
        .distinct()
        .count(),
    node(rows) {
      const seen = new Set<number>();
      for (let i = 0; i < rows; i++) seen.add(((i * 7919) % 1000) * 300 + ((i * 31) % 300));
      return seen.size;
    },
  },
  {
    name: "distinct-objects",
    rows: 400_000,
    volley: (vc, rows) =>
      vc
        .range(0, rows, 1, 2)
        .map((i) => ({ name: `n${(i * 7919) % 50_000}`, age: i % 3 }))
        .distinct()
        .count(),
    node(rows) {
      const seen = new Set<string>();
      for (let i = 0; i < rows; i++) seen.add(`n${(i * 7919) % 50_000}|${i % 3}`);
      return seen.size;
    },
  },
];
