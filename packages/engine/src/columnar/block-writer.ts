/**
 * Rows to a block. Rows wait until a batch is full; then its columns are inferred and encoded, and the rows are let go. The block is laid
 * down by `finish`, since only then all its row types are known. Encoded batches may meanwhile lie elsewhere (`putAway`): the block's bytes are the same.
 *
 * Rows must not be changed between `push` and the end of their batch.
 */
import { assert } from "../lib/assert.js";
import { estimateSize } from "../lib/size-estimate.js";
import { VolleyError } from "../wire/errors.js";
import { analyzeColumn, analyzeKeyed, analyzePairs } from "./analyze-column.js";
import { BATCH_ROWS_MAX, batchHeadBytes, END_OF_STREAM, padded, writeBatchHead } from "./arrow-message.js";
import { isFlatType } from "./arrow-schema.js";
import { BatchTooLarge } from "./batch-too-large.js";
import { type ColumnPlan, planAny } from "./column-plan.js";
import { type ColumnType, mergeTypes, ownType, widenNulls } from "./column-type.js";
import { columnParts, type EncodedColumns, encodeColumn } from "./encode-column.js";
import { hasSharing } from "./find-sharing.js";
import { schemaBytes } from "./schema-bytes.js";
import type { ClassRegistry } from "./types.js";

export interface BlockWriterOptions {
  /** Most rows of a batch. */
  readonly batchRows?: number | undefined;
  /** Bytes that a batch should have, roughly; the rows of a batch follow from the size of the rows before. */
  readonly batchBytes?: number | undefined;
  /** Where `finish` puts the block: `length` bytes at a multiple of 8. */
  readonly allocate?: ((length: number) => Uint8Array) | undefined;
  /** An object that the key and the value of a pair share may come back as two. */
  readonly keysApart?: boolean | undefined;
  /** Told of each batch that has been encoded: how many bytes it takes until the block is laid down. */
  readonly onBatch?: ((bytes: number) => void) | undefined;
}

/** Large enough that the fixed cost of a batch is nothing, small enough that its columns stay in a core's cache. */
export const BATCH_ROWS = 8192;
const BATCH_BYTES = 1 << 20;
/** Most rows of the first batch: it teaches how large rows are. */
const FIRST_BATCH_ROWS = 256;
/** Row types of one block; rows of more kinds than this are written as kind any. */
const VARIANTS_MAX = 8;
/** A column's bytes, or how many they are when the batch has been put away. */
type BatchBuffer = ArrayBufferView | { readonly byteLength: number };

interface Columns {
  readonly nodes: readonly number[];
  readonly buffers: readonly BatchBuffer[];
}

interface WrittenBatch {
  readonly rowCount: number;
  readonly variant: number;
  columns: Columns;
  /** Set once it has been put away: what it was called. */
  place: number | undefined;
}

export class BlockWriter {
  readonly #classes: ClassRegistry;
  readonly #batchRows: number;
  readonly #batchBytes: number;
  readonly #keysApart: boolean;
  readonly #allocate: (length: number) => Uint8Array;
  readonly #onBatch: ((bytes: number) => void) | undefined;
  readonly #variants: ColumnType[] = [];
  #batches: WrittenBatch[] = [];
  /** Batches before this one have been put away. */
  #awayCount = 0;
  /** Rows that wait to become a batch, or the keys and values of pairs: there are never both. Filled anew for each batch, since arrays that grow cost as much as the rest. */
  #rows: unknown[] = [];
  #keys: unknown[] = [];
  #values: unknown[] = [];
  #waitingRows = 0;
  #waitingPairs = 0;
  /** Rows that make a batch. 1 before the first row: it is looked at to guess how large rows are. */
  #waitingMax = 1;
  #writtenRows = 0;
  #writtenBytes = 0;
  /** Set by `close`: all that the block is made of. */
  #closed: { readonly schema: Uint8Array; readonly batches: readonly Columns[]; readonly length: number } | undefined;

