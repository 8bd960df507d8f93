/**
 * All that a running task may touch of its host (architecture, D13). A slot thread of an executor is one host, a process that
 * reads and writes frames on stdin and stdout is another, a test with arrays a third.
 *
 * Every call is synchronous: a slot waits for bytes with Atomics.wait, so that stage programs need no promises. Whatever cannot be
 * had throws a VolleyError (FETCH_FAILED carries `fetch` through `TaskFetchError`). Bytes that are handed out may be shared with
 * other threads: nobody writes to them.
 */

import type { ErrorDetails } from "../wire/errors.js";
import { VolleyError } from "../wire/errors.js";
import type { BlockId } from "./block-id.js";
import type { StorageLevel } from "./storage-level.js";

/** A part of a file, as the driver cut it. `codec` files are never cut. */
export interface FileSplit {
  readonly path: string;
  /** First byte. */
  readonly start: number;
  /** Bytes; a text split owns the lines that begin inside it. */
  readonly length: number;
  readonly codec?: "gzip" | "zstd" | "bzip2" | undefined;
  /** The file's whole size when the driver listed it, in bytes. */
  readonly fileLength: number;
  /** Bytes to read at once; default: what suits whoever reads on to the end. */
  readonly chunkBytes?: number | undefined;
}

/** What a map task wrote: a segment for each reduce partition, one after the other, in memory or in a file. */
export interface MapOutput {
  /** All segments; each is an independent block (Arrow IPC stream), or several in a row. Lies on a SharedArrayBuffer in slots. */
  readonly bytes: Uint8Array | MapOutputFile;
  /** numPartitions + 1 byte offsets into `bytes`; an empty segment has no bytes. */
  readonly offsets: Float64Array;
  /** Rows of each segment. */
  readonly rows: Float64Array;
  /** Of each segment, its crc32; of one with several chunks the crc32 of their crc32s. A later attempt whose checksum differs made other rows (D6). */
  readonly checksums: Uint32Array;
  /** Where the blocks lie of which segments are made: set when a segment has more than one. */
  readonly chunks?: SegmentChunks | undefined;
  readonly keys?: OutputKeys | undefined;
}

/** Of a map output each row of which is a key of its own: a digest of the keys in any order, and whether the task spilled, so that their order was chance. */
export interface OutputKeys {
  readonly digest: number;
  readonly spilled: boolean;
}

/** All blocks of a map output, whatever segment they belong to: what is read and checked at once. */
export interface SegmentChunks {
  /** Byte offsets into the output, one more than there are chunks. */
  readonly offsets: Float64Array;
  /** crc32 of each. */
  readonly checksums: Uint32Array;
}

/** A map output on the disk of the executor whose task wrote it. */
export interface MapOutputFile {
  readonly path: string;
  readonly byteLength: number;
  /** Of the whole file. */
  readonly crc32: number;
}

/** Takes a map output from its first byte to its last. What is not closed when the task ends is removed. */
export interface MapOutputSink {
  write(bytes: Uint8Array): void;
  close(): MapOutputFile;
}

/** One output file of a task, under a name that no other attempt shares; the driver renames it when it accepts the attempt. */
export interface OutputFile {
  write(bytes: Uint8Array): void;
  /** Flushes to the disk (fsync) and closes. Returns the file's size in bytes and its crc32. */
  close(): { readonly bytes: number; readonly crc32: number };
  /** Closes and removes the file. */
  abort(): void;
}

export interface TaskMemory {
  /** Asks for `bytes` of execution memory. When there is not enough, `spill` is called (it frees what it can and returns the bytes). False: nothing could be freed, the caller must go without. */
  reserve(bytes: number, spill?: () => number): boolean;
  release(bytes: number): void;
  /** What `release` gave back just now was written to the disk and is garbage. */
  spilled?(): void;
  /** What the table that is being filled holds: told now and then, for who is asked what took the memory. `site`: its operator among the stage's sites. */
  fills?(rows: number, bytes: number, site: number): void;
}

/** A spilled run: written once, read forwards, removed by the host when the task ends however it ends. */
export interface SpillFile {
  write(bytes: Uint8Array): void;
  /** Chunks in the order they were written, each exactly as it was given to write; all of them, or those with these numbers (from 0). */
  read(chunks?: readonly number[]): Iterable<Uint8Array>;
  remove(): void;
}

export interface TaskMetrics {
  rowsRead: number;
  bytesRead: number;
  shuffleBytesRead: number;
  shuffleRowsRead: number;
  shuffleBytesWritten: number;
  shuffleRowsWritten: number;
  spilledBytes: number;
  cacheHits: number;
  cacheMisses: number;
  resultBytes: number;
}

export interface TaskIo {
  readonly taskId: number;
  readonly jobId: number;
  readonly stageId: number;
  readonly partition: number;
  readonly attempt: number;
  readonly executorId: string;
  readonly memory: TaskMemory;
  readonly metrics: TaskMetrics;

  /** A block that must exist: source, broadcast, class. Waits until it is here. */
  readBlock(id: BlockId): Uint8Array;
  /** A cached partition, from this executor or another; undefined when nobody has it. */
  readCached(id: BlockId): Uint8Array | undefined;
  /** Offers a computed partition to the cache. False when it was not kept (no room): the caller goes on with its own bytes. */
  putCached(id: BlockId, bytes: Uint8Array, level: StorageLevel): boolean;
  /** The non-empty segments of one reduce partition in the order of their map partitions, large ones in several blocks, fetched ahead within a bound. `mapRange` is [from, until). */
  readSegments(shuffleId: number, reducePartition: number, mapRange?: readonly [number, number]): Iterable<Uint8Array>;
  /** The bytes of a file from `start` to the end of the file, decompressed if the split has a codec, in chunks of at most 1 MiB or so; the caller stops when it has enough. */
  readFile(split: FileSplit): Iterable<Uint8Array>;
  /** An output file in `folder` for this attempt; `name` is made of [a-z0-9.-] by the engine. */
  createOutput(folder: string, name: string, codec?: "gzip"): OutputFile;
  createSpill(): SpillFile;
  /** A file for the task's map output. Hosts that keep all outputs in memory have none. */
  createMapOutput?(): MapOutputSink;
  /** Runs a program without a shell, gives it `input` on stdin and returns its stdout; status other than 0 throws PROCESS_FAILED. */
  runProcess(
    command: readonly string[],
    env: Readonly<Record<string, string>>,
    input: Iterable<Uint8Array>,
  ): Iterable<Uint8Array>;
  /** zlib's crc32; of bytes that follow others when it is given theirs. */
  crc32(bytes: Uint8Array, before?: number): number;
  /** Bytes that may be shared between threads. */
  allocate(length: number): Uint8Array;
  /** Throws CANCELLED once the task has been told to stop; called at batch edges. */
  checkCancelled(): void;
}

/** A map output that could not be read; the scheduler computes it again. */
export class TaskFetchError extends VolleyError {
  readonly fetch: { readonly shuffleId: number; readonly mapPartition: number; readonly executorId: string };

  constructor(
    fetch: { readonly shuffleId: number; readonly mapPartition: number; readonly executorId: string },
    message: string,
    details: ErrorDetails = {},
  ) {
    super("FETCH_FAILED", message, { details });
    this.fetch = fetch;
  }
}
