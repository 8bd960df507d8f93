/**
 * Pairs in the order of their keys, however many there are: sorted in memory while they fit, otherwise as sorted runs on the disk that
 * are merged while they are read. Stable: equal keys keep the order in which they came.
 */

import { readBatches } from "../columnar/block-reader.js";
import { BlockWriter } from "../columnar/block-writer.js";
import { PairsBatch } from "../columnar/pairs-batch.js";
import { PairBatches } from "../columnar/sort-batches.js";
import { sortIndices } from "../columnar/sort-indices.js";
import type { BatchView, ClassRegistry } from "../columnar/types.js";
import { compareValues } from "../lib/ordering.js";
import { MemoryWatch } from "./memory-watch.js";
import type { SpillFile, TaskIo } from "./task-io.js";

type Order = (a: unknown, b: unknown) => number;
/** Rows of a run that are in memory at once while it is merged. */
const RUN_BATCH_ROWS = 2048;
/** A batch that is sorted takes its bytes, those of its keys once more, and those of the batch that is made of it. */
const HELD_TIMES = 2;

export interface SortOrder {
  readonly compare: Order | undefined;
  readonly ascending: boolean;
  /** Of the operator that sorts. */
  readonly site: number;
}

/** How keys and values are read of a batch of pairs. */
export interface PairReader {
  keysOf(batch: BatchView): ArrayLike<unknown>;
  valuesOf(batch: BatchView): ArrayLike<unknown>;
}

/** Batches of pairs in the order of their keys. */
export function* sortPairs(
  io: TaskIo,
  classes: ClassRegistry,
  batches: Iterable<BatchView>,
  reader: PairReader,
  order: SortOrder,
): Generator<BatchView> {
  const watch = new MemoryWatch(io.memory, order.site);
  const runs: SpillFile[] = [];
  let [held, rows, bytes]: [BatchView[], number, number] = [[], 0, 0];
  for (const batch of batches) {
    held.push(batch);
    rows += batch.rowCount;
    bytes += batch.byteLength;
    if (rows >= watch.next && watch.mustSpill(rows, rows, () => HELD_TIMES * (bytes / rows))) {
      runs.push(writeRun(io, classes, sorted(io, classes, held, reader, order)));
      [held, rows, bytes] = [[], 0, 0];
      watch.reset();
    }
  }
  const last = sorted(io, classes, held, reader, order);
  if (runs.length === 0) yield* last;
  else {
    const sign = order.ascending ? 1 : -1;
    const pairs = [...runs.map((run) => readRun(run, classes)), pairsOf(last)];
    yield* mergeRuns(pairs, order.compare ?? compareValues, sign);
  }
  watch.reset();
}

/** Pairs of a few batches in order: copied as columns where the batches have the same, otherwise as values. */
function* sorted(
  io: TaskIo,
  classes: ClassRegistry,
  batches: readonly BatchView[],
  reader: PairReader,
  { compare, ascending }: SortOrder,
): Generator<BatchView> {
  const pairs = PairBatches.of(batches, classes);
  const found = compare === undefined ? pairs?.order(ascending) : undefined;
  const keys = found === undefined ? joined(batches.map((batch) => reader.keysOf(batch))) : [];
  const order = found ?? sortIndices(keys, compare, ascending);
  if (pairs === undefined) {
    yield inOrder(keys, joined(batches.map((batch) => reader.valuesOf(batch))), order);
    return;
  }
  for (const batch of pairs.inOrder(order)) {
    io.checkCancelled();
    yield batch;
  }
}

function joined(columns: readonly ArrayLike<unknown>[]): unknown[] {
  const all = new Array<unknown>(columns.reduce((sum, column) => sum + column.length, 0));
  let at = 0;
  for (const column of columns) for (let index = 0; index < column.length; index++) all[at++] = column[index];
  return all;
}

function inOrder(keys: readonly unknown[], values: readonly unknown[], order: ArrayLike<number>): BatchView {
  const size = order.length;
  const sortedKeys = new Array<unknown>(size);
  const sortedValues = new Array<unknown>(size);
  for (let index = 0; index < size; index++) {
    const from = order[index] as number;
    sortedKeys[index] = keys[from];
    sortedValues[index] = values[from];
  }
  return new PairsBatch(sortedKeys, sortedValues);
}

type Pair = readonly [unknown, unknown];

function* pairsOf(batches: Iterable<BatchView>): Generator<Pair> {
  for (const batch of batches) {
    const [keys, values] = [batch.column(0), batch.column(1)];
    for (let index = 0; index < batch.rowCount; index++) yield [keys[index], values[index]];
  }
}

function writeRun(io: TaskIo, classes: ClassRegistry, batches: Iterable<BatchView>): SpillFile {
  const file = io.createSpill();
  for (const batch of batches) {
    const [keys, values] = [batch.column(0), batch.column(1)];
    for (let from = 0; from < keys.length; from += RUN_BATCH_ROWS) {
      io.checkCancelled();
      const writer = new BlockWriter(classes);
      const until = Math.min(keys.length, from + RUN_BATCH_ROWS);
      for (let index = from; index < until; index++) writer.pushPair(keys[index], values[index]);
      file.write(writer.finish());
    }
  }
  return file;
}

function* readRun(file: SpillFile, classes: ClassRegistry): Generator<Pair> {
  for (const bytes of file.read())
    for (const batch of readBatches(bytes, classes)) yield* batch.rows() as readonly Pair[];
  file.remove();
}

interface Head {
  readonly iterator: Iterator<Pair>;
  readonly run: number;
  pair: Pair;
}

/** Always takes the least head; among equal keys that of the earliest run. */
function* mergeRuns(runs: readonly Iterator<Pair>[], order: Order, sign: number): Generator<BatchView> {
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
  let keys: unknown[] = [];
  let values: unknown[] = [];
  while (heap.length > 0) {
    const head = heap[0] as Head;
    keys.push(head.pair[0]);
    values.push(head.pair[1]);
    if (keys.length === RUN_BATCH_ROWS) {
      yield new PairsBatch(keys, values);
      [keys, values] = [[], []];
    }
    const next = head.iterator.next();
    if (!next.done) head.pair = next.value;
    else {
      const last = heap.pop() as Head;
      if (heap.length === 0) break;
      if (last !== head) heap[0] = last;
    }
    sink(0);
  }
  yield new PairsBatch(keys, values);
}
