/** The names that examples in documentation comments take for granted. */

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import { gzipSync } from "node:zlib";
import { tableFromIPC } from "apache-arrow";
import {
  Accumulator,
  applyOperator,
  VolleyContext as Context,
  defineOperator,
  HashPartitioner,
  Partitioner,
  RDD,
  StorageLevel,
  type VolleyContext,
} from "volley";
import { MaxAccumulator } from "../spark/kit/accumulators.ts";

/** Places events by the user, the first part of their keys. */
class ByUser extends Partitioner {
  override getPartition(key: unknown): number {
    return (key as [number, number])[0] % this.numPartitions;
  }
}

/** The files that examples read, in the working folder. */
export function writeFiles(): void {
  const files: Record<string, string | Uint8Array> = {
    "logs/2026-01.gz": gzipSync("old\n"),
    "logs/today.log": "new\n",
    "pages/index.html": "<p>",
    "images/dot.png": new Uint8Array(4),
    "points.bin": new Uint8Array(32),
    "table.json": "{}",
  };
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
  }
}

export async function createWorld(vc: VolleyContext): Promise<Record<string, unknown>> {
  type Pair = [string, number];
  const people = (...ids: number[]) =>
    vc.parallelize(
      ids.map((id): Pair => [`user ${id}`, id]),
      2,
    );
  const sum = (a: readonly number[], b: readonly number[]) => a.map((x, i) => x + (b[i] as number));
  const numbers = vc.parallelize([3, 12, 7, 20], 2);
  const pairs = vc.parallelize<Pair>(
    [
      ["a", 1],
      ["b", 2],
      ["a", 3],
    ],
    2,
  );
  await vc.parallelize<Pair>([["a", 1]], 1).saveAsObjectFile("out/counts");
  return {
    ...{ Accumulator, HashPartitioner, Partitioner, RDD, StorageLevel, VolleyContext: Context },
    ...{ applyOperator, defineOperator, createInterface, readFileSync, tableFromIPC, ByUser },
    Longest: MaxAccumulator,
    vc,
    rdd: numbers,
    numbers,
    pairs,
    counts: pairs,
    lines: vc.parallelize(["# a head", "an error", "", "more words"], 2),
    words: vc.parallelize(["volley", "spark", "volley"], 2),
    rows: vc.parallelize(
      [
        { id: 1, name: "x" },
        { id: 2, name: "y" },
      ],
      2,
    ),
    ...{ a: vc.range(0, 3, 1, 2), b: vc.range(3, 6, 1, 2), c: vc.range(6, 9, 1, 2) },
    ...{ users: people(1, 2), orders: people(2, 2, 3), visits: people(1), blocked: people(2) },
    ...{ monday: people(1, 2), tuesday: people(2, 3), wednesday: people(4) },
    errors: vc.emptyRDD(),
    entries: [["user 1", "one"]],
    events: vc.parallelize<[[number, number], string]>(
      [
        [[1, 5], "late"],
        [[1, 2], "early"],
      ],
      2,
    ),
    sorted: vc
      .parallelize<Pair>(
        [
          ["m", 1],
          ["k", 2],
          ["z", 3],
        ],
        2,
      )
      .sortByKey(),
    cached: numbers.map((x) => x + 1).cache(),
    links: numbers.map((x) => x + 2).cache(),
    ranks: numbers.map((x) => x + 3),
    urls: vc.parallelize(["data:text/plain,one", "data:text/plain,two"], 2),
    points: vc.parallelize(
      [
        [1, 2],
        [3, 4],
      ],
      2,
    ),
    vectors: vc.parallelize(
      [
        [1, 2],
        [3, 4],
      ],
      2,
    ),
    ...{ addVectors: sum, addTo: sum, zeros: () => [0, 0], gradient: (point: number[]) => point },
    ...{
      parse: (line: string) => line.length,
      score: (row: { id: number }) => row.id,
      train: (rows: Iterable<number>) => [...rows],
    },
    lookUp: (rows: Iterable<unknown>, text: string) => [...rows].map(() => text),
    open: () => ({ insert: (_row: unknown) => {}, close: () => {} }),
    store: { put: (_id: number, _row: unknown) => {} },
    listener: {},
    process: { stdin: Readable.from(["first\n", "second\n"]) },
    console: { log: () => {} },
  };
}
