/**
 * One side of a join in memory, past which the other side's rows stream: only the first is held. When it outgrows the task's memory, both sides go to
 * the disk in buckets by key, and are joined bucket by bucket.
 */

import { JoinRows } from "../columnar/join-rows.js";
import type { BatchView, ClassRegistry } from "../columnar/types.js";
import { estimateSize } from "../lib/size-estimate.js";
import { MemoryWatch } from "./memory-watch.js";
import { SpilledPairs } from "./spilled-pairs.js";
import type { TaskIo } from "./task-io.js";

export interface PairChunk {
  readonly keys: ArrayLike<unknown>;
  readonly values: ArrayLike<unknown>;
}

/** Beside a key and a value in the table: their places there. */
const ROW_BYTES = 16;

export class JoinTable {
  readonly #io: TaskIo;
  readonly #classes: ClassRegistry;
  readonly #chunkOf: (batch: BatchView) => PairChunk;
  readonly #site: number;
  readonly #watch: MemoryWatch;
  #rows = new JoinRows();
  #spilled: SpilledPairs | undefined;

  /** `site`: of the operator that joins. */
  constructor(io: TaskIo, classes: ClassRegistry, site: number, chunkOf: (batch: BatchView) => PairChunk) {
    this.#io = io;
    this.#classes = classes;
    this.#chunkOf = chunkOf;
    this.#site = site;
    this.#watch = new MemoryWatch(io.memory, site);
  }

  /** A pair of the side that is held. Throws UNSUPPORTED_KEY. */
  add(key: unknown, value: unknown): void {
    this.#rows.add(key, value);
    this.#spillWhenLarge();
  }

  /** The same for a key whose values nobody asks for. */
  addKey(key: unknown): void {
    this.#rows.addKey(key);
    this.#spillWhenLarge();
  }

  /** Whether the side that is held has the key; true once for each. Throws UNSUPPORTED_KEY. */
  takeKey(key: unknown): boolean {
    return this.#rows.takeKey(key);
  }

  #spillWhenLarge(): void {
    const rows = this.#rows;
    if (rows.size < this.#watch.next) return;
    const sizeOf = (row: number) => ROW_BYTES + rows.sizeAt(row);
    if (this.#watch.mustSpill(rows.size, rows.size, sizeOf) || rows.isFull) this.#spill();
  }

  /** The first row of a key, or -1. Throws UNSUPPORTED_KEY. */
  first(key: unknown): number {
    return this.#rows.first(key);
  }

  next(row: number): number {
    return this.#rows.next(row);
  }

  valueAt(row: number): unknown {
    return this.#rows.valueAt(row);
  }

  /** Chunks of the side that streams: while one is at hand, the table holds all rows of its keys. Ends with the table empty. */
  *probe(chunks: Iterable<PairChunk>): Generator<PairChunk> {
    if (this.#spilled === undefined) yield* chunks;
    else {
      const buffer = new PairBuffer(this.#io, this.#classes, this.#site);
      for (const chunk of chunks) buffer.add(chunk);
      yield* this.#buckets(buffer.finish());
    }
    this.#clear();
  }

  /** The same for chunks that come asynchronously. */
  async *probeAsync(chunks: AsyncIterable<PairChunk>): AsyncGenerator<PairChunk> {
    if (this.#spilled === undefined) yield* chunks;
    else {
      const buffer = new PairBuffer(this.#io, this.#classes, this.#site);
      for await (const chunk of chunks) buffer.add(chunk);
      yield* this.#buckets(buffer.finish());
    }
    this.#clear();
  }

  *#buckets(streamed: SpilledPairs): Generator<PairChunk> {
    this.#spill();
    const held = this.#spilled as SpilledPairs;
    for (let bucket = 0; bucket < held.bucketCount; bucket++) {
      this.#clear();
      for (const batch of held.read(bucket)) {
        const { keys, values } = this.#chunkOf(batch);
        for (let index = 0; index < keys.length; index++) this.#rows.add(keys[index], values[index]);
      }
      for (const batch of streamed.read(bucket)) yield this.#chunkOf(batch);
    }
  }

  #spill(): void {
    this.#spilled ??= new SpilledPairs(this.#io, this.#classes);
    const [keys, values]: [unknown[], unknown[]] = [[], []];
    this.#rows.each((key, value) => {
      keys.push(key);
      values.push(value);
    });
    this.#spilled.add({ count: keys.length, keyAt: (index) => keys[index], valueAt: (index) => values[index] });
    this.#clear();
  }

  #clear(): void {
    this.#rows = new JoinRows();
    this.#watch.reset();
  }
}

/** Pairs on their way to the disk: as many at once as the task's memory allows. */
class PairBuffer {
  readonly #watch: MemoryWatch;
  readonly #spilled: SpilledPairs;
  #keys: unknown[] = [];
  #values: unknown[] = [];

  constructor(io: TaskIo, classes: ClassRegistry, site: number) {
    this.#watch = new MemoryWatch(io.memory, site);
    this.#spilled = new SpilledPairs(io, classes);
  }

  add({ keys, values }: PairChunk): void {
    for (let index = 0; index < keys.length; index++) {
      this.#keys.push(keys[index]);
      this.#values.push(values[index]);
    }
    const count = this.#keys.length;
    if (count < this.#watch.next) return;
    const sizeOf = (index: number) => estimateSize(this.#keys[index]) + estimateSize(this.#values[index]);
    if (this.#watch.mustSpill(count, count, sizeOf)) this.#write();
  }

  finish(): SpilledPairs {
    this.#write();
    return this.#spilled;
  }

  #write(): void {
    const [keys, values] = [this.#keys, this.#values];
    this.#spilled.add({ count: keys.length, keyAt: (index) => keys[index], valueAt: (index) => values[index] });
    this.#keys = [];
    this.#values = [];
    this.#watch.reset();
  }
}
