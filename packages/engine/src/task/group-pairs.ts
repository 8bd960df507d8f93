/** All values of each key of a reduce partition in one array: what groupByKey reads. Spills, by key, what memory does not hold. */

import { KeyIndex } from "../columnar/key-index.js";
import type { BatchView, ClassRegistry, TextColumn } from "../columnar/types.js";
import { joinArrays } from "../lib/join-arrays.js";
import { estimateSize } from "../lib/size-estimate.js";
import { GroupedValues } from "./grouped-values.js";
import { MemoryWatch } from "./memory-watch.js";
import { SpilledPairs } from "./spilled-pairs.js";
import type { TaskIo } from "./task-io.js";

export interface PairColumns {
  readonly keys: ArrayLike<unknown>;
  readonly values: ArrayLike<unknown>;
  /** The keys as they lie in their block, where they are strings: `keys` need not be asked for then. */
  readonly texts?: TextColumn | undefined;
}

/** Keys, and the values of each. */
export interface Groups {
  readonly keys: readonly unknown[];
  readonly values: readonly unknown[][];
}

/** Groups that are made at once: they die young. */
const CHUNK_GROUPS = 128;
/** V8 makes an array of more elements than 2^25 a hash table. */
const ROWS_MAX = 1 << 24;
/** A value that is noted, or its place; and its slot beside it until all are there. */
const VALUE_BYTES = 8;
const NOTE_BYTES = VALUE_BYTES + 4;

/** Keys come in the order in which they are first seen, unless they were spilled; the values of a key in the order of the pairs. */
export function* groupPairs(
  io: TaskIo,
  classes: ClassRegistry,
  pairs: Iterable<PairColumns>,
  columnsOf: (batch: BatchView) => PairColumns,
  site: number,
): Generator<Groups> {
  const watch = new MemoryWatch(io.memory, site);
  let [index, grouped] = [new KeyIndex(), new GroupedValues()];
  let spilled: SpilledPairs | undefined;
  const close = (): void => {
    grouped.close(index.size);
    watch.replace(NOTE_BYTES * grouped.rows, VALUE_BYTES * grouped.rows);
  };
  const spill = (): void => {
    close();
    spilled ??= new SpilledPairs(io, classes);
    spilled.add({
      count: index.size,
      keyAt: (slot) => index.keyAt(slot),
      valueAt: (slot) => grouped.at(slot),
      table: index,
    });
    [index, grouped] = [new KeyIndex(), new GroupedValues()];
    watch.reset();
  };
  for (const columns of pairs) {
    grouped.add(slotsOf(index, columns), columns.values, index.size);
    if (grouped.rows >= watch.next && mustSpill(watch, index, grouped)) spill();
  }
  if (spilled === undefined) {
    close();
    yield* chunks(index, (slot) => grouped.at(slot));
  } else {
    spill();
    for (let bucket = 0; bucket < spilled.bucketCount; bucket++) yield* merged(spilled.read(bucket), columnsOf);
  }
  watch.reset();
}

function slotsOf(index: KeyIndex, columns: PairColumns): Int32Array {
  const slots = columns.texts === undefined ? undefined : index.slotsOfTexts(columns.texts);
  return slots ?? index.slotsOf(columns.keys);
}

function mustSpill(watch: MemoryWatch, index: KeyIndex, grouped: GroupedValues): boolean {
  const valueBytes = NOTE_BYTES + (grouped.isTyped ? 0 : estimateSize(grouped.sample()));
  const perKey = (grouped.rows / index.size) * valueBytes;
  const isTooLarge = watch.mustSpill(grouped.rows, index.size, (slot) => index.sizeAt(slot) + perKey);
  return isTooLarge || index.isFull || (grouped.rows > ROWS_MAX && !grouped.isTyped);
}

/** The groups of a bucket, of which each spill has a part. */
function* merged(batches: Iterable<BatchView>, columnsOf: (batch: BatchView) => PairColumns): Generator<Groups> {
  const index = new KeyIndex();
  const parts: unknown[][][] = [];
  for (const batch of batches) {
    const columns = columnsOf(batch);
    const { values } = columns;
    const slots = slotsOf(index, columns);
    for (let i = 0; i < values.length; i++) {
      const part = values[i] as unknown[];
      const known = parts[slots[i] as number];
      if (known === undefined) parts.push([part]);
      else known.push(part);
    }
  }
  // Joined once all are there: an array that grows is copied again and again.
  yield* chunks(index, (slot) => {
    const own = parts[slot] as unknown[][];
    parts[slot] = [];
    return own.length === 1 ? (own[0] as unknown[]) : joinArrays(own);
  });
}

function* chunks(index: KeyIndex, valuesOf: (slot: number) => unknown[]): Generator<Groups> {
  for (let start = 0; start < index.size; start += CHUNK_GROUPS) {
    const keys: unknown[] = [];
    const values: unknown[][] = [];
    for (let slot = start; slot < Math.min(index.size, start + CHUNK_GROUPS); slot++) {
      keys.push(index.keyAt(slot));
      values.push(valuesOf(slot));
    }
    yield { keys, values };
  }
}
