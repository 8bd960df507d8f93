/** Steps over rows of every kind. Functions are written in the many ways in which users write them. */

import { compareValues } from "@volley/engine/lib/ordering.js";
import { filterStep, flatMapStep, type Kind, type Kinds, mapStep, type Point, type Step, step } from "./step.ts";
import { byText, type Item, inOrder, type Pair, type Random, textOf } from "./values.ts";

export function rowSteps(random: Random): Step[] {
  return [...numberSteps(random), ...textSteps(random), ...itemSteps(random), ...anySteps(random)];
}

function numberSteps(random: Random): Step[] {
  const [k, table] = [1 + random.int(5), random.list(5, () => random.key())];
  const bonus = { low: random.number(), high: random.int(10) };
  return [
    mapStep("number", "number", (x) => x * 2 - 1),
    mapStep("number", "number", (x) => Math.min(x, bonus.high) + k),
    mapStep("number", "number", (x) => {
      if (x < bonus.low) return -x;
      let sum = 0;
      for (let i = 0; i < k; i++) sum += x / (i + 1);
      return sum;
    }),
    mapStep("number", "text", (x) => `${x}-${k}`),
    mapStep("number", "text", (x) => x.toFixed(1)),
    mapStep("number", "any", (x) => table[Math.abs(Math.trunc(x)) % table.length]),
    mapStep("number", "any", (x) => [x, { x, twice: x * 2 }, x > 0 ? [x] : null]),
    mapStep("number", "item", (id) => ({ id, name: `n${id % k}`, tags: [id, `${id}`], at: new Date(id % 7 || 0) })),
    mapStep("number", "pair", (x): Pair => [x % k, x]),
    mapStep("number", "pair", (x): Pair => [x > k ? "high" : x < 0 ? -1 : undefined, { x, list: [x, x] }]),
    mapStep("number", "pair", (x): Pair => [Math.round(x) % 4, new Float64Array([x, 1, x * x])]),
    filterStep("number", (x) => x > 0),
    filterStep("number", Number.isInteger),
    filterStep("number", (x) => x % k !== 0 && !Number.isNaN(x)),
    flatMapStep("number", "number", (x) => (x > 3 ? [] : [x, -x])),
    flatMapStep("number", "number", (x) => Array.from({ length: Math.abs(Math.trunc(x)) % 4 || 0 }, (_, i) => x + i)),
  ];
}

function textSteps(random: Random): Step[] {
  const [k, words] = [1 + random.int(3), new Set(random.list(4, () => random.text()))];
  return [
    mapStep("text", "text", (s) => s.toUpperCase()),
    mapStep("text", "text", (s) => s.slice(k) + s.slice(0, k)),
    mapStep("text", "number", (s) => s.length),
    mapStep("text", "number", Number),
    mapStep("text", "any", (s) => (words.has(s) ? [s, s.length] : s.charCodeAt(0))),
    mapStep("text", "any", (s) => s.split("").map((c) => ({ c }))),
    mapStep("text", "item", (name) => ({ name, id: name.length, tags: name.split(" ") })),
    mapStep("text", "pair", (s): Pair => [s, 1]),
    mapStep("text", "pair", (s): Pair => [s[0], s]),
    mapStep("text", "pair", (s): Pair => [[s.length, s.slice(0, 1)], { s, seen: words.has(s) }]),
    filterStep("text", (s) => s !== "" && !s.startsWith("a")),
    filterStep("text", (s) => words.has(s)),
    flatMapStep("text", "text", (s) => s.split("")),
    flatMapStep("text", "text", (s) => [...s, s]),
  ];
}

