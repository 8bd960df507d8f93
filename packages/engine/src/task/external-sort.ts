/**
 * Pairs in the order of their keys, however many there are: sorted in memory while they fit, otherwise as sorted runs on the disk that
 * are merged while they are read. Stable: equal keys keep the order in which they came.
 */

import { readBatches } from "../columnar/block-reader.js";
import { BlockWriter } from "../columnar/block-writer.js";
import { sortIndices } from "../columnar/sort-indices.js";
import type { ClassRegistry } from "../columnar/types.js";
import { compareValues } from "../lib/ordering.js";
import { estimateSize } from "../lib/size-estimate.js";
import { MemoryWatch } from "./memory-watch.js";
import type { SpillFile, TaskIo } from "./task-io.js";

type Order = (a: unknown, b: unknown) => number;
export interface SortedPairs {
  readonly size: number;
  /** Pairs by their place in the order; to be asked for from the first to the last. */
  readonly keys: ArrayLike<unknown>;
  readonly values: ArrayLike<unknown>;
}

/** Rows of a run that are in memory at once while it is merged. */
const RUN_BATCH_ROWS = 2048;

export interface SortOrder {
  readonly compare: Order | undefined;
  readonly ascending: boolean;
  /** Of the operator that sorts. */
  readonly site: number;
}

/** Chunks of pairs in the order of their keys. */
export function* sortPairs(
  io: TaskIo,
  classes: ClassRegistry,
  batches: Iterable<{ readonly keys: ArrayLike<unknown>; readonly values: ArrayLike<unknown> }>,
  { compare, ascending, site }: SortOrder,
): Generator<SortedPairs> {
  const watch = new MemoryWatch(io.memory, site);
  const runs: SpillFile[] = [];
  let keys: unknown[] = [];
  let values: unknown[] = [];
  for (const batch of batches) {
    for (let index = 0; index < batch.keys.length; index++) {
      keys.push(batch.keys[index]);
      values.push(batch.values[index]);
    }
    const sizeOf = (index: number) => estimateSize(keys[index]) + estimateSize(values[index]);
    if (keys.length >= watch.next && watch.mustSpill(keys.length, keys.length, sizeOf)) {
      runs.push(writeRun(io, classes, keys, values, sortIndices(keys, compare, ascending)));
      [keys, values] = [[], []];
      watch.reset();
    }
  }
  const order = sortIndices(keys, compare, ascending);
  if (runs.length === 0) yield inOrder(keys, values, order);
  else {
    const last = inOrder(keys, values, order);
    yield* mergeRuns(
      [...runs.map((run) => readRun(run, classes)), pairsOf(last)],
      compare ?? compareValues,
      ascending ? 1 : -1,
    );
  }
  watch.reset();
}

function inOrder(keys: readonly unknown[], values: readonly unknown[], order: ArrayLike<number>): SortedPairs {
  const size = order.length;
  const sortedKeys = new Array<unknown>(size);
  const sortedValues = new Array<unknown>(size);
  for (let index = 0; index < size; index++) {
    const from = order[index] as number;
    sortedKeys[index] = keys[from];
    sortedValues[index] = values[from];
  }
  return { size, keys: sortedKeys, values: sortedValues };
}

type Pair = readonly [unknown, unknown];

function* pairsOf({ size, keys, values }: SortedPairs): Generator<Pair> {
  for (let index = 0; index < size; index++) yield [keys[index], values[index]];
}

function writeRun(
  io: TaskIo,
  classes: ClassRegistry,
  keys: readonly unknown[],
  values: readonly unknown[],
  order: ArrayLike<number>,
): SpillFile {
  const file = io.createSpill();
  for (let from = 0; from < order.length; from += RUN_BATCH_ROWS) {
    io.checkCancelled();
    const writer = new BlockWriter(classes);
    const until = Math.min(order.length, from + RUN_BATCH_ROWS);
    for (let index = from; index < until; index++)
      writer.pushPair(keys[order[index] as number], values[order[index] as number]);
    file.write(writer.finish());
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
function* mergeRuns(runs: readonly Iterator<Pair>[], order: Order, sign: number): Generator<SortedPairs> {
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
      yield { size: keys.length, keys, values };
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
  yield { size: keys.length, keys, values };
}
