/** A table's keys and entries to the segments of their hash partitions. Keys that are strings go as the bytes that the table holds. */

import { BATCH_ROWS } from "../columnar/block-writer.js";
import type { KeyBytes } from "../columnar/key-bytes.js";
import type { KeyIndex } from "../columnar/key-index.js";
import { textPlans } from "../columnar/text-plan.js";
import { hashAscii, hashKey, hashString } from "../lib/hash.js";
import type { SegmentWriter } from "./segment-writer.js";

/** `entries`: undefined where the keys are the rows. Rows of a segment are in the order of their slots. */
export function writeTable(
  writer: SegmentWriter,
  keys: KeyIndex,
  entries: readonly unknown[] | undefined,
  numPartitions: number,
): void {
  const { texts } = keys;
  if (texts === undefined || texts.hasBroken) return writeKeys(writer, keys, entries, numPartitions);
  const { slots, ends } = byPartition(partitionsOf(texts, numPartitions), numPartitions);
  let from = 0;
  for (const [partition, until] of ends.entries()) {
    for (const column of textPlans(texts, slots.subarray(from, until), BATCH_ROWS, writer.batchBytes)) {
      const own = entries && Array.from(slots.subarray(from, from + column.count), (slot) => entries[slot]);
      writer.pushKeyed(partition, column, own);
      from += column.count;
    }
  }
}

function writeKeys(
  writer: SegmentWriter,
  keys: KeyIndex,
  entries: readonly unknown[] | undefined,
  numPartitions: number,
): void {
  const count = keys.size;
  for (let slot = 0; slot < count; slot++) {
    const key = keys.keyAt(slot);
    const partition = hashKey(key) % numPartitions;
    if (entries === undefined) writer.push(partition, key);
    else writer.pushPair(partition, key, entries[slot]);
  }
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
