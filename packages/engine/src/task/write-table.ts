/** A table's keys and entries to the segments of their hash partitions. Keys that are strings go as the bytes that the table holds, int32 keys and entries that are numbers as columns. */

import type { KeyBytes } from "../columnar/key-bytes.js";
import type { KeyIndex } from "../columnar/key-index.js";
import { hashKey } from "../lib/hash.js";
import { byPartition } from "./by-partition.js";
import type { Entries } from "./entries.js";
import { haveColumns, pushKeyColumns } from "./key-columns.js";
import type { KeyDigest } from "./key-digest.js";
import type { SegmentWriter } from "./segment-writer.js";

/** `entries`: undefined where the keys are the rows. Rows of a segment are in the order of their slots. */
export function writeTable(
  writer: SegmentWriter,
  keys: KeyIndex,
  entries: Entries | undefined,
  numPartitions: number,
): void {
  if (!haveColumns(keys)) return writeKeys(writer, keys, entries, numPartitions);
  const valuesAt = entries && ((slots: Uint32Array) => entriesAt(entries, slots));
  const { slots, ends } = byPartition(partitionsOf(keys, numPartitions, writer.keys), numPartitions);
  let from = 0;
  for (const [partition, until] of ends.entries()) {
    const own = slots.subarray(from, until);
    pushKeyColumns(keys, own, writer.batchBytes, valuesAt, (column, values) =>
      writer.pushKeyed(partition, column, values),
    );
    from = until;
  }
}

function entriesAt(entries: Entries, slots: Uint32Array): ArrayLike<unknown> {
  if (entries instanceof Float64Array) return numbersAt(entries, slots);
  const own = new Array<unknown>(slots.length);
  for (let i = 0; i < slots.length; i++) own[i] = entries[slots[i] as number];
  return own;
}

function numbersAt(entries: Float64Array, slots: Uint32Array): Float64Array {
  const own = new Float64Array(slots.length);
  for (let i = 0; i < slots.length; i++) own[i] = entries[slots[i] as number] as number;
  return own;
}

function partitionsOf({ texts, ints }: KeyIndex, numPartitions: number, digest: KeyDigest): Uint32Array {
  if (texts !== undefined) return partitionsOfTexts(texts, numPartitions, digest);
  return partitionsOfInts(ints as Int32Array, numPartitions, digest);
}

function writeKeys(writer: SegmentWriter, keys: KeyIndex, entries: Entries | undefined, numPartitions: number): void {
  const count = keys.size;
  for (let slot = 0; slot < count; slot++) {
    const key = keys.keyAt(slot);
    const hash = keys.hashAt(slot);
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

function partitionsOfTexts(texts: KeyBytes, numPartitions: number, digest: KeyDigest): Uint32Array {
  const partitions = new Uint32Array(texts.size);
  for (let slot = 0; slot < partitions.length; slot++) {
    const hash = texts.hashAt(slot);
    digest.add(hash);
    partitions[slot] = hash % numPartitions;
  }
  return partitions;
}
