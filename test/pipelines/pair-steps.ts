/** Steps over pairs: any key, any value. */

import { compareValues } from "@volley/engine/lib/ordering.js";
import { HashPartitioner } from "volley";
import { filterStep, flatMapStep, mapStep, type Point, type Step, step } from "./step.ts";
import { byText, type Pair, type Random, textOf } from "./values.ts";

type Pairs = readonly Pair[];

export function pairSteps(random: Random): Step[] {
  const n = random.once(2) ? undefined : 1 + random.int(5);
  return [...rowByRow(random), ...byKey(n), ...merges(n), ...joins(n), ...placed(random)];
}

function rowByRow(random: Random): Step[] {
  const k = random.int(10);
  return [
    mapStep("pair", "text", ([key, value]) => `${textOf(key)}=${textOf(value)}`),
    mapStep("pair", "number", (pair) => textOf(pair[1]).length + k),
    mapStep("pair", "pair", ([key, value]): Pair => [key, [value, k]]),
    mapStep("pair", "pair", (pair): Pair => [typeof pair[1], pair[1]]),
    mapStep("pair", "pair", ([key, value]) => ((pair: Pair): Pair => pair)([textOf(value).length, { key, value }])),
    filterStep("pair", ([key]) => key !== undefined),
    filterStep("pair", ([, value]) => textOf(value).length > k),
    flatMapStep("pair", "pair", ([key, value]): Pair[] =>
      Array.isArray(value) ? value.map((x): Pair => [key, x]) : [[key, value]],
    ),
    step("pair", "any", "keeps", "keys", ({ rdd, rows }) => ({ rdd: rdd.keys(), rows: rows.map(([key]) => key) })),
    step("pair", "text", "keeps", "values map", ({ rdd, rows }) => ({
      rdd: rdd.values().map((x) => textOf(x)),
      rows: rows.map(([, value]) => textOf(value)),
    })),
    values("textOf", textOf),
    values("in object", (value) => ({ value, k })),
    values("in arrays", (value) => [[value], value]),
    values("length", (value) =>
      Array.isArray(value) ? value.length : typeof value === "string" ? value.length : undefined,
    ),
    step("pair", "pair", "keeps", "flatMapValues", ({ rdd, rows }) => {
      const f = (value: unknown) => (value === null ? [] : [value, textOf(value)]);
      return { rdd: rdd.flatMapValues(f), rows: rows.flatMap(([key, value]) => f(value).map((x): Pair => [key, x])) };
    }),
  ];
}

function values(name: string, f: (value: unknown) => unknown): Step {
  return step("pair", "pair", "keeps", `mapValues ${name}`, ({ rdd, rows }) => ({
    rdd: rdd.mapValues(f as (value: unknown) => string),
    rows: rows.map(([key, value]): Pair => [key, f(value)]),
  }));
}

export function groups(rows: Pairs): [unknown, unknown[]][] {
  const found = new Map<string, [unknown, unknown[]]>();
  for (const [key, value] of rows) {
    const text = textOf(key);
    const group = found.get(text);
    if (group === undefined) found.set(text, [key, [value]]);
    else group[1].push(value);
  }
  return [...found.values()];
}

/** Of two texts the one that comes later. */
const later = (a: string, b: string) => {
  if (a < b) return b;
  return a;
};
const least = (a: unknown, b: unknown) => (textOf(a) < textOf(b) ? a : b);