function itemSteps(random: Random): Step[] {
  const k = random.int(9);
  return [
    mapStep("item", "number", (item) => item.id),
    mapStep("item", "number", ({ tags, id }) => tags.length * k + id),
    mapStep("item", "number", (item) => item.size?.h ?? item.size?.w ?? -1),
    mapStep("item", "text", ({ name }) => name),
    mapStep("item", "text", (item) => `${item.name}:${item.at?.getTime() ?? "never"}`),
    mapStep("item", "any", (item) => item.note),
    mapStep("item", "any", ({ note, ...rest }) => ({ ...rest, hasNote: note !== undefined })),
    mapStep("item", "any", (item) => Object.keys(item)),
    mapStep("item", "any", (item) => ["note" in item, "at" in item, item.at, item.tags]),
    mapStep("item", "item", (item) => ({ ...item, name: item.name.toLowerCase(), tags: [...item.tags, item.id] })),
    mapStep("item", "item", ({ id, name, tags }) => ({ id: id + 1, name, tags })),
    mapStep("item", "item", (item) => {
      const { size, ...others } = item;
      return size === undefined ? others : { ...others, size: { w: size.w + 1 } };
    }),
    mapStep("item", "pair", (item): Pair => [item.id, item]),
    mapStep("item", "pair", (item): Pair => [item.name, item.tags]),
    mapStep("item", "pair", ({ size, at }): Pair => [size, at]),
    mapStep("item", "pair", (item): Pair => [item.at, { item, first: item.tags[0] }]),
    filterStep("item", ({ id }) => id !== k),
    filterStep("item", (item) => item.at != null && item.at.getTime() > 1e9),
    filterStep("item", (item) => !!item.note),
    flatMapStep("item", "any", (item) => [...item.tags]),
    flatMapStep("item", "pair", ({ name, tags }) => tags.map((tag, at): Pair => [tag, [name, at]])),
  ];
}

function anySteps(random: Random): Step[] {
  const wanted = random.pick(["number", "string", "object", "undefined"]);
  return [
    mapStep("any", "text", (x) => typeof x),
    mapStep("any", "text", textOf),
    mapStep("any", "number", (x) => (typeof x === "number" ? x : Array.isArray(x) ? x.length : -7)),
    mapStep("any", "any", (x) => [x]),
    mapStep("any", "any", (x) => ({ x, kind: typeof x })),
    mapStep("any", "pair", (x): Pair => [x, textOf(x).length]),
    mapStep("any", "pair", (x): Pair => [typeof x, x]),
    mapStep(
      "any",
      "pair",
      (x): Pair => [
        [typeof x, Array.isArray(x)],
        [x, x],
      ],
    ),
    filterStep("any", (x) => x !== undefined && x !== null),
    filterStep("any", (x) => typeof x !== wanted),
    filterStep("any", Boolean),
    flatMapStep("any", "any", (x) => (Array.isArray(x) ? x : [x, x])),
  ];
}

