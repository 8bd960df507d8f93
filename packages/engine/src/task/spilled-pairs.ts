/**
 * Pairs that did not fit into memory, in buckets by the hash of their key: all pairs of one key are in one bucket, in the order in which
 * they were spilled, and a bucket is small enough to be read back whole.
 */

import { readBatches } from "../columnar/block-reader.js";
import { BlockWriter } from "../columnar/block-writer.js";
import type { KeyIndex } from "../columnar/key-index.js";
import type { BatchView, ClassRegistry } from "../columnar/types.js";
import { hashKey } from "../lib/hash.js";
import { byPartition } from "./by-partition.js";
import { haveColumns, pushKeyColumns } from "./key-columns.js";
import type { SpillFile, TaskIo } from "./task-io.js";

/** With b buckets and memory for m bytes, b * m bytes are aggregated in one pass. */
const BUCKET_BITS = 6;
/** Of a batch whose keys are a column already. */
const BATCH_BYTES = 1 << 20;

export interface Pairs {
  readonly count: number;
  readonly keyAt: (index: number) => unknown;
  readonly valueAt: (index: number) => unknown;
  /** The table whose keys these are, pair by slot. */
  readonly table?: KeyIndex | undefined;
}

export class SpilledPairs {
  readonly bucketCount = 1 << BUCKET_BITS;
  readonly #io: TaskIo;
  readonly #classes: ClassRegistry;
  /** Numbers of each bucket's chunks. All lie in one file: a file a bucket would take as many descriptors for each table of each slot. */
  readonly #chunks: (number[] | undefined)[] = new Array(1 << BUCKET_BITS).fill(undefined);
  #file: SpillFile | undefined;
  #chunkCount = 0;
  /** Buckets that have chunks. */
  #bucketsLeft = 0;

  constructor(io: TaskIo, classes: ClassRegistry) {
    this.#io = io;
    this.#classes = classes;
  }

  /** Writes pairs, a bucket after the other: what is encoded at once is one bucket's share of them. */
  add(pairs: Pairs): void {
    const buckets = new Uint32Array(pairs.count);
    for (let index = 0; index < buckets.length; index++) buckets[index] = bucketOf(hashAt(pairs, index));
    const { slots, ends } = byPartition(buckets, this.bucketCount);
    let from = 0;
    for (const [bucket, until] of ends.entries()) {
      if (from < until) this.#write(bucket, pairs, slots.subarray(from, until));
      from = until;
    }
    this.#io.checkCancelled();
  }

  #write(bucket: number, pairs: Pairs, indices: Uint32Array): void {
    const writer = new BlockWriter(this.#classes);
    const { table, keyAt, valueAt } = pairs;
    if (table !== undefined && haveColumns(table)) {
      const valuesAt = (slots: Uint32Array) => Array.from(slots, valueAt);
      pushKeyColumns(table, indices, BATCH_BYTES, valuesAt, (column, values) => writer.pushKeyed(column, values));
    } else for (const index of indices) writer.pushPair(keyAt(index), valueAt(index));
    this.#file ??= this.#io.createSpill();
    this.#file.write(writer.finish());
    const chunks = this.#chunks[bucket];
    if (chunks === undefined) {
      this.#chunks[bucket] = [this.#chunkCount++];
      this.#bucketsLeft++;
    } else chunks.push(this.#chunkCount++);
  }

  /** Batches of pairs of a bucket. It can be read once. */
  *read(bucket: number): Generator<BatchView> {
    const [file, chunks] = [this.#file, this.#chunks[bucket]];
    if (file === undefined || chunks === undefined) return;
    for (const bytes of file.read(chunks)) yield* readBatches(bytes, this.#classes);
    this.#chunks[bucket] = undefined;
    if (--this.#bucketsLeft > 0) return;
    file.remove();
    this.#file = undefined;
    this.#chunkCount = 0;
  }
}

/** Other bits than those that chose the partition: all keys here agree in `hash % numPartitions`. */
function bucketOf(hash: number): number {
  return Math.imul(hash, 0x9e3779b1) >>> (32 - BUCKET_BITS);
}

function hashAt({ table, keyAt }: Pairs, index: number): number {
  return table?.texts === undefined ? hashKey(keyAt(index)) : table.texts.hashAt(index);
}