function byKey(n: number | undefined): Step[] {
  const each = (name: string, take: (point: Point<"pair">) => unknown, f: (values: unknown[]) => unknown) =>
    step("pair", "pair", "loses", `${name} ${n}`, (point) => ({
      rdd: take(point) as Point<"pair">["rdd"],
      rows: groups(point.rows).map(([key, all]): Pair => [key, f(all)]),
    }));
  return [
    each("groupByKey", ({ rdd }) => rdd.groupByKey(n).mapValues((all) => byText(all)), byText),
    each(
      "groupByKey size",
      ({ rdd }) => rdd.groupByKey(n).mapValues((all) => all.length),
      (all) => all.length,
    ),
    each(
      "groupByKey texts",
      ({ rdd }) =>
        rdd
          .mapValues((x) => textOf(x))
          .groupByKey(n)
          .mapValues((all) => all.sort()),
      (all) => all.map((x) => textOf(x)).sort(),
    ),
    each(
      "reduceByKey least",
      ({ rdd }) => rdd.reduceByKey(least, n),
      (all) => all.reduce(least),
    ),
    each(
      "reduceByKey sum",
      ({ rdd }) => rdd.mapValues((value) => textOf(value).length).reduceByKey((a, b) => a + b, n),
      (all) => all.reduce<number>((sum, x) => sum + textOf(x).length, 0),
    ),
    each(
      "reduceByKey pairs",
      ({ rdd }) =>
        rdd
          .mapValues((value): [number, number] => [textOf(value).length, 1])
          .reduceByKey(([a, m], [b, l]) => [a + b, m + l], n)
          .mapValues(([a, m]) => a / m),
      (all) => all.reduce<number>((sum, x) => sum + textOf(x).length, 0) / all.length,
    ),
    each(
      "foldByKey",
      ({ rdd }) => rdd.mapValues((x) => textOf(x)).foldByKey("", later, n),
      (all) => all.map((x) => textOf(x)).reduce(later, ""),
    ),
    each(
      "aggregateByKey list",
      ({ rdd }) =>
        rdd
          .aggregateByKey(
            [] as string[],
            (all, x) => {
              all.push(textOf(x));
              return all;
            },
            (a, b) => a.concat(b),
            n,
          )
          .mapValues((all) => all.sort()),
      (all) => all.map((x) => textOf(x)).sort(),
    ),
    each(
      "aggregateByKey stats",
      ({ rdd }) =>
        rdd.aggregateByKey(
          { count: 0, most: "" },
          ({ count, most }, x) => ({ count: count + 1, most: later(most, textOf(x)) }),
          (a, b) => ({ count: a.count + b.count, most: later(a.most, b.most) }),
          n,
        ),
      (all) => ({ count: all.length, most: all.map((x) => textOf(x)).reduce(later, "") }),
    ),
    each(
      "aggregateByKey set",
      ({ rdd }) =>
        rdd
          .aggregateByKey(
            new Set<string>(),
            (all, x) => all.add(textOf(x)),
            (a, b) => {
              for (const x of b) a.add(x);
              return a;
            },
            n,
          )
          .mapValues((all) => [...all].sort()),
      (all) => [...new Set(all.map((x) => textOf(x)))].sort(),
    ),
    each(
      "combineByKey",
      ({ rdd }) =>
        rdd.combineByKey(
          (x): [unknown, number] => [x, 1],
          ([x, count], y) => [least(x, y), count + 1],
          ([x, m], [y, l]) => [least(x, y), m + l],
          n,
        ),
      (all) => [all.reduce(least), all.length],
    ),
  ];
}

