/**
 * What chaos is let loose on: jobs over made-up rows, each with the answer that arrays alone give. An answer is what JSON can say, so that it
 * crosses from the victim's process whole.
 */

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { StorageLevel, type VolleyContext } from "volley";

export interface Workload {
  /** Task starts and ends of a run in which nothing fails, roughly: faults are placed on this scale. */
  readonly ticks: number;
  /** `folder`: where this run may write. */
  run(vc: VolleyContext, folder: string): Promise<unknown>;
  expected(): unknown;
  /** The code of an error that is as good as an answer, since no answer can be had. */
  readonly mayFailWith?: string;
}

const ROWS = 24_000;
const PARTITIONS = 8;
const REDUCERS = 5;
const ROUNDS = 5;

/** A number from 0 to 2^32 - 1 that looks like chance. */
function scramble(value: number): number {
  let bits = Math.imul(value ^ 0x9e3779b9, 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}

/** Some work a row, so that tasks last long enough to be hit. */
function slowly(value: number): number {
  let result = value;
  for (let round = 0; round < 400; round++) result = scramble(result + round);
  return result;
}

const indices = (): number[] => Array.from({ length: ROWS }, (_, index) => index);
const wordOf = (index: number) => `word-${slowly(index) % 997}`;
const byText = (a: readonly unknown[], b: readonly unknown[]) => (String(a[0]) < String(b[0]) ? -1 : 1);

function counted(words: readonly string[]): [string, number][] {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return [...counts].sort(byText);
}

/** Values of each key in the order of the rows. */
function grouped(rows: readonly (readonly [string, number])[]): Map<string, number[]> {
  const groups = new Map<string, number[]>();
  for (const [key, value] of rows) {
    const values = groups.get(key);
    if (values === undefined) groups.set(key, [value]);
    else values.push(value);
  }
  return groups;
}

const wordCount: Workload = {
  ticks: 26,
  async run(vc) {
    const counts = vc
      .range(0, ROWS, 1, PARTITIONS)
      .map((index) => [wordOf(index), 1])
      .reduceByKey((a, b) => a + b, REDUCERS);
    return (await counts.collect()).sort(byText);
  },
  expected: () => counted(indices().map(wordOf)),
};

const join_: Workload = {
  ticks: 42,
  async run(vc) {
    const left = vc.range(0, ROWS, 1, PARTITIONS).map((index) => [wordOf(index), index]);
    const right = vc.range(0, 997, 1, 4).map((number) => [`word-${number}`, slowly(number)]);
    const sums = left.join(right, REDUCERS).mapValues(([a, b]) => a + (b % 1000));
    return (await sums.reduceByKey((a, b) => a + b).collect()).sort(byText);
  },
  expected() {
    const groups = grouped(indices().map((index) => [wordOf(index), index] as const));
    const sums = [...groups].map(([word, values]) => {
      const other = slowly(Number(word.slice(5))) % 1000;
      return [word, values.reduce((sum, value) => sum + value + other, 0)];
    });
    return sums.sort(byText);
  },
};

const sort: Workload = {
  ticks: 42,
  run: async (vc) =>
    vc
      .range(0, ROWS, 1, PARTITIONS)
      .map(slowly)
      .sortBy((value) => value, { numPartitions: REDUCERS })
      .collect(),
  expected: () =>
    indices()
      .map(slowly)
      .sort((a, b) => a - b),
};

const cachedIteration: Workload = {
  ticks: (ROUNDS + 1) * PARTITIONS * 2,
  async run(vc) {
    const values = vc.range(0, ROWS, 1, PARTITIONS).map(slowly).persist(StorageLevel.MEMORY_ONLY);
    const sums: number[] = [];
    for (let round = 1; round <= ROUNDS; round++) sums.push(await values.map((value) => value % (round * 7)).sum());
    return sums;
  },
  expected() {
    const values = indices().map(slowly);
    return Array.from({ length: ROUNDS }, (_, index) =>
      values.reduce((sum, value) => sum + (value % ((index + 1) * 7)), 0),
    );
  },
};

const groupByKey: Workload = {
  ticks: 26,
  async run(vc) {
    const groups = vc
      .range(0, ROWS, 1, PARTITIONS)
      .map((index) => [wordOf(index), index])
      .groupByKey(REDUCERS);
    return (await groups.collect()).sort(byText);
  },
  expected: () => [...grouped(indices().map((index) => [wordOf(index), index] as const))].sort(byText),
};

const saveAsTextFile: Workload = {
  ticks: 16,
  async run(vc, folder) {
    const target = join(folder, "saved");
    await vc.range(0, ROWS, 1, PARTITIONS).map(wordOf).saveAsTextFile(target);
    return linesOfSaved(target);
  },
  expected: () => indices().map(wordOf),
};

/** Rows go where chance sends them. Each attempt must send them to the same places, or rows would be doubled and lost. */
const randomPlaces: Workload = {
  ticks: 26,
  async run(vc) {
    const placed = vc.range(0, ROWS, 1, PARTITIONS).map((index) => [Math.floor(Math.random() * 997), slowly(index)]);
    const values = await placed
      .groupByKey(REDUCERS)
      .flatMap(([, group]) => group)
      .collect();
    return values.sort((a, b) => a - b);
  },
  expected: () => sort.expected(),
};

/** Rows go where the clock sends them, so that no two attempts agree: each row comes once all the same, or the job says why it cannot be. */
const clockPlaces: Workload = {
  ticks: 26,
  async run(vc) {
    const placed = vc
      .range(0, ROWS, 1, PARTITIONS)
      .map((index) => [Math.floor(performance.now() * 1e3) % 997, slowly(index)]);
    const values = await placed
      .groupByKey(REDUCERS)
      .flatMap(([, group]) => group)
      .collect();
    return values.sort((a, b) => a - b);
  },
  expected: () => sort.expected(),
  mayFailWith: "NONDETERMINISTIC_OUTPUT",
};

/** The lines of a folder of saved text, read without Volley. */
export function linesOfSaved(target: string): string[] {
  const parts = readdirSync(target).filter((name) => name.startsWith("part-"));
  const text = parts.sort().map((name) => readFileSync(join(target, name), "utf8"));
  return text.join("").split("\n").slice(0, -1);
}

export const WORKLOADS = {
  wordCount,
  join: join_,
  sort,
  cachedIteration,
  groupByKey,
  saveAsTextFile,
  randomPlaces,
  clockPlaces,
} as const satisfies Record<string, Workload>;
export type WorkloadName = keyof typeof WORKLOADS;
