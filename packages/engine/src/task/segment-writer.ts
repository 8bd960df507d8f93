/**
 * The writing half of a shuffle: rows go to the segment of their reduce partition.
 *
 * A segment is a block; one that grows large is several in a row (chunks), so that it can be read, sent and checked in bounded memory. Encoded
 * batches are counted as execution memory; when there is no more they go to a spill file, and at the end all is laid down in the file of the map
 * output, segment by segment. What does not depend on memory: where batches and chunks end, and so every byte and every checksum.
 */

import { BlockWriter } from "../columnar/block-writer.js";
import type { ColumnPlan } from "../columnar/column-plan.js";
import type { ClassRegistry } from "../columnar/types.js";
import { VolleyError } from "../wire/errors.js";
import { KeyDigest } from "./key-digest.js";
import type { MapOutput, MapOutputSink, SegmentChunks, SpillFile, TaskIo } from "./task-io.js";

/** Encoded bytes after which a segment goes on in another chunk: what a reader holds of it at once. */
export const CHUNK_BYTES = 8 << 20;
/** Bytes of the rows that wait to become batches, all segments together. With few of them batches are as large as elsewhere. */
const WAITING_BYTES = 16 << 20;
/** Smaller batches would be mostly heads. */
const BATCH_BYTES_MIN = 8 << 10;
const BATCH_BYTES_MAX = 1 << 20;
/** Asked of the task's memory at once: each request that cannot be met makes cached blocks move. */
const RESERVE_BYTES = 1 << 20;
/** Less is not worth a spill. */
const SPILL_BYTES_MIN = 4 << 20;
/** Less goes to memory, wherever it may lie: a file costs more. */
const FILE_BYTES_MIN = 1 << 20;
/** What a frame of a message can say of its length. */
const CHUNK_BYTES_MAX = 2 ** 32 - 1;

export class SegmentWriter {
  readonly #io: TaskIo;
  readonly #classes: ClassRegistry;
  readonly #keysApart: boolean;
  /** The last chunk of each segment; undefined before its first row and after a chunk was full. */
  readonly #writers: (BlockWriter | undefined)[];
  /** Chunks that are full, by partition. */
  readonly #full = new Map<number, BlockWriter[]>();
  /** Bytes that a batch should have. */
  readonly batchBytes: number;
  /** The keys of the tables that were written, of which each key is a row. */
  readonly keys = new KeyDigest();
  /** Encoded bytes in memory, and how many of them the task's memory knows of. */
  #heldBytes = 0;
  #reserved = 0;
  #spill: SpillFile | undefined;
  #spilledBatches = 0;

  /** `keysApart`: see BlockWriterOptions. */
  constructor(io: TaskIo, classes: ClassRegistry, numPartitions: number, keysApart = false) {
    this.#keysApart = keysApart;
    this.#io = io;
    this.#classes = classes;
    this.#writers = new Array<BlockWriter | undefined>(numPartitions).fill(undefined);
    this.batchBytes = Math.min(BATCH_BYTES_MAX, Math.max(BATCH_BYTES_MIN, Math.floor(WAITING_BYTES / numPartitions)));
  }

