/** A table's keys and entries to the segments of their hash partitions. Keys that are strings go as the bytes that the table holds, int32 keys and entries that are numbers as columns. */

import { BATCH_ROWS } from "../columnar/block-writer.js";
import type { ColumnPlan } from "../columnar/column-plan.js";
import type { KeyBytes } from "../columnar/key-bytes.js";
import type { KeyIndex } from "../columnar/key-index.js";
import { planTyped } from "../columnar/plan-values.js";
import { textPlans } from "../columnar/text-plan.js";
import { hashKey } from "../lib/hash.js";
import { byPartition } from "./by-partition.js";
import type { Entries } from "./entries.js";
import type { KeyDigest } from "./key-digest.js";
import type { SegmentWriter } from "./segment-writer.js";

/** A pair of numbers takes 12 or 16 bytes. */
const INT_ROW_BITS = 4;

/** `entries`: undefined where the keys are the rows. Rows of a segment are in the order of their slots. */
export function writeTable(
  writer: SegmentWriter,
  keys: KeyIndex,
  entries: Entries | undefined,
  numPartitions: number,
): void {
  const { texts, ints } = keys;
  if (texts !== undefined && !texts.hasBroken)
    return writeColumns(writer, partitionsOf(texts, numPartitions, writer.keys), entries, numPartitions, (slots) =>
      textPlans(texts, slots, BATCH_ROWS, writer.batchBytes),
    );
  if (ints !== undefined)
    return writeColumns(writer, partitionsOfInts(ints, numPartitions, writer.keys), entries, numPartitions, (slots) =>
      intPlans(ints, slots, Math.max(1, Math.min(BATCH_ROWS, writer.batchBytes >> INT_ROW_BITS))),
    );
  writeKeys(writer, keys, entries, numPartitions);
}

/** `columnsOf`: the keys of a partition's slots, in columns of a batch each. */
function writeColumns(
  writer: SegmentWriter,
  partitions: Uint32Array,
  entries: Entries | undefined,
  numPartitions: number,
  columnsOf: (slots: Uint32Array) => Iterable<ColumnPlan>,
): void {
  const { slots, ends } = byPartition(partitions, numPartitions);
  let from = 0;
  for (const [partition, until] of ends.entries()) {
    for (const column of columnsOf(slots.subarray(from, until))) {
      const own = entries && entriesAt(entries, slots, from, column.count);
      writer.pushKeyed(partition, column, own);
      from += column.count;
    }
  }
}

function entriesAt(entries: Entries, slots: Uint32Array, from: number, count: number): ArrayLike<unknown> {
  if (entries instanceof Float64Array) return numbersAt(entries, slots, from, count);
  const own = new Array<unknown>(count);
  for (let i = 0; i < count; i++) own[i] = entries[slots[from + i] as number];
  return own;
}

function numbersAt(entries: Float64Array, slots: Uint32Array, from: number, count: number): Float64Array {
  const own = new Float64Array(count);
  for (let i = 0; i < count; i++) own[i] = entries[slots[from + i] as number] as number;
  return own;
}

function* intPlans(ints: Int32Array, slots: Uint32Array, rowsMax: number): Generator<ColumnPlan> {
  for (let from = 0; from < slots.length; from += rowsMax) {
    const count = Math.min(rowsMax, slots.length - from);
    const own = new Int32Array(count);
    for (let i = 0; i < count; i++) own[i] = ints[slots[from + i] as number] as number;
    yield planTyped(own) as ColumnPlan;
  }
}

function writeKeys(writer: SegmentWriter, keys: KeyIndex, entries: Entries | undefined, numPartitions: number): void {
  const count = keys.size;
  for (let slot = 0; slot < count; slot++) {
    const key = keys.keyAt(slot);
    const hash = hashKey(key);
    writer.keys.add(hash);
    const partition = hash % numPartitions;
    if (entries === undefined) writer.push(partition, key);
    else writer.pushPair(partition, key, entries[slot]);
  }
}

function partitionsOfInts(ints: Int32Array, numPartitions: number, digest: KeyDigest): Uint32Array {
  const partitions = new Uint32Array(ints.length);
  for (let slot = 0; slot < ints.length; slot++) {
    const hash = hashKey(ints[slot] as number);
    digest.add(hash);
    partitions[slot] = hash % numPartitions;
  }
  return partitions;
}

function partitionsOf(texts: KeyBytes, numPartitions: number, digest: KeyDigest): Uint32Array {
  const partitions = new Uint32Array(texts.size);
  for (let slot = 0; slot < partitions.length; slot++) {
    const hash = texts.hashAt(slot);
    digest.add(hash);
    partitions[slot] = hash % numPartitions;
  }
  return partitions;
}