  constructor(classes: ClassRegistry, options: BlockWriterOptions = {}) {
    this.#classes = classes;
    this.#batchRows = options.batchRows ?? BATCH_ROWS;
    this.#batchBytes = options.batchBytes ?? BATCH_BYTES;
    this.#keysApart = options.keysApart === true;
    this.#allocate = options.allocate ?? ((length) => new Uint8Array(length));
    this.#onBatch = options.onBatch;
    assert(this.#batchRows >= 1 && this.#batchRows <= BATCH_ROWS_MAX, "a batch has from 1 to BATCH_ROWS_MAX rows");
  }

  /** Rows pushed so far. */
  get rowCount(): number {
    return this.#writtenRows + this.#waitingRows + this.#waitingPairs;
  }

  /** Bytes of the batches encoded so far; rows that wait are not counted. */
  get encodedBytes(): number {
    return this.#writtenBytes;
  }

  /** Takes a row. Throws, for a row of the batch, ROW_NOT_TRANSFERABLE or RECORD_TOO_LARGE. */
  push(row: unknown): void {
    if (this.#waitingPairs > 0) this.flush();
    this.#rows[this.#waitingRows] = row;
    if (++this.#waitingRows >= this.#waitingMax) this.#full();
  }

  /** Takes the row [key, value] without making it. */
  pushPair(key: unknown, value: unknown): void {
    if (this.#waitingRows > 0) this.flush();
    const at = this.#waitingPairs;
    this.#keys[at] = key;
    this.#values[at] = value;
    this.#waitingPairs = at + 1;
    if (at + 1 >= this.#waitingMax) this.#full();
  }

  /** Takes a batch: rows [key, value], or keys alone, whose keys are a column already. Values that are numbers may be a typed array. */
  pushKeyed(keys: ColumnPlan, values: ArrayLike<unknown> | undefined): void {
    this.flush();
    if (values !== undefined) this.#writePairs(keys, values, () => analyzeKeyed(keys, values, this.#classes));
    else if (this.#fits(keys)) this.#write(keys);
    else this.#writeBatch(keys.values);
    this.#written(keys.count);
  }

  /** Takes rows that are an array already. */
  pushAll(rows: readonly unknown[]): void {
    for (let i = 0; i < rows.length; i++) this.push(rows[i]);
  }

  /** The block. The writer is of no use afterwards. */
  finish(): Uint8Array {
    const block = this.#allocate(this.close());
    this.layDown(block);
    return block;
  }

  /** Ends the block without writing it down; returns its length in bytes, a multiple of 8. For who puts many blocks into one buffer. */
  close(): number {
    assert(this.#closed === undefined, "a block is finished once");
    this.flush();
    [this.#rows, this.#keys, this.#values] = [[], [], []];
    const isFlat = this.#variants.length === 1 && isFlatType(this.#variants[0] as ColumnType);
    const schema = schemaBytes(this.#variants, isFlat);
    const batches = this.#batches.map((batch) => (isFlat ? withoutRoot(batch.columns) : this.#inUnion(batch)));
    let length = schema.length + END_OF_STREAM.length;
    for (const batch of batches) length += batchBytes(batch);
    this.#closed = { schema, batches, length };
    return length;
  }

  /**
   * Lets go of the batches encoded so far: `write` takes the body of each, which is gone afterwards, and says under which number `pieces` gets it
   * back.
   */
  putAway(write: (body: Uint8Array) => number): void {
    for (; this.#awayCount < this.#batches.length; this.#awayCount++) {
      const batch = this.#batches[this.#awayCount] as WrittenBatch;
      const { nodes, buffers } = batch.columns;
      batch.place = write(bodyOf(buffers as readonly ArrayBufferView[]));
      batch.columns = { nodes, buffers: buffers.map(({ byteLength }) => ({ byteLength })) };
    }
  }

  /** Writes the closed block, of which nothing was put away, into `target`, which is exactly as long. What lay there before does not matter. The writer lets go of all it held. */
  layDown(target: Uint8Array): void {
    const closed = this.#closed;
    assert(closed !== undefined && closed.length === target.length, "a closed block goes where there is room for it");
    assert(this.#awayCount === 0, "a block of which parts lie elsewhere is given out in pieces");
    const view = new DataView(target.buffer, target.byteOffset, target.byteLength);
    target.set(closed.schema, 0);
    let at = closed.schema.length;
    for (const [index, batch] of closed.batches.entries())
      at = writeBatch(target, view, at, batch as EncodedColumns, (this.#batches[index] as WrittenBatch).rowCount);
    target.set(END_OF_STREAM, at);
    this.#letGo(closed);
  }

  /** The closed block piece by piece; `read` gives back what was put away. The writer lets go of all it held. */
  *pieces(read: (place: number) => Uint8Array): Generator<Uint8Array> {
    const closed = this.#closed;
    assert(closed !== undefined, "a block is closed before it is given out");
    yield closed.schema;
    for (const [index, columns] of closed.batches.entries()) {
      const { rowCount, place } = this.#batches[index] as WrittenBatch;
      yield headOf(columns, rowCount);
      for (const buffer of columns.buffers) {
        if (!ArrayBuffer.isView(buffer)) continue;
        if (buffer.byteLength > 0) yield new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength);
        const gap = padded(buffer.byteLength) - buffer.byteLength;
        if (gap > 0) yield ZEROS.subarray(0, gap);
      }
      // What stands before it in a union is encoded at the end only.
      if (place !== undefined) yield read(place);
    }
    yield END_OF_STREAM;
    this.#letGo(closed);
  }

  #letGo(closed: { readonly schema: Uint8Array; readonly length: number }): void {
    this.#closed = { schema: closed.schema, batches: [], length: closed.length };
    this.#batches = [];
    this.#awayCount = 0;
  }

  #full(): void {
    if (this.#writtenRows > 0 || this.#waitingMax > 1) return this.flush();
    const first = this.#waitingRows > 0 ? this.#rows[0] : [this.#keys[0], this.#values[0]];
    this.#waitingMax = this.#rowsOfBatch(estimateSize(first), FIRST_BATCH_ROWS);
    if (this.#waitingMax === 1) this.flush();
  }

  #rowsOfBatch(bytesPerRow: number, most: number): number {
    return Math.min(most, this.#batchRows, Math.max(1, Math.floor(this.#batchBytes / Math.max(1, bytesPerRow))));
  }

  /** The rows or the pairs that wait become batches. */
  flush(): void {
    const [rows, pairs] = [this.#waitingRows, this.#waitingPairs];
    [this.#waitingRows, this.#waitingPairs] = [0, 0];
    if (rows > 0) this.#writeBatch(cut(this.#rows, rows));
    if (pairs > 0) {
      const [keys, values] = [cut(this.#keys, pairs), cut(this.#values, pairs)];
      this.#writePairs({ values: keys }, values, () => analyzePairs(keys, values, pairs, this.#classes));
    }
    if (rows + pairs > 0) this.#written(rows + pairs);
  }

  #written(rows: number): void {
    this.#writtenRows += rows;
    this.#waitingMax = this.#rowsOfBatch(this.#writtenBytes / this.#writtenRows, this.#batchRows);
  }

  #writePairs(keys: { values: ArrayLike<unknown> }, values: ArrayLike<unknown>, analyze: () => ColumnPlan): void {
    try {
      const plan = analyze();
      if (this.#fits(plan)) return this.#write(plan);
    } catch (error) {
      if (!(error instanceof BatchTooLarge)) throw error;
    }
    const { values: own } = keys;
    this.#writeBatch(Array.from(values, (value, index) => [own[index], value]));
  }

  #writeBatch(rows: readonly unknown[]): void {
    try {
      const plan = analyzeColumn(rows, rows.length, this.#classes);
      this.#write(this.#fits(plan) ? plan : planAny(rows, rows.length, true));
    } catch (error) {
      if (!(error instanceof BatchTooLarge)) throw error;
      this.#writeHalves(rows);
    }
  }

  #write(plan: ColumnPlan): void {
    const variant = this.#variantFor(plan.type);
    const columns = encodeColumn(plan, this.#variants[variant] as ColumnType, this.#classes);
    this.#batches.push({ rowCount: plan.count, variant, columns, place: undefined });
    let bytes = 0;
    for (const buffer of columns.buffers) bytes += buffer.byteLength;
    this.#writtenBytes += bytes;
    this.#onBatch?.(bytes);
  }

  #writeHalves(rows: readonly unknown[]): void {
    if (rows.length === 1)
      throw new VolleyError("RECORD_TOO_LARGE", "a record takes more than 2 GiB in one of its columns");
    const half = rows.length >> 1;
    this.#writeBatch(rows.slice(0, half));
    this.#writeBatch(rows.slice(half));
  }

  /** May a batch be written as the columns that were found, and not as kind any? */
  #fits(plan: ColumnPlan): boolean {
    const variants = this.#variants;
    const isNewType = (): boolean => !variants.some((one) => one.kind !== "any" && mergeTypes(one, plan.type) === one);
    return !(variants.length >= VARIANTS_MAX && isNewType()) && !hasSharing(plan, this.#keysApart);
  }

  /** The row type to write a batch as: one that can hold it, else a wider one than a present one, else its own. */
  #variantFor(type: ColumnType): number {
    const variants = this.#variants;
    let wider: ColumnType | undefined;
    for (const [index, variant] of variants.entries()) {
      if (variant.kind === "any" && type.kind !== "any") continue; // that would be a loss of columns
      const merged = mergeTypes(variant, type);
      if (merged === variant) {
        widenNulls(variant, type);
        return index;
      }
      wider ??= merged === undefined || merged.kind === "any" ? undefined : merged;
    }
    const own = ownType(wider ?? type);
    // What a wider type has of the present one knows that one's nulls only.
    widenNulls(own, type);
    variants.push(own);
    return variants.length - 1;
  }

  /** In a block of several row types, a batch is a union of which one child has all the rows. */
  #inUnion(batch: WrittenBatch): Columns {
    if (this.#variants.length === 1) return batch.columns;
    const { rowCount } = batch;
    const nodes = [rowCount, 0];
    const buffers: BatchBuffer[] = [
      new Int8Array(rowCount).fill(batch.variant),
      Int32Array.from({ length: rowCount }, (_, index) => index),
    ];
    for (const [index, type] of this.#variants.entries()) {
      if (index === batch.variant) {
        for (const value of batch.columns.nodes) nodes.push(value);
        for (const buffer of batch.columns.buffers) buffers.push(buffer);
      } else {
        const parts = columnParts(type);
        for (let i = 0; i < parts.nodes * 2; i++) nodes.push(0);
        for (let i = 0; i < parts.buffers; i++) buffers.push(NO_BYTES);
      }
    }
    return { nodes, buffers };
  }
}

/** Without what is left of a longer batch. */
function cut(rows: unknown[], count: number): unknown[] {
  if (rows.length > count) rows.length = count;
  return rows;
}

const NO_BYTES = new Uint8Array(0);
const ZEROS = new Uint8Array(8);

/** The block of some rows. */
export function encodeRows(
  rows: Iterable<unknown>,
  classes: ClassRegistry,
  options: BlockWriterOptions = {},
): Uint8Array {
  const writer = new BlockWriter(classes, options);
  if (Array.isArray(rows)) writer.pushAll(rows);
  else for (const row of rows) writer.push(row);
  return writer.finish();
}

/** A flat row has no column of its own: its elements are the columns. */
function withoutRoot(columns: Columns): Columns {
  return { nodes: columns.nodes.slice(2), buffers: columns.buffers.slice(1) };
}

/** Buffers one after the other, each padded: a batch's body. */
function bodyOf(buffers: readonly ArrayBufferView[]): Uint8Array {
  const body = new Uint8Array(buffers.reduce((sum, buffer) => sum + padded(buffer.byteLength), 0));
  let at = 0;
  for (const { buffer, byteOffset, byteLength } of buffers) {
    body.set(new Uint8Array(buffer, byteOffset, byteLength), at);
    at += padded(byteLength);
  }
  return body;
}

function headOf(columns: Columns, rowCount: number): Uint8Array {
  const bufferBytes = columns.buffers.map((buffer) => buffer.byteLength);
  const bodyBytes = bufferBytes.reduce((sum, length) => sum + padded(length), 0);
  const head = new Uint8Array(batchHeadBytes(columns.nodes.length / 2, bufferBytes.length));
  writeBatchHead(new DataView(head.buffer), 0, { rowCount, nodes: columns.nodes, bufferBytes, bodyBytes });
  return head;
}

function batchBytes(columns: Columns): number {
  let bytes = batchHeadBytes(columns.nodes.length / 2, columns.buffers.length);
  for (const buffer of columns.buffers) bytes += padded(buffer.byteLength);
  return bytes;
}

function writeBatch(
  block: Uint8Array,
  view: DataView,
  start: number,
  columns: EncodedColumns,
  rowCount: number,
): number {
  const headBytes = batchHeadBytes(columns.nodes.length / 2, columns.buffers.length);
  const bufferBytes = columns.buffers.map((buffer) => buffer.byteLength);
  let at = start + headBytes;
  for (const buffer of columns.buffers) {
    const length = buffer.byteLength;
    if (length > 0) block.set(new Uint8Array(buffer.buffer, buffer.byteOffset, length), at);
    const next = at + padded(length);
    for (let gap = at + length; gap < next; gap++) block[gap] = 0;
    at = next;
  }
  writeBatchHead(view, start, { rowCount, nodes: columns.nodes, bufferBytes, bodyBytes: at - start - headBytes });
  return at;
}