  push(partition: number, row: unknown): void {
    (this.#writers[partition] ?? this.#start(partition)).push(row);
  }

  /** A row [key, value] that was never built. */
  pushPair(partition: number, key: unknown, value: unknown): void {
    (this.#writers[partition] ?? this.#start(partition)).pushPair(key, value);
  }

  /** A batch of pairs, or of keys alone, whose keys are a column already; of about `batchBytes`, or the next ones are larger than memory likes. */
  pushKeyed(partition: number, keys: ColumnPlan, values: ArrayLike<unknown> | undefined): void {
    (this.#writers[partition] ?? this.#start(partition)).pushKeyed(keys, values);
  }

  #start(partition: number): BlockWriter {
    const writer: BlockWriter = new BlockWriter(this.#classes, {
      batchBytes: this.batchBytes,
      keysApart: this.#keysApart,
      onBatch: (bytes) => {
        this.#hold(bytes);
        if (writer.encodedBytes < CHUNK_BYTES || this.#writers[partition] !== writer) return;
        this.#writers[partition] = undefined;
        const full = this.#full.get(partition);
        if (full === undefined) this.#full.set(partition, [writer]);
        else full.push(writer);
      },
    });
    this.#writers[partition] = writer;
    return writer;
  }

  /** Bytes were encoded: they are counted, or all that were go to the disk. */
  #hold(bytes: number): void {
    this.#io.checkCancelled();
    this.#heldBytes += bytes;
    if (this.#heldBytes <= this.#reserved) return;
    const wanted = Math.max(this.#heldBytes - this.#reserved, RESERVE_BYTES);
    if (this.#io.memory.reserve(wanted)) this.#reserved += wanted;
    else if (this.#heldBytes >= SPILL_BYTES_MIN) this.#spillAll();
  }

  #spillAll(): void {
    this.#spill ??= this.#io.createSpill();
    const spill = this.#spill;
    for (const partition of this.#writers.keys()) {
      for (const writer of this.#chunksOf(partition)) {
        writer.putAway((body) => {
          spill.write(body);
          return this.#spilledBatches++;
        });
      }
    }
    this.#heldBytes = 0;
    this.#io.memory.release(this.#reserved);
    this.#reserved = 0;
  }

  #chunksOf(partition: number): readonly BlockWriter[] {
    const [full, last] = [this.#full.get(partition) ?? [], this.#writers[partition]];
    return last === undefined ? full : [...full, last];
  }

  /** All segments, laid down side by side: in memory, or in a file when there is none or parts are on the disk already. */
  finish(): MapOutput {
    for (const partition of this.#writers.keys()) this.#writers[partition]?.flush();
    const output = this.#isForMemory() ? this.#toMemory() : this.#toFile();
    this.#spill?.remove();
    this.#io.metrics.shuffleBytesWritten += output.bytes.byteLength;
    let rowCount = 0;
    for (const rows of output.rows) rowCount += rows;
    this.#io.metrics.shuffleRowsWritten += rowCount;
    // Other rows may be there, which say more than their keys.
    if (rowCount === 0 || rowCount !== this.keys.count) return output;
    return { ...output, keys: { digest: this.keys.value, spilled: this.#io.metrics.spilledBytes > 0 } };
  }

  #isForMemory(): boolean {
    if (this.#spill !== undefined) return false;
    if (this.#io.createMapOutput === undefined || this.#heldBytes < FILE_BYTES_MIN) return true;
    // While it is laid down it is there twice, and counted twice.
    if (!this.#io.memory.reserve(this.#heldBytes)) return false;
    this.#reserved += this.#heldBytes;
    return true;
  }

  #toMemory(): MapOutput {
    let length = 0;
    const lengths = new Map<BlockWriter, number>();
    for (const partition of this.#writers.keys()) {
      for (const writer of this.#chunksOf(partition)) {
        const bytes = writer.close();
        lengths.set(writer, bytes);
        length += bytes;
      }
    }
    const bytes = this.#io.allocate(length);
    let at = 0;
    return this.#layDown(bytes, (writer) => {
      const chunk = bytes.subarray(at, at + (lengths.get(writer) as number));
      writer.layDown(chunk);
      at += chunk.byteLength;
      return { byteLength: chunk.byteLength, checksum: this.#io.crc32(chunk) };
    });
  }

  #toFile(): MapOutput {
    const sink = (this.#io.createMapOutput as () => MapOutputSink).call(this.#io);
    const spill = this.#spill;
    const read = (place: number): Uint8Array => {
      for (const body of (spill as SpillFile).read([place])) return body;
      throw new Error("assertion failed: a batch that was spilled is in the spill");
    };
    return this.#layDown(sink, (writer) => {
      this.#io.checkCancelled();
      const byteLength = writer.close();
      let checksum = 0;
      for (const piece of writer.pieces(read)) {
        checksum = this.#io.crc32(piece, checksum);
        sink.write(piece);
      }
      return { byteLength, checksum };
    });
  }

  /** `write` puts the next chunk in its place. */
  #layDown(
    target: Uint8Array | MapOutputSink,
    write: (chunk: BlockWriter) => { readonly byteLength: number; readonly checksum: number },
  ): MapOutput {
    const count = this.#writers.length;
    const offsets = new Float64Array(count + 1);
    const rows = new Float64Array(count);
    const checksums = new Uint32Array(count);
    const chunkOffsets = [0];
    const chunkChecksums: number[] = [];
    for (let partition = 0; partition < count; partition++) {
      const first = chunkChecksums.length;
      let end = offsets[partition] as number;
      for (const writer of this.#chunksOf(partition)) {
        rows[partition] = (rows[partition] as number) + writer.rowCount;
        const { byteLength, checksum } = write(writer);
        if (byteLength > CHUNK_BYTES_MAX) throw new VolleyError("RECORD_TOO_LARGE", "a record takes more than 4 GiB");
        end += byteLength;
        chunkOffsets.push(end);
        chunkChecksums.push(checksum);
      }
      offsets[partition + 1] = end;
      const own = Uint32Array.from(chunkChecksums.slice(first));
      checksums[partition] = own.length > 1 ? this.#io.crc32(new Uint8Array(own.buffer)) : (own[0] ?? 0);
    }
    const chunks: SegmentChunks | undefined =
      this.#full.size === 0
        ? undefined
        : { offsets: Float64Array.from(chunkOffsets), checksums: Uint32Array.from(chunkChecksums) };
    const bytes = target instanceof Uint8Array ? target : target.close();
    return { bytes, offsets, rows, checksums, chunks };
  }
}
