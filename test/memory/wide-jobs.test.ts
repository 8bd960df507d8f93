/**
 * Random wide jobs over four times and more what the budget leaves for blocks and tasks, against arrays: keys of every kind, few and many of them, on one
 * side and on two. Others than these seeds: `WIDE_JOBS=100-120 npm test -- test/memory/wide-jobs`.
 */

import { afterAll, beforeAll, expect, it } from "vitest";
import { type RDD, VolleyContext } from "volley";
import { RandomData } from "../kit/random-data.ts";

const [FIRST = 1, LAST = FIRST] = (process.env["WIDE_JOBS"] ?? "1-2").split("-").map(Number);
const JOB_TIMEOUT_MS = 60_000;
/** A third of it is for blocks and tasks. */
const BUDGET_MIB = 8;
/** With a value of some 220 bytes each: 13 MB. */
const ROWS = 60_000;
const LONG_TEXT = "what fills the memory there is, and a little more, ".repeat(4);

type Row = [key: unknown, value: string];

let vc: VolleyContext;
let spilled = 0;
beforeAll(async () => {
  vc = await VolleyContext.create({ master: "local[2]", executorMemoryMiB: BUDGET_MIB, progress: false });
  vc.addListener({
    onTaskEnd: ({ metrics }) => {
      spilled += metrics.spilledBytes ?? 0;
    },
  });
});
afterAll(() => vc.stop());

const KEYS: readonly ((index: number) => unknown)[] = [
  (index) => index,
  (index) => index / 3,
  (index) => `key ${index}`,
  (index) => [index % 100, `part ${index}`],
  (index) => (index % 3 === 0 ? `key ${index}` : index % 3 === 1 ? index : [index]),
];

/** A row's key and the beginning of each of its values, which has its number: enough to tell rows apart. */
const line = (key: unknown, ...sides: (readonly (string | undefined)[])[]) =>
  `${JSON.stringify(key)} ${sides.map((side) => side.map((value) => value?.slice(0, 6)).join(",")).join(" ")}`;

interface Side {
  readonly key: unknown;
  readonly left: string[];
  readonly right: string[];
}

/** Both sides by key, values in the order of their rows. */
function grouped(left: readonly Row[], right: readonly Row[]): Side[] {
  const groups = new Map<string, Side>();
  const groupOf = (key: unknown): Side => {
    const name = JSON.stringify(key);
    const group = groups.get(name) ?? { key, left: [], right: [] };
    groups.set(name, group);
    return group;
  };
  for (const [key, value] of left) groupOf(key).left.push(value);
  for (const [key, value] of right) groupOf(key).right.push(value);
  return [...groups.values()];
}

/** `[undefined]` stands for a side that is missing and kept. */
const product = (left: readonly (string | undefined)[], right: readonly (string | undefined)[]) =>
  left.flatMap((a) => right.map((b) => [a, b] as const));
const kept = (side: readonly string[]) => (side.length === 0 ? [undefined] : side);

interface WideJob {
  run(left: RDD<Row>, right: RDD<Row>): RDD<string>;
  answer(left: readonly Row[], right: readonly Row[]): string[];
  /** The order of the rows is part of the answer. */
  readonly isOrdered?: boolean;
}

const least = (a: string, b: string) => (a < b ? a : b);

const JOBS: Readonly<Record<string, WideJob>> = {
  groupByKey: {
    run: (left) => left.groupByKey(3).map(([key, values]) => line(key, values)),
    answer: (left) => grouped(left, []).map((group) => line(group.key, group.left)),
  },
  reduceByKey: {
    run: (left) => left.reduceByKey(least, 3).map(([key, value]) => line(key, [value])),
    answer: (left) => grouped(left, []).map((group) => line(group.key, [group.left.reduce(least)])),
  },
  distinct: {
    run: (left) =>
      left
        .map(([key, value]) => `${value}${JSON.stringify(key)}`)
        .distinct(3)
        .map((text) => line(text)),
    answer: (left) =>
      [...new Set(left.map(([key, value]) => `${value}${JSON.stringify(key)}`))].map((text) => line(text)),
  },
  sortBy: {
    run: (left) => left.sortBy(([, value]) => value, { numPartitions: 3 }).map(([key, value]) => line(key, [value])),
    answer: (left) =>
      left.toSorted(([, a], [, b]) => (a < b ? -1 : a > b ? 1 : 0)).map(([key, value]) => line(key, [value])),
    isOrdered: true,
  },
  cogroup: {
    run: (left, right) => left.cogroup(right, 3).map(([key, [a, b]]) => line(key, a, b)),
    answer: (left, right) => grouped(left, right).map((group) => line(group.key, group.left, group.right)),
  },
  join: {
    run: (left, right) => left.join(right, 3).map(([key, [a, b]]) => line(key, [a], [b])),
    answer: (left, right) =>
      grouped(left, right).flatMap((group) =>
        product(group.left, group.right).map(([a, b]) => line(group.key, [a], [b])),
      ),
  },
  fullOuterJoin: {
    run: (left, right) => left.fullOuterJoin(right, 3).map(([key, [a, b]]) => line(key, [a], [b])),
    answer: (left, right) =>
      grouped(left, right).flatMap((group) =>
        product(kept(group.left), kept(group.right)).map(([a, b]) => line(group.key, [a], [b])),
      ),
  },
  subtractByKey: {
    run: (left, right) => left.subtractByKey(right, 3).map(([key, value]) => line(key, [value])),
    answer: (left, right) =>
      grouped(left, right).flatMap((group) =>
        group.right.length > 0 ? [] : group.left.map((value) => line(group.key, [value])),
      ),
  },
};

it.each(Object.entries(JOBS))(
  "%s",
  async (name, { run, answer, isOrdered }) => {
    spilled = 0;
    for (let seed = FIRST; seed <= LAST; seed++) {
      const random = new RandomData(seed);
      const keyOf = KEYS[random.int(KEYS.length)] as (index: number) => unknown;
      const keys = ROWS / (1 + random.int(3));
      const rowsOf = (count: number, from: number) =>
        Array.from({ length: count }, (_, index): Row => [keyOf(from + random.int(keys)), `${index} ${LONG_TEXT}`]);
      const [left, right] = [rowsOf(ROWS, 0), rowsOf(ROWS, keys / 2)];
      const job = run(vc.parallelize(left, 1 + random.int(5)), vc.parallelize(right, 1 + random.int(5)));
      const [got, wanted] = [await job.collect(), answer(left, right)];
      const inOrder = (lines: string[]) => (isOrdered === true ? lines : lines.sort());
      expect(got.length, `${name} of seed ${seed}`).toBe(wanted.length);
      const [gotLines, wantedLines] = [inOrder(got), inOrder(wanted)];
      const differs = gotLines.findIndex((text, index) => text !== wantedLines[index]);
      expect(differs < 0 ? undefined : [gotLines[differs], wantedLines[differs]], `${name} of seed ${seed}`).toBe(
        undefined,
      );
    }
    expect(spilled).toBeGreaterThan(0);
  },
  JOB_TIMEOUT_MS * (LAST - FIRST + 1),
);
