/** The writing half of a shuffle: rows go to the segment of their reduce partition; a segment is a block of its own. */

import { BlockWriter } from "../columnar/block-writer.js";
import type { ClassRegistry } from "../columnar/types.js";
import type { MapOutput, TaskIo } from "./task-io.js";

export class SegmentWriter {
  readonly #io: TaskIo;
  readonly #classes: ClassRegistry;
  readonly #writers: (BlockWriter | undefined)[];

  constructor(io: TaskIo, classes: ClassRegistry, numPartitions: number) {
    this.#io = io;
    this.#classes = classes;
    this.#writers = new Array<BlockWriter | undefined>(numPartitions).fill(undefined);
  }

  push(partition: number, row: unknown): void {
    this.writer(partition).push(row);
  }

  /** A row [key, value] that was never built. */
  pushPair(partition: number, key: unknown, value: unknown): void {
    this.writer(partition).pushPair(key, value);
  }

  /** The writer of one segment, made when its first row comes. */
  writer(partition: number): BlockWriter {
    let writer = this.#writers[partition];
    if (writer === undefined) {
      writer = new BlockWriter(this.#classes);
      this.#writers[partition] = writer;
    }
    return writer;
  }

  /** All segments, laid down side by side in one buffer. */
  finish(): MapOutput {
    const count = this.#writers.length;
    const offsets = new Float64Array(count + 1);
    this.#writers.forEach((writer, index) => {
      offsets[index + 1] = (offsets[index] as number) + (writer?.close() ?? 0);
    });
    const bytes = this.#io.allocate(offsets[count] as number);
    const rows = new Float64Array(count);
    const checksums = new Uint32Array(count);
    this.#writers.forEach((writer, index) => {
      if (writer === undefined) return;
      const segment = bytes.subarray(offsets[index] as number, offsets[index + 1] as number);
      writer.layDown(segment);
      rows[index] = writer.rowCount;
      checksums[index] = this.#io.crc32(segment);
      this.#io.metrics.shuffleRowsWritten += writer.rowCount;
    });
    this.#io.metrics.shuffleBytesWritten += bytes.byteLength;
    return { bytes, offsets, rows, checksums };
  }
}
