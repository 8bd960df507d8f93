/** Actions at the end of a random pipeline, and what arrays give for them. */

import type { RDD } from "volley";
import { groups } from "./pair-steps.ts";
import type { Point } from "./step.ts";
import { byText, type Pair, type Random, textOf } from "./values.ts";

type Check = readonly [action: string, take: () => Promise<unknown>, expected: unknown];

/** Those that give rows as they are. */
export const ROW_ACTIONS = new Set(["collect", "collect again", "glom", "iterator", "take"]);

/** Collecting, and three others. */
export function actionsOf(point: Point, random: Random, settle: (rows: readonly unknown[]) => unknown[]): Check[] {
  const collect: Check = [
    "collect",
    async () => settle(await (point.rdd as RDD<unknown>).collect()),
    settle(point.rows),
  ];
  const others = [
    ...rowActions(point, settle),
    ...orderActions(point, random.int(6)),
    ...totals(point),
    ...(point.kind === "pair" ? keyActions(point as Point<"pair">, random) : valueActions(point)),
  ];
  return [collect, ...random.list(3, () => random.pick(others))];
}

function rowActions(point: Point, settle: (rows: readonly unknown[]) => unknown[]): Check[] {
  const rdd = point.rdd as RDD<unknown>;
  const rows = settle(point.rows);
  const iterate = async () => {
    const found: unknown[] = [];
    for await (const row of rdd) found.push(row);
    return settle(found);
  };
  return [
    ["collect again", async () => settle(await rdd.collect()), rows],
    ["glom", async () => settle((await rdd.glom().collect()).flat()), rows],
    ["iterator", iterate, rows],
    ["count", () => rdd.count(), rows.length],
    ["isEmpty", () => rdd.isEmpty(), rows.length === 0],
  ];
}

function orderActions(point: Point, n: number): Check[] {
  const rdd = point.rdd as RDD<unknown>;
  const compare = (a: unknown, b: unknown) => (textOf(a) < textOf(b) ? -1 : textOf(a) > textOf(b) ? 1 : 0);
  const texts = async (rows: Promise<unknown[]>) => (await rows).map((row) => textOf(row));
  const sorted = byText(point.rows).map((row) => textOf(row));
  const actions: Check[] = [
    ["takeOrdered", () => texts(rdd.takeOrdered(n, compare)), sorted.slice(0, n)],
    ["top", () => texts(rdd.top(n, compare)), [...sorted].reverse().slice(0, n)],
  ];
  if (point.ordered) actions.push(["take", () => rdd.take(n), point.rows.slice(0, n)]);
  if (sorted.length > 0) {
    actions.push(["max", async () => textOf(await rdd.max(compare)), sorted.at(-1)]);
    actions.push(["min", async () => textOf(await rdd.min(compare)), sorted[0]]);
  }
  return actions;
}

function totals(point: Point): Check[] {
  const rdd = point.rdd as RDD<unknown>;
  const kinds = groups(point.rows.map((row): Pair => [typeof row, 1])).map(([kind, ones]) => [kind, ones.length]);
  const count = (counts: Map<string, number>, kind: string, n: number) => counts.set(kind, (counts.get(kind) ?? 0) + n);
  const aggregate = () =>
    rdd.aggregate(
      new Map<string, number>(),
      (counts, row) => count(counts, typeof row, 1),
      (a, b) => {
        for (const [kind, n] of b) count(a, kind, n);
        return a;
      },
    );
  return [
    [
      "fold",
      () => rdd.map((row) => textOf(row).length).fold(0, (a, b) => a + b),
      point.rows.reduce<number>((sum, row) => sum + textOf(row).length, 0),
    ],
    ["aggregate", async () => byText(await aggregate()), byText(kinds)],
  ];
}

function valueActions(point: Point): Check[] {
  const counts = groups(point.rows.map((row): Pair => [row, 1])).map(([row, ones]) => [row, ones.length]);
  return [["countByValue", async () => byText(await (point.rdd as RDD<unknown>).countByValue()), byText(counts)]];
}

function keyActions({ rdd, rows, ordered }: Point<"pair">, random: Random): Check[] {
  const grouped = groups(rows);
  const [key, values] = grouped.length > 0 ? random.pick(grouped) : ["none", []];
  const asMap = async () => {
    const map = await rdd.collectAsMap();
    // Which of a key's values is the last is known only where the order is.
    return [map.size, ordered ? map.get(key) : ""];
  };
  return [
    ["countByKey", async () => byText(await rdd.countByKey()), byText(grouped.map(([one, all]) => [one, all.length]))],
    ["lookup", async () => byText(await rdd.lookup(key)), byText(values)],
    ["collectAsMap", asMap, [grouped.length, ordered ? values.at(-1) : ""]],
  ];
}