/** Steps that take any kind of row and give it on. */
export function anyKindSteps(kind: Kind, random: Random): Step[] {
  const [n, by] = [1 + random.int(5), random.int(4)];
  const [ascending, numPartitions] = [random.once(2), 1 + random.int(4)];
  const keyOf = [
    (row: unknown) => row,
    textOf,
    (row: unknown) => textOf(row).length,
    (row: unknown) => [typeof row, textOf(row)],
  ][by]!;
  const sort = (rows: readonly unknown[]) =>
    inOrder(rows, (a, b) => (ascending ? 1 : -1) * compareValues(keyOf(a), keyOf(b)));
  const backwards = (a: unknown, b: unknown) => compareValues(textOf(b), textOf(a));
  const plain = (name: string, take: (rdd: Point["rdd"]) => unknown, order: "keeps" | "loses" = "keeps") =>
    step(kind, kind, order, name, ({ rdd, rows }) => ({ rdd: take(rdd as Point["rdd"]) as never, rows }));
  const steps = [
    plain("cache", (rdd) => rdd.cache()),
    plain(`coalesce ${n}`, (rdd) => rdd.coalesce(n)),
    plain(`repartition ${n}`, (rdd) => rdd.repartition(n), "loses"),
    plain("mapPartitions itself", (rdd) => rdd.mapPartitions((rows) => rows)),
    plain("mapPartitions array", (rdd) => rdd.mapPartitions((rows) => [...rows], true)),
    plain("glom flatMap", (rdd) => rdd.glom().flatMap((rows) => rows.slice())),
    plain("keyBy values", (rdd) => rdd.keyBy((x) => textOf(x)).values() as typeof rdd),
    plain("mapAsync", (rdd) => rdd.mapAsync(async (row) => row) as typeof rdd),
    plain("zipWithIndex keys", (rdd) => rdd.zipWithIndex().keys() as typeof rdd),
    plain(
      "zip map",
      (rdd) =>
        rdd
          .zip(rdd.map((x) => textOf(x)))
          .filter(([row, text]) => textOf(row) === text)
          .keys() as typeof rdd,
    ),
    step(kind, kind, "keeps", "union", (point, world) => union(point as Point, world.other(kind) as Point)),
    step(kind, kind, "needs", "zipWithIndex even", ({ rdd, rows }) => ({
      rdd: (rdd as Point["rdd"])
        .zipWithIndex()
        .filter(([, at]) => at % 2 === 0)
        .map(([row]) => row) as never,
      rows: rows.filter((_, at) => at % 2 === 0),
    })),
    step(kind, "any", "needs", `sliding ${n}`, ({ rdd, rows }) => ({
      rdd: (rdd as Point["rdd"]).sliding(n).map((window) => window.map((x) => textOf(x))),
      rows: rows.slice(n - 1).map((_, at) => rows.slice(at, at + n).map((x) => textOf(x))),
    })),
    step(kind, "pair", "keeps", `keyBy typeof`, ({ rdd, rows }) => ({
      rdd: (rdd as Point["rdd"]).keyBy((row) => typeof row) as never,
      rows: rows.map((row): Pair => [typeof row, row]),
    })),
    step(kind, "any", "loses", `groupBy length ${n}`, ({ rdd, rows }) => ({
      rdd: (rdd as Point["rdd"])
        .groupBy((row) => textOf(row).length % 3, n)
        .map(([key, group]) => [key, byText(group).map((x) => textOf(x))]),
      rows: [0, 1, 2]
        .map((key) => [key, byText(rows.filter((row) => textOf(row).length % 3 === key)).map((x) => textOf(x))])
        .filter(([, group]) => (group as unknown[]).length > 0),
    })),
  ];
  if (kind === "pair") return steps;
  return [
    ...steps,
    step(kind, kind, "keeps", `sortBy ${keyOf} ${ascending} ${numPartitions}`, ({ rdd, rows }) => ({
      rdd: (rdd as Point["rdd"]).sortBy(keyOf, { ascending, numPartitions }) as never,
      rows: sort(rows) as never,
    })),
    step(kind, kind, "keeps", `sortBy ${keyOf} by its own order ${ascending} ${numPartitions}`, ({ rdd, rows }) => ({
      rdd: (rdd as Point["rdd"]).sortBy(keyOf as (row: unknown) => {}, {
        ascending,
        numPartitions,
        compare: backwards,
      }) as never,
      rows: inOrder(rows, (a, b) => (ascending ? 1 : -1) * backwards(keyOf(a), keyOf(b))) as never,
    })),
    ...setSteps(kind, n),
  ];
}

function union(point: Point, other: Point) {
  return {
    rdd: point.rdd.union(other.rdd as never) as never,
    rows: [...point.rows, ...other.rows] as never,
    ordered: other.ordered,
  };
}

function setSteps(kind: Kind, n: number): Step[] {
  const unique = (rows: readonly unknown[]) => [...new Map(rows.map((row) => [textOf(row), row])).values()];
  return [
    step(kind, kind, "loses", "distinct", ({ rdd, rows }) => ({
      rdd: rdd.distinct() as never,
      rows: unique(rows) as never,
    })),
    step(kind, kind, "loses", `distinct ${n}`, ({ rdd, rows }) => ({
      rdd: rdd.distinct(n) as never,
      rows: unique(rows) as never,
    })),
    step(kind, kind, "loses", "intersection", ({ rdd, rows }, world) => {
      const other = world.other(kind);
      const texts = new Set(other.rows.map((x) => textOf(x)));
      return {
        rdd: (rdd as Point["rdd"]).intersection(other.rdd as never, n) as never,
        rows: unique(rows).filter((row) => texts.has(textOf(row))) as never,
      };
    }),
    step(kind, kind, "loses", "subtract", ({ rdd, rows }, world) => {
      const other = world.other(kind);
      const texts = new Set(other.rows.map((x) => textOf(x)));
      return {
        rdd: (rdd as Point["rdd"]).subtract(other.rdd as never) as never,
        rows: rows.filter((row) => !texts.has(textOf(row))) as never,
      };
    }),
    step(kind, "pair", "keeps", "cartesian", ({ rdd, rows }, world) => {
      const numbers = [1, "x", null];
      const other = world.vc.parallelize(numbers, 2);
      // Partition by partition, so the order is known only as that of a multiset.
      return {
        rdd: other.cartesian(rdd as Point["rdd"]) as never,
        rows: numbers.flatMap((x) => rows.map((row): Pair => [x, row])),
        ordered: false,
      };
    }),
  ];
}

export type { Item, Kinds };
