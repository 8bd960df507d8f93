/**
 * What emitted code calls: `t` in a pipeline's source. One instance a task. Its methods are the engine's half of a stage program;
 * everything that touches the host goes through `io`.
 */

import { constantsOf, isStrict } from "../closure/captured-values.js";
import { countRows, readBatches } from "../columnar/block-reader.js";
import { BlockWriter, encodeRows } from "../columnar/block-writer.js";
import { KeyIndex } from "../columnar/key-index.js";
import type { BatchView, ClassRegistry } from "../columnar/types.js";
import { assert } from "../lib/assert.js";
import { BoundedHeap } from "../lib/bounded-heap.js";
import { keysEqual } from "../lib/canonical-key.js";
import { hashKey } from "../lib/hash.js";
import { compareValues } from "../lib/ordering.js";
import { mixSeed, Prng } from "../lib/prng.js";
import { estimateSize } from "../lib/size-estimate.js";
import { rangeOf } from "../rdd/partitioner.js";
import { type Entries, noEntries, roomFor } from "./entries.js";
import { ExactDraws } from "./exact-draws.js";
import { sortPairs } from "./external-sort.js";
import { type Groups, groupPairs, type PairColumns } from "./group-pairs.js";
import { JoinTable } from "./join-table.js";
import { KeptRows } from "./kept-rows.js";
import { mapAsyncOrdered } from "./map-async-ordered.js";
import { MemoryWatch } from "./memory-watch.js";
import { patternElements } from "./pattern-elements.js";
import { Reservoir } from "./reservoir.js";
import { RowFailure } from "./row-failure.js";
import { SegmentWriter } from "./segment-writer.js";
import { SpilledPairs } from "./spilled-pairs.js";
import { StorageLevel } from "./storage-level.js";
import { TaskBatches } from "./task-batches.js";
import type { TaskIo } from "./task-io.js";
import type { TaskInput } from "./task-spec.js";
import { thrownBy } from "./thrown-by.js";
import { userFailure } from "./user-failure.js";
import { valueCopier } from "./value-copier.js";
import { windows } from "./windows.js";

/** A pipeline of the task's stage as it runs: its own inputs, and where its sites begin. */
export interface RunningPipeline {
  readonly inputs: readonly TaskInput[];
  readonly firstSite: number;
}

/** Runs a compiled pipeline: one that gives its rows one by one, or one that fills a block. */
export type OpenPipeline = (
  input: TaskInput & { kind: "pipeline" },
) => Iterable<unknown> | AsyncIterable<unknown> | Uint8Array | PromiseLike<Uint8Array>;

type CachedInput = TaskInput & { readonly kind: "cached" };

export class TaskRuntime extends TaskBatches {
  readonly hash = hashKey;
  readonly compare = compareValues;
  readonly rangeOf = rangeOf;
  readonly keysEqual = keysEqual;
  /** The values of a side that a join keeps though it has none. */
  readonly missing: readonly undefined[] = [undefined];
  readonly #table: readonly TaskInput[];
  readonly #openPipeline: OpenPipeline;

  constructor(io: TaskIo, classes: ClassRegistry, table: readonly TaskInput[], openPipeline: OpenPipeline) {
    super(io, classes);
    this.#table = table;
    this.#openPipeline = openPipeline;
  }

  /** The rows of an input, one after the other, computed as they are asked for. */
  open(input: TaskInput): Iterable<unknown> | AsyncIterable<unknown> {
    switch (input.kind) {
      case "pipeline":
        return this.#openPipeline(input) as Iterable<unknown> | AsyncIterable<unknown>;
      case "list": {
        const parts = input.items.map((item) => this.entry(item));
        return parts.length === 1 ? this.open(parts[0] as TaskInput) : this.#concat(parts);
      }
      default:
        return assert(false, `an input of kind ${input.kind} has no rows`) as never;
    }
  }

