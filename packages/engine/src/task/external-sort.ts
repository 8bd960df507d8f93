/**
 * Pairs in the order of their keys, however many there are: sorted in memory while they fit, otherwise as sorted runs on the disk that
 * are merged while they are read. Stable: equal keys keep the order in which they came.
 */

import { BlockWriter } from "../columnar/block-writer.js";
import { readBatches } from "../columnar/block-reader.js";
import { sortIndices } from "../columnar/sort-indices.js";
import type { BatchView, ClassRegistry } from "../columnar/types.js";
import { compareValues } from "../lib/ordering.js";
import { estimateSize } from "../lib/size-estimate.js";
import { MemoryWatch } from "./memory-watch.js";
import type { SpillFile, TaskIo } from "./task-io.js";

type Order = (a: unknown, b: unknown) => number;
type Pair = readonly unknown[];

/** Rows of a run that are in memory at once while it is merged. */
const RUN_BATCH_ROWS = 2048;

export function sortPairs(
  io: TaskIo,
  classes: ClassRegistry,
  batches: Iterable<BatchView>,
  compare: Order | undefined,
  ascending: boolean,
): Iterable<Pair> {
  const watch = new MemoryWatch(io.memory);
  const runs: SpillFile[] = [];
  let rows: Pair[] = [];
  let keys: unknown[] = [];
  for (const batch of batches) {
    for (const row of batch.rows() as readonly Pair[]) {
      rows.push(row);
      keys.push(row[0]);
      if (rows.length >= watch.next && watch.mustSpill(rows.length, rows.length, (index) => estimateSize(rows[index]))) {
        runs.push(writeRun(io, classes, rows, sortIndices(keys, compare, ascending)));
        [rows, keys] = [[], []];
        watch.reset();
      }
    }
  }
  const order = sortIndices(keys, compare, ascending);
  if (runs.length === 0) return inOrder(rows, order);
  const iterators = [...runs.map((run) => readRun(run, classes)), inOrder(rows, order)];
  return mergeRuns(iterators, compare ?? compareValues, ascending ? 1 : -1, () => watch.reset());
}

function* inOrder(rows: readonly Pair[], order: ArrayLike<number>): Generator<Pair> {
  for (let index = 0; index < order.length; index++) yield rows[order[index] as number] as Pair;
}

function writeRun(io: TaskIo, classes: ClassRegistry, rows: readonly Pair[], order: ArrayLike<number>): SpillFile {
  const file = io.createSpill();
  for (let from = 0; from < order.length; from += RUN_BATCH_ROWS) {
    io.checkCancelled();
    const writer = new BlockWriter(classes);
    const until = Math.min(order.length, from + RUN_BATCH_ROWS);
    for (let index = from; index < until; index++) writer.push(rows[order[index] as number]);
    const bytes = writer.finish();
    file.write(bytes);
    io.metrics.spilledBytes += bytes.byteLength;
  }
  return file;
}

function* readRun(file: SpillFile, classes: ClassRegistry): Generator<Pair> {
  for (const bytes of file.read()) for (const batch of readBatches(bytes, classes)) yield* batch.rows() as readonly Pair[];
  file.remove();
}

interface Head {
  readonly iterator: Iterator<Pair>;
  readonly run: number;
  pair: Pair;
}

/** Always gives the least head; among equal keys that of the earliest run. */
function* mergeRuns(runs: readonly Iterator<Pair>[], order: Order, sign: number, done: () => void): Generator<Pair> {
  const heap: Head[] = [];
  const before = (a: Head, b: Head): boolean => {
    const difference = sign * order(a.pair[0], b.pair[0]);
    return difference < 0 || (difference === 0 && a.run < b.run);
  };
  const sink = (from: number): void => {
    const head = heap[from] as Head;
    let at = from;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && before(heap[child + 1] as Head, heap[child] as Head)) child++;
      if (!before(heap[child] as Head, head)) break;
      heap[at] = heap[child] as Head;
      at = child;
    }
    heap[at] = head;
  };
  runs.forEach((iterator, run) => {
    const first = iterator.next();
    if (!first.done) heap.push({ iterator, run, pair: first.value });
  });
  for (let index = (heap.length >> 1) - 1; index >= 0; index--) sink(index);
  while (heap.length > 0) {
    const head = heap[0] as Head;
    yield head.pair;
    const next = head.iterator.next();
    if (!next.done) head.pair = next.value;
    else {
      const last = heap.pop() as Head;
      if (heap.length === 0) break;
      if (last !== head) heap[0] = last;
    }
    sink(0);
  }
  done();
}
