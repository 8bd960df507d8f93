/**
 * Pairs that did not fit into memory, in buckets by the hash of their key: all pairs of one key are in one bucket, in the order in which
 * they were spilled, and a bucket is small enough to be read back whole.
 */

import { readBatches } from "../columnar/block-reader.js";
import { BlockWriter } from "../columnar/block-writer.js";
import type { BatchView, ClassRegistry } from "../columnar/types.js";
import { hashKey } from "../lib/hash.js";
import type { SpillFile, TaskIo } from "./task-io.js";

/** With b buckets and memory for m bytes, b * m bytes are aggregated in one pass. */
const BUCKET_BITS = 6;

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

  /** Writes `count` pairs. */
  add(count: number, keyAt: (index: number) => unknown, valueAt: (index: number) => unknown): void {
    const writers: (BlockWriter | undefined)[] = new Array(this.bucketCount).fill(undefined);
    for (let index = 0; index < count; index++) {
      const key = keyAt(index);
      const bucket = bucketOf(key);
      let writer = writers[bucket];
      if (writer === undefined) {
        writer = new BlockWriter(this.#classes);
        writers[bucket] = writer;
      }
      writer.push([key, valueAt(index)]);
    }
    writers.forEach((writer, bucket) => {
      if (writer === undefined) return;
      this.#file ??= this.#io.createSpill();
      this.#file.write(writer.finish());
      const chunks = this.#chunks[bucket];
      if (chunks === undefined) {
        this.#chunks[bucket] = [this.#chunkCount++];
        this.#bucketsLeft++;
      } else chunks.push(this.#chunkCount++);
    });
    this.#io.checkCancelled();
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
function bucketOf(key: unknown): number {
  return Math.imul(hashKey(key), 0x9e3779b1) >>> (32 - BUCKET_BITS);
}
