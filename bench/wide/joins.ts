/** Joins of every kind, and what takes rows away by key. */
import { HashPartitioner } from "volley";
import { addTo, countIn, type WideJob } from "./wide-job.ts";

interface User {
  readonly id: string;
  readonly name: string;
  readonly age: number;
}

interface Order {
  readonly user: string;
  readonly amount: number;
}

function userOf(i: number): User {
  return { id: `user-${i}`, name: `Name ${i % 1000}`, age: 18 + (i % 60) };
}

function orderOf(i: number, users: number): Order {
  return { user: `user-${(i * 7919) % users}`, amount: i % 500 };
}

export const JOIN_JOBS: readonly WideJob[] = [
  {
    name: "join-one-to-one-tuples",
    rows: 500_000,
    volley: (vc, rows) =>
      vc
        .range(0, rows, 1, 2)
        .map((i): [number, [number, string]] => [(i * 31) % rows, [i, "left"]])
        .join(vc.range(0, rows, 1, 2).map((i): [number, [number, number]] => [(i * 17) % rows, [i, i % 10]]))
        .map(([, [[a, side], [b, digit]]]) => (a + b + side.length + digit) % 1000)
        .sum(),
    node(rows) {
      const left = new Map<number, [number, string][]>();
      for (let i = 0; i < rows; i++) addTo(left, (i * 31) % rows, [i, "left"]);
      let total = 0;
      for (let i = 0; i < rows; i++)
        for (const [a, side] of left.get((i * 17) % rows) ?? []) total += (a + i + side.length + (i % 10)) % 1000;
      return total;
    },
  },
  {
    name: "join-orders-with-users",
    rows: 600_000,
    volley(vc, rows) {
      const users = vc.range(0, rows / 20, 1, 2).map((i) => userOf(i));
      const orders = vc.range(0, rows, 1, 2).map((i) => orderOf(i, rows / 20));
      return orders
        .keyBy((order) => order.user)
        .join(users.keyBy((user) => user.id))
        .filter(([, [, user]]) => user.age > 30)
        .map(([, [order, user]]) => [user.name, order.amount] as const)
        .reduceByKey((a, b) => a + b)
        .map(([, amount]) => amount % 1000)
        .sum();
    },
    node(rows) {
      const users = new Map<string, User>();
      for (let i = 0; i < rows / 20; i++) users.set(userOf(i).id, userOf(i));
      const amounts = new Map<string, number>();
      for (let i = 0; i < rows; i++) {
        const order = orderOf(i, rows / 20);
        const user = users.get(order.user);
        if (user !== undefined && user.age > 30) countIn(amounts, user.name, order.amount);
      }
      let total = 0;
      for (const amount of amounts.values()) total += amount % 1000;
      return total;
    },
  },
  {
    name: "join-cached",
    rows: 600_000,
    async volley(vc, rows) {
      const users = vc
        .range(0, rows / 20, 1, 2)
        .map((i): [string, number] => [`user-${i}`, 18 + (i % 60)])
        .partitionBy(new HashPartitioner(2))
        .cache();
      await users.count();
      let total = 0;
      for (let round = 0; round < 3; round++)
        total += await vc
          .range(0, rows / 3, 1, 2)
          .map((i): [string, number] => [`user-${(i * 7919 + round) % (rows / 20)}`, i % 500])
          .join(users)
          .map(([, [amount, age]]) => (age > 30 ? amount : 0))
          .sum();
      await users.unpersist();
      return total;
    },
    node(rows) {
      const ages = new Map<string, number>();
      for (let i = 0; i < rows / 20; i++) ages.set(`user-${i}`, 18 + (i % 60));
      let total = 0;
      for (let round = 0; round < 3; round++)
        for (let i = 0; i < rows / 3; i++)
          if ((ages.get(`user-${(i * 7919 + round) % (rows / 20)}`) ?? 0) > 30) total += i % 500;
      return total;
    },
  },
  {
    name: "join-many-to-many",
    rows: 100_000,
    volley: (vc, rows) =>
      vc
        .range(0, rows, 1, 2)
        .map((i): [number, number] => [(i * 31) % (rows / 10), i])
        .join(vc.range(0, rows, 1, 2).map((i): [number, number] => [(i * 17) % (rows / 10), i * 2]))
        .map(([, [a, b]]) => (a + b) % 1000)
        .sum(),
    node(rows) {
      const left = new Map<number, number[]>();
      for (let i = 0; i < rows; i++) addTo(left, (i * 31) % (rows / 10), i);
      let total = 0;
      for (let i = 0; i < rows; i++)
        for (const a of left.get((i * 17) % (rows / 10)) ?? []) total += (a + i * 2) % 1000;
      return total;
    },
  },
  {
    name: "join-skewed",
    rows: 1_000_000,
    volley: (vc, rows) =>
      vc
        .range(0, rows, 1, 2)
        .map((i): [string, number] => [i % 2 === 0 ? "hot" : `k${i % 10_000}`, i])
        .join(vc.range(0, 10_000, 1, 2).map((i): [string, number] => [i === 0 ? "hot" : `k${i}`, i]))
        .map(([, [a, b]]) => (a + b) % 1000)
        .sum(),
    node(rows) {
      const right = new Map<string, number>();
      for (let i = 0; i < 10_000; i++) right.set(i === 0 ? "hot" : `k${i}`, i);
      let total = 0;
      for (let i = 0; i < rows; i++) {
        const b = right.get(i % 2 === 0 ? "hot" : `k${i % 10_000}`);
        if (b !== undefined) total += (i + b) % 1000;
      }
      return total;
    },
  },
  {
    name: "left-outer-join",
    rows: 600_000,
    volley: (vc, rows) =>
      vc
        .range(0, rows, 1, 2)
        .map((i): [number, number] => [i, i % 100])
        .leftOuterJoin(vc.range(0, rows / 3, 1, 2).map((i): [number, string] => [i * 2, `r${i % 10}`]))
        .map(([, [a, b]]) => a + (b === undefined ? 1000 : b.length))
        .sum(),
    node(rows) {
      const right = new Map<number, string>();
      for (let i = 0; i < rows / 3; i++) right.set(i * 2, `r${i % 10}`);
      let total = 0;
      for (let i = 0; i < rows; i++) total += (i % 100) + (right.get(i)?.length ?? 1000);
      return total;
    },
  },
  {
    name: "right-outer-join",
    rows: 600_000,
    volley: (vc, rows) =>
      vc
        .range(0, rows / 3, 1, 2)
        .map((i): [number, number] => [i * 2, i % 10])
        .rightOuterJoin(vc.range(0, rows, 1, 2).map((i): [number, number] => [i, i % 100]))
        .map(([, [a, b]]) => (a ?? 1000) + b)
        .sum(),
    node(rows) {
      const left = new Map<number, number>();
      for (let i = 0; i < rows / 3; i++) left.set(i * 2, i % 10);
      let total = 0;
      for (let i = 0; i < rows; i++) total += (i % 100) + (left.get(i) ?? 1000);
      return total;
    },
  },
  {
    name: "full-outer-join",
    rows: 400_000,
    volley: (vc, rows) =>
      vc
        .range(0, rows, 1, 2)
        .map((i): [string, number] => [`k${i}`, i % 100])
        .fullOuterJoin(vc.range(0, rows, 1, 2).map((i): [string, number] => [`k${i + rows / 2}`, i % 10]))
        .map(([, [a, b]]) => (a ?? 1000) + (b ?? 2000))
        .sum(),
    node(rows) {
      const left = new Map<string, number>();
      for (let i = 0; i < rows; i++) left.set(`k${i}`, i % 100);
      let total = 0;
      for (let i = 0; i < rows; i++) {
        const key = `k${i + rows / 2}`;
        total += (left.get(key) ?? 1000) + (i % 10);
        left.delete(key);
      }
      for (const value of left.values()) total += value + 2000;
      return total;
    },
  },
  {
    name: "join-by-tuple",
    rows: 300_000,
    volley: (vc, rows) =>
      vc
        .range(0, rows, 1, 2)
        .map((i): [[string, number], number] => [[`c${i % 20}`, i % 5000], i % 100])
        .join(vc.range(0, 20_000, 1, 2).map((i): [[string, number], number] => [[`c${i % 20}`, i % 5000], i % 10]))
        .map(([[country], [a, b]]) => country.length + a * b)
        .sum(),
    node(rows) {
      const right = new Map<string, number[]>();
      for (let i = 0; i < 20_000; i++) addTo(right, `c${i % 20}|${i % 5000}`, i % 10);
      let total = 0;
      for (let i = 0; i < rows; i++)
        for (const b of right.get(`c${i % 20}|${i % 5000}`) ?? []) total += `c${i % 20}`.length + (i % 100) * b;
      return total;
    },
  },
  {
    name: "subtract",
    rows: 600_000,
    volley: (vc, rows) =>
      vc
        .range(0, rows, 1, 2)
        .map((i) => `id-${i}`)
        .subtract(vc.range(0, rows / 2, 1, 2).map((i) => `id-${i * 3}`))
        .count(),
    node(rows) {
      const right = new Set<string>();
      for (let i = 0; i < rows / 2; i++) right.add(`id-${i * 3}`);
      let count = 0;
      for (let i = 0; i < rows; i++) if (!right.has(`id-${i}`)) count++;
      return count;
    },
  },
  {
    name: "intersection",
    rows: 1_000_000,
    volley: (vc, rows) =>
      vc
        .range(0, rows, 1, 2)
        .map((i) => i * 2)
        .intersection(vc.range(0, rows, 1, 2).map((i) => i * 3))
        .count(),
    node(rows) {
      const left = new Set<number>();
      for (let i = 0; i < rows; i++) left.add(i * 2);
      let count = 0;
      for (let i = 0; i < rows; i++) if (left.has(i * 3)) count++;
      return count;
    },
  },
  {
    name: "subtract-by-key",
    rows: 600_000,
    volley: (vc, rows) =>
      vc
        .range(0, rows, 1, 2)
        .map((i): [number, string] => [i, `v${i % 100}`])
        .subtractByKey(vc.range(0, rows / 2, 1, 2).map((i): [number, number] => [i * 3, i]))
        .map(([, text]) => text.length)
        .sum(),
    node(rows) {
      const right = new Set<number>();
      for (let i = 0; i < rows / 2; i++) right.add(i * 3);
      let total = 0;
      for (let i = 0; i < rows; i++) if (!right.has(i)) total += `v${i % 100}`.length;
      return total;
    },
  },
];