function merges(n: number | undefined): Step[] {
  return [
    step("pair", "pair", "loses", `subtractByKey ${n}`, ({ rdd, rows }, world) => {
      const other = world.other("pair");
      const keys = new Set(other.rows.map(([key]) => textOf(key)));
      return { rdd: rdd.subtractByKey(other.rdd, n), rows: rows.filter(([key]) => !keys.has(textOf(key))) };
    }),
    step("pair", "pair", "loses", `cogroup ${n}`, ({ rdd, rows }, world) => {
      const other = world.other("pair");
      const [left, right] = [groups(rows), groups(other.rows)];
      const keys = new Map([...left, ...right].map(([key]) => [textOf(key), key]));
      const of = (side: typeof left, text: string) => byText(side.find(([key]) => textOf(key) === text)?.[1] ?? []);
      return {
        rdd: rdd.cogroup(other.rdd, n).mapValues(([a, b]) => [byText(a), byText(b)]),
        rows: [...keys].map(([text, key]): Pair => [key, [of(left, text), of(right, text)]]),
      };
    }),
    step("pair", "pair", "loses", `cogroup of three ${n}`, ({ rdd, rows }, world) => {
      const [second, third] = [world.other("pair"), world.other("pair")];
      const sides = [rows, second.rows, third.rows].map((side) => groups(side));
      const keys = new Map(sides.flat().map(([key]) => [textOf(key), key]));
      const of = (side: [unknown, unknown[]][], text: string) =>
        side.find(([key]) => textOf(key) === text)?.[1].length ?? 0;
      return {
        rdd: rdd.cogroup(second.rdd, third.rdd, n).mapValues((all) => all.map((side) => side.length)),
        rows: [...keys].map(([text, key]): Pair => [key, sides.map((side) => of(side, text))]),
      };
    }),
  ];
}

function joins(n: number | undefined): Step[] {
  const kinds = ["join", "leftOuterJoin", "rightOuterJoin", "fullOuterJoin"] as const;
  return kinds.map((kind) =>
    step("pair", "pair", "loses", `${kind} ${n}`, ({ rdd, rows }, world) => {
      const other = world.other("pair");
      const texts = [rows, other.rows].map((side) => side.map(([key]) => textOf(key))) as [string[], string[]];
      const joined: Pair[] = rows.flatMap(([key, v], i) =>
        other.rows.filter((_, j) => texts[0][i] === texts[1][j]).map(([, w]): Pair => [key, [v, w]]),
      );
      const [left, right] = [new Set(texts[0]), new Set(texts[1])];
      if (kind === "leftOuterJoin" || kind === "fullOuterJoin")
        joined.push(...rows.filter((_, i) => !right.has(texts[0][i]!)).map(([key, v]): Pair => [key, [v, undefined]]));
      if (kind === "rightOuterJoin" || kind === "fullOuterJoin")
        joined.push(
          ...other.rows.filter((_, i) => !left.has(texts[1][i]!)).map(([key, w]): Pair => [key, [undefined, w]]),
        );
      const made = (rdd[kind] as typeof rdd.join)(other.rdd, n);
      return { rdd: made as never, rows: joined };
    }),
  );
}

function placed(random: Random): Step[] {
  const [n, ascending] = [1 + random.int(5), random.once(2)];
  const sort = (rows: Pairs) => [...rows].sort(([a], [b]) => (ascending ? 1 : -1) * compareValues(a, b));
  return [
    step("pair", "pair", "loses", `partitionBy ${n}`, ({ rdd, rows }) => ({
      rdd: rdd.partitionBy(new HashPartitioner(n)),
      rows,
    })),
    step("pair", "pair", "keeps", `sortByKey ${ascending}`, ({ rdd, rows }) => ({
      rdd: rdd.sortByKey({ ascending, numPartitions: n }),
      rows: sort(rows),
    })),
    step("pair", "pair", "loses", "repartitionAndSortWithinPartitions", ({ rdd, rows }) => ({
      rdd: rdd.repartitionAndSortWithinPartitions(new HashPartitioner(n)),
      rows,
    })),
    step("pair", "pair", "keeps", "sortBy value text", ({ rdd, rows }) => ({
      rdd: rdd.sortBy(([, value]) => textOf(value), { ascending, numPartitions: n }),
      rows: [...rows].sort(([, a], [, b]) => (ascending ? 1 : -1) * compareValues(textOf(a), textOf(b))),
    })),
    step("pair", "pair", "loses", "distinct by text", ({ rdd, rows }) => ({
      rdd: rdd.mapValues((x) => textOf(x)).distinct(),
      rows: [
        ...new Map(rows.map(([key, value]) => [textOf([key, textOf(value)]), [key, textOf(value)] as Pair])).values(),
      ],
    })),
  ];
}
