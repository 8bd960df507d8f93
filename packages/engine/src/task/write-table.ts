/** A table's keys and entries to the segments of their hash partitions. Keys that are strings go as the bytes that the table holds, int32 keys and entries that are numbers as columns. */

import { BATCH_ROWS } from "../columnar/block-writer.js";
import type { ColumnPlan } from "../columnar/column-plan.js";
import type { KeyBytes } from "../columnar/key-bytes.js";
import type { KeyIndex } from "../columnar/key-index.js";
import { planTyped } from "../columnar/plan-values.js";
import { textPlans } from "../columnar/text-plan.js";
import { hashAscii, hashKey, hashString } from "../lib/hash.js";
import type { Entries } from "./entries.js";
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
    return writeColumns(writer, partitionsOf(texts, numPartitions), entries, numPartitions, (slots) =>
      textPlans(texts, slots, BATCH_ROWS, writer.batchBytes),
    );
  if (ints !== undefined)
    return writeColumns(writer, partitionsOfInts(ints, numPartitions), entries, numPartitions, (slots) =>
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
    const partition = hashKey(key) % numPartitions;
    if (entries === undefined) writer.push(partition, key);
    else writer.pushPair(partition, key, entries[slot]);
  }
}

function partitionsOfInts(ints: Int32Array, numPartitions: number): Uint32Array {
  const partitions = new Uint32Array(ints.length);
  for (let slot = 0; slot < ints.length; slot++) partitions[slot] = hashKey(ints[slot] as number) % numPartitions;
  return partitions;
}

/** The same hashes as those of the strings. */
function partitionsOf(texts: KeyBytes, numPartitions: number): Uint32Array {
  const partitions = new Uint32Array(texts.size);
  if (numPartitions === 1) return partitions;
  const { bytes } = texts;
  for (let slot = 0; slot < partitions.length; slot++) {
    const start = texts.startOf(slot);
    const hash = texts.isAscii(slot)
      ? hashAscii(bytes, start, start + texts.lengthOf(slot))
      : hashString(texts.textAt(slot));
    partitions[slot] = hash % numPartitions;
  }
  return partitions;
}

/** Slots in the order of their partitions, and where each partition ends among them. */
function byPartition(partitions: Uint32Array, numPartitions: number): { slots: Uint32Array; ends: Uint32Array } {
  const ends = new Uint32Array(numPartitions);
  for (const partition of partitions) ends[partition] = (ends[partition] as number) + 1;
  let start = 0;
  for (let partition = 0; partition < numPartitions; partition++) {
    const size = ends[partition] as number;
    ends[partition] = start;
    start += size;
  }
  const slots = new Uint32Array(partitions.length);
  for (let slot = 0; slot < slots.length; slot++) {
    const partition = partitions[slot] as number;
    const at = ends[partition] as number;
    slots[at] = slot;
    ends[partition] = at + 1;
  }
  return { slots, ends };
}
