/** One job spoils what all code of its thread shares; then twenty pipelines run on the same executors and must give what arrays give. */

import { afterAll, beforeAll, expect, it } from "vitest";
import { type RDD, VolleyContext, VolleyError } from "volley";

let vc: VolleyContext;
let lost = 0;
beforeAll(async () => {
  vc = await VolleyContext.create({ master: "local-cluster[2,1,256]", progress: false });
  vc.addListener({ onExecutorRemoved: () => lost++ });
});
afterAll(() => vc.stop());

const VALUES = Array.from({ length: 200 }, (_, index) => (index * 37) % 101);
const values = (): RDD<number> => vc.parallelize(VALUES, 4);
const pairs = () => values().map((x): [string, number] => [`k${x % 7}`, x]);
const PAIRS = VALUES.map((x): [string, number] => [`k${x % 7}`, x]);

const numeric = (a: number, b: number) => a - b;
const byKey = (a: readonly [string, unknown], b: readonly [string, unknown]) => (a[0] < b[0] ? -1 : 1);
const grouped = (rows: readonly [string, number][]): [string, number[]][] => {
  const groups = new Map<string, number[]>();
  for (const [key, value] of rows) groups.set(key, [...(groups.get(key) ?? []), value]);
  return [...groups].sort(byKey);
};
const sumOf = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0);

/** Each with what arrays give. */
const PIPELINES: readonly (readonly [string, () => Promise<unknown>, unknown])[] = [
  [
    "map",
    () =>
      values()
        .map((x) => x * 2 + 1)
        .collect(),
    VALUES.map((x) => x * 2 + 1),
  ],
  [
    "filter",
    () =>
      values()
        .filter((x) => x % 3 === 0)
        .collect(),
    VALUES.filter((x) => x % 3 === 0),
  ],
  [
    "flatMap",
    () =>
      values()
        .flatMap((x) => [x, `${x}`])
        .collect(),
    VALUES.flatMap((x) => [x, `${x}`]),
  ],
  [
    "mapPartitions",
    () =>
      values()
        .mapPartitions((rows) => [[...rows].length])
        .sum(),
    VALUES.length,
  ],
  ["sum", () => values().sum(), sumOf(VALUES)],
  ["count", () => values().count(), VALUES.length],
  ["reduce", () => values().reduce((a, b) => Math.max(a, b)), Math.max(...VALUES)],
  [
    "aggregate",
    () =>
      values().aggregate(
        0,
        (a, b) => a + b,
        (a, b) => a + b,
      ),
    sumOf(VALUES),
  ],
  ["distinct", async () => (await values().distinct().collect()).sort(numeric), [...new Set(VALUES)].sort(numeric)],
  [
    "sortBy",
    () =>
      values()
        .sortBy((x) => x)
        .collect(),
    [...VALUES].sort(numeric),
  ],
  [
    "reduceByKey",
    async () =>
      (
        await pairs()
          .reduceByKey((a, b) => a + b)
          .collect()
      ).sort(byKey),
    grouped(PAIRS).map(([key, group]) => [key, sumOf(group)]),
  ],
  ["groupByKey", async () => (await pairs().groupByKey().collect()).sort(byKey), grouped(PAIRS)],
  [
    "countByKey",
    async () => [...(await pairs().countByKey())].sort(byKey),
    grouped(PAIRS).map(([k, g]) => [k, g.length]),
  ],
  [
    "join",
    () =>
      pairs()
        .join(
          vc.parallelize(
            [
              ["k1", "one"],
              ["k2", "two"],
            ] as [string, string][],
            2,
          ),
        )
        .count(),
    PAIRS.filter(([key]) => key === "k1" || key === "k2").length,
  ],
  ["zipWithIndex", () => values().zipWithIndex().collect(), VALUES.map((x, index) => [x, index])],
  ["take", () => values().take(17), VALUES.slice(0, 17)],
  ["top", () => values().top(5), [...VALUES].sort((a, b) => b - a).slice(0, 5)],
  ["glom", async () => (await values().glom().collect()).flat(), VALUES],
  [
    "objects",
    () =>
      values()
        .map((x) => ({ x, text: `t${x}`, list: [x], when: new Date(x) }))
        .collect(),
    VALUES.map((x) => ({ x, text: `t${x}`, list: [x], when: new Date(x) })),
  ],
  [
    "union",
    () =>
      values()
        .union(values().map((x) => -x))
        .collect(),
    [...VALUES, ...VALUES.map((x) => -x)],
  ],
];

/** What a function does to its thread. */
const POLLUTIONS: readonly (readonly [string, (x: number) => number])[] = [
  [
    "methods of built-in objects",
    (x) => {
      for (const name of ["map", "push", "concat", "slice", "sort", "join", "fill", "indexOf"] as const)
        Object.defineProperty(Array.prototype, name, { value: () => ["spoilt"], configurable: true, writable: true });
      for (const name of ["get", "set", "has"] as const)
        Object.defineProperty(Map.prototype, name, { value: () => undefined, configurable: true, writable: true });
      for (const name of ["set", "subarray", "slice"] as const)
        Object.defineProperty(Object.getPrototypeOf(Uint8Array.prototype), name, { value: () => new Uint8Array(0) });
      return x;
    },
  ],
  [
    "static functions",
    (x) => {
      Object.assign(JSON, { parse: () => "spoilt", stringify: () => "spoilt" });
      Object.assign(Math, { max: () => 7, min: () => 7, floor: () => 7, imul: () => 7, random: () => 2 });
      Object.assign(Object, { keys: () => ["spoilt"], entries: () => [], create: () => ({}) });
      Object.assign(Number, { isInteger: () => false, isSafeInteger: () => false });
      Object.assign(Atomics, { wait: () => "timed-out", load: () => 0 });
      return x;
    },
  ],
  [
    "properties that all objects inherit",
    (x) => {
      Object.assign(Object.prototype, { spoilt: 1, length: 3, kind: "spoilt", type: "spoilt", outcome: "failed" });
      Object.defineProperty(Array.prototype, "7", { value: "spoilt", configurable: true });
      return x;
    },
  ],
  [
    "iterators and buffers",
    (x) => {
      const iterator = Object.getPrototypeOf([][Symbol.iterator]()) as { next: unknown };
      iterator.next = () => ({ done: true, value: undefined });
      Object.assign(Buffer, { from: () => "spoilt", concat: () => "spoilt" });
      return x;
    },
  ],
  [
    "iteration, promises and globals",
    (x) => {
      Array.prototype[Symbol.iterator] = function* () {} as never;
      Promise.prototype.then = (() => undefined) as never;
      Object.assign(globalThis, { Map: undefined, Uint8Array: undefined, queueMicrotask: undefined, Date: undefined });
      process.env.SPOILT = "1";
      process.emitWarning = () => undefined;
      return x;
    },
  ],
];

it.each(POLLUTIONS)(
  "%s that a job changed do not reach the jobs after it",
  async (_, spoil) => {
    // It may itself fail by what it does; that is its own affair.
    const outcome: unknown = await values()
      .map(spoil)
      .count()
      .catch((error: unknown) => error);
    if (typeof outcome !== "number")
      expect(VolleyError.is(outcome) ? outcome.code : outcome).toMatch(/SLOT_LOST|USER_FUNCTION_FAILED|CANCELLED/);
    for (const [name, run, expected] of PIPELINES) expect([name, await run()]).toEqual([name, expected]);
    expect(lost).toBe(0);
  },
  60_000,
);

it("there are twenty of them", () => {
  expect(PIPELINES).toHaveLength(20);
});