  #concat(parts: readonly TaskInput[]): Iterable<unknown> | AsyncIterable<unknown> {
    const open = (part: TaskInput) => this.open(part);
    const first = parts.map(open);
    if (first.some((rows) => Symbol.asyncIterator in rows)) {
      return (async function* () {
        for (const rows of first) yield* rows;
      })();
    }
    return (function* () {
      for (const rows of first) yield* rows as Iterable<unknown>;
    })();
  }

  entry(index: number): TaskInput {
    const input = this.#table[index];
    assert(input !== undefined, `input ${index} is in the task's table`);
    return input;
  }

  /** Batches of a block that must be there. */
  blockBatches(input: TaskInput): Iterable<BatchView> {
    assert(input.kind === "block", "a block input");
    const bytes = this.io.readBlock(input.block);
    this.io.metrics.bytesRead += bytes.byteLength;
    return this.#counted(readBatches(bytes, this.classes));
  }

  blockCount(input: TaskInput): number {
    assert(input.kind === "block", "a block input");
    return countRows(this.io.readBlock(input.block));
  }

  *#counted(batches: Iterable<BatchView>): Iterable<BatchView> {
    for (const batch of batches) {
      this.io.checkCancelled();
      this.io.metrics.rowsRead += batch.rowCount;
      yield batch;
    }
  }

  /** Batches of the segments of a reduce partition, in the order of the map partitions. */
  *segments(input: TaskInput): Iterable<BatchView> {
    assert(input.kind === "shuffle", "a shuffle input");
    for (const bytes of this.io.readSegments(input.shuffleId, input.partition)) {
      this.io.checkCancelled();
      this.io.metrics.shuffleBytesRead += bytes.byteLength;
      for (const batch of readBatches(bytes, this.classes)) {
        this.io.metrics.shuffleRowsRead += batch.rowCount;
        yield batch;
      }
    }
  }

  /** Batches of a persisted partition: from the cache, or computed and kept. */
  cachedBatches(input: TaskInput): Iterable<BatchView> {
    return this.#counted(readBatches(this.#cachedBlock(input), this.classes));
  }

  cachedCount(input: TaskInput): number {
    return countRows(this.#cachedBlock(input));
  }

  /** The same where the pipeline that computes the rows is asynchronous. */
  async *cachedBatchesAsync(input: TaskInput): AsyncIterable<BatchView> {
    assert(input.kind === "cached", "a cached input");
    const block = this.#found(input) ?? this.#keep(input, await this.#compute(input));
    yield* this.#counted(readBatches(block, this.classes));
  }

  #cachedBlock(input: TaskInput): Uint8Array {
    assert(input.kind === "cached", "a cached input");
    return this.#found(input) ?? this.#keep(input, this.#compute(input) as Uint8Array);
  }

  #found(input: CachedInput): Uint8Array | undefined {
    const found = this.io.readCached(input.block);
    if (found === undefined) this.io.metrics.cacheMisses++;
    else this.io.metrics.cacheHits++;
    return found;
  }

  /** Runs the pipeline that makes the block. */
  #compute(input: CachedInput): Uint8Array | PromiseLike<Uint8Array> {
    const compute = this.entry(input.compute);
    assert(compute.kind === "pipeline", "a pipeline fills the cache");
    return this.#openPipeline(compute) as Uint8Array | PromiseLike<Uint8Array>;
  }

  #keep(input: CachedInput, bytes: Uint8Array): Uint8Array {
    const level = levelOf(input.level);
    if (level !== StorageLevel.NONE) this.io.putCached(input.block, bytes, level);
    return bytes;
  }

  /** A writer of rows whose block other threads can read. */
  writer(): BlockWriter {
    return new BlockWriter(this.classes, { allocate: (length) => this.io.allocate(length) });
  }

  segmentWriter(numPartitions: number, keysApart?: boolean): SegmentWriter {
    return new SegmentWriter(this.io, this.classes, numPartitions, keysApart);
  }

  /** A block of few rows: a task's result. */
  block(rows: readonly unknown[]): Uint8Array {
    return encodeRows(rows, this.classes, { allocate: (length) => this.io.allocate(length) });
  }

  /** Gives a copy of a zero value at each call, as fresh as if it had just arrived. */
  copier(value: unknown): () => unknown {
    return valueCopier(value, this.classes);
  }

  /** Slots for keys, by value. */
  keyIndex(): KeyIndex {
    return new KeyIndex();
  }

  /** No entries of a key table. */
  entries(): Entries {
    return noEntries();
  }

  roomFor(entries: Entries, size: number, entry: unknown): Entries {
    return roomFor(entries, size, entry);
  }

  /** Appends without spreading: an array may be longer than the stack takes arguments. */
  append(to: unknown[], from: readonly unknown[]): void {
    for (let index = 0; index < from.length; index++) to.push(from[index]);
  }

  /** Appends, side by side, the arrays of a cogroup's entry. */
  appendSides(to: (unknown[] | undefined)[], from: readonly (unknown[] | undefined)[]): void {
    from.forEach((values, side) => {
      if (values === undefined) return;
      const known = to[side];
      if (known === undefined) to[side] = values;
      else this.append(known, values);
    });
  }

  /** Rows that are computed once and read many times. */
  keepRows(rows: Iterable<unknown>, site: number): KeptRows {
    return new KeptRows(this.io, this.classes, site, rows);
  }

  /** The side of a join that is held in memory. */
  joinTable(site: number): JoinTable {
    return new JoinTable(this.io, this.classes, site, (batch) => this.#columnsOf(batch));
  }

  memoryWatch(site: number): MemoryWatch {
    return new MemoryWatch(this.io.memory, site);
  }

  /** Whether a table of keys and entries has outgrown the task's memory. */
  mustSpill(watch: MemoryWatch, rows: number, keys: KeyIndex, entries: ArrayLike<unknown>): boolean {
    const sizeOf = (index: number) => keys.sizeAt(index) + estimateSize(entries[index]);
    return watch.mustSpill(rows, keys.size, sizeOf) || keys.isFull;
  }

  /** Writes a table to the disk, by key; the first time it makes what holds it. */
  spill(spilled: SpilledPairs | undefined, keys: KeyIndex, entries: ArrayLike<unknown>): SpilledPairs {
    const to = spilled ?? new SpilledPairs(this.io, this.classes);
    to.add({
      count: keys.size,
      keyAt: (index) => keys.keyAt(index),
      valueAt: (index) => entries[index],
      table: keys,
    });
    return to;
  }

  /** All keys of a reduce partition with their values, in chunks. */
  groups(input: TaskInput, site: number): Iterable<Groups> {
    return groupPairs(this.io, this.classes, this.#pairColumns(input), (batch) => this.#columnsOf(batch), site);
  }

  /** All pairs of a reduce partition in the order of their keys, in batches; equal keys in the order of the map partitions. */
  sortedByKey(
    input: TaskInput,
    compare: ((a: never, b: never) => number) | undefined,
    ascending: boolean,
    site: number,
  ): Iterable<BatchView> {
    const order = compare as ((a: unknown, b: unknown) => number) | undefined;
    return sortPairs(this.io, this.classes, this.segments(input), this, { compare: order, ascending, site });
  }

  *#pairColumns(input: TaskInput): Iterable<PairColumns> {
    for (const batch of this.segments(input)) yield this.#columnsOf(batch);
  }

  #columnsOf(batch: BatchView): PairColumns {
    const keysOf = () => this.keysOf(batch);
    return {
      get keys() {
        return keysOf();
      },
      values: this.valuesOf(batch),
      texts: this.hasPairs(batch) ? batch.texts?.(0) : undefined,
    };
  }

  /** Random numbers of this partition: the same in every attempt. */
  random(seed: number): Prng {
    return this.randomOf(seed, this.io.partition);
  }

  randomOf(seed: number, partition: number): Prng {
    return new Prng(mixSeed(seed, partition));
  }

  reservoir(size: number): Reservoir {
    return new Reservoir(size, this.random(0));
  }

  /** How often each row of a key is drawn. */
  exactDraws(
    quotas: ConstructorParameters<typeof ExactDraws>[0],
    seed: number,
    partition: number,
    withReplacement: boolean,
  ): ExactDraws {
    return new ExactDraws(quotas, seed, partition, withReplacement);
  }

  readonly windows = windows;

  boundedHeap(limit: number, compare: (a: unknown, b: unknown) => number, descending: boolean): BoundedHeap<unknown> {
    return new BoundedHeap(limit, compare, descending);
  }

  /** Calls an async function for each row, at most `concurrency` at once, and gives the results in the order of the rows. */
  mapAsync(
    rows: Iterable<unknown> | AsyncIterable<unknown>,
    f: (row: unknown) => unknown,
    concurrency: number,
    result: (value: unknown, row: unknown) => unknown,
  ): AsyncIterable<unknown> {
    return mapAsyncOrdered(rows, f, concurrency, result, this.io);
  }

  /** All rows of an input that may be asynchronous. */
  async gather(rows: Iterable<unknown> | AsyncIterable<unknown>): Promise<unknown[]> {
    const all: unknown[] = [];
    for await (const row of rows) all.push(row);
    return all;
  }

  /** The first elements of any iterable, as a destructuring pattern takes them. */
  elements(value: unknown, count: number): readonly unknown[] {
    return patternElements(value as Iterable<unknown>, count);
  }

  /**
   * What free names of a user function mean while the task runs; undefined when one of them may change, or when the function must be
   * strict code and is not known to be.
   */
  constants(f: Function, names: readonly string[], mustBeStrict = false): readonly unknown[] | undefined {
    return mustBeStrict && !isStrict(f) ? undefined : constantsOf(f, names);
  }

  /** The error to throw for what went wrong at a site of a pipeline. `call`: a function whose body stood there, and its arguments. */
  failed(
    error: unknown,
    pipeline: RunningPipeline,
    site: number,
    record: unknown,
    call?: readonly [(...args: unknown[]) => unknown, ...unknown[]],
  ): unknown {
    const at = site === 0 ? undefined : pipeline.firstSite + site - 1;
    if (RowFailure.is(error)) return userFailure(error.error, this.io, at, error.row);
    return userFailure(call === undefined ? error : thrownBy(call, error), this.io, at, record);
  }
}

function levelOf(name: string): StorageLevel {
  const level = StorageLevel[name as keyof typeof StorageLevel];
  assert(level !== undefined, `${name} is a storage level`);
  return level;
}
