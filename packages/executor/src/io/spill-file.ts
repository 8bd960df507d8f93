/** A run of chunks that a task could not keep in memory. */

import { closeSync, constants, openSync, readSync, unlinkSync, writeSync } from "node:fs";
import { join } from "node:path";
import { crc32 as zlibCrc32 } from "node:zlib";
import { assert } from "@volley/engine/lib/assert.js";
import type { SpillFile, TaskMetrics } from "@volley/engine/task/task-io.js";
import { VolleyError } from "@volley/engine/wire/errors.js";
import { diskStep } from "./disk-step.js";
import { PIECE_BYTES_MAX } from "./piece-bytes.js";

const crc32 = zlibCrc32 as (bytes: Uint8Array) => number;
let spills = 0;

/** The file is unlinked as soon as it is open: whatever becomes of the task or the process, nothing is left behind. */
export class TaskSpill implements SpillFile {
  readonly #metrics: TaskMetrics;
  readonly #makeRoom: () => boolean;
  readonly #positions: number[] = [];
  readonly #lengths: number[] = [];
  readonly #checksums: number[] = [];
  #descriptor: number | undefined;
  #end = 0;

  /** `makeRoom` is called when the disk is full; true when it may be tried again. */
  constructor(folder: string, metrics: TaskMetrics, makeRoom: () => boolean = () => false) {
    this.#metrics = metrics;
    this.#makeRoom = makeRoom;
    const path = join(folder, `spill-${process.pid}-${process.hrtime.bigint()}-${++spills}`);
    this.#descriptor = this.#step(() =>
      openSync(path, constants.O_RDWR | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW, 0o600),
    );
    unlinkSync(path);
  }

  write(bytes: Uint8Array): void {
    const descriptor = this.#opened();
    let at = 0;
    while (at < bytes.byteLength) {
      at += this.#step(() =>
        writeSync(descriptor, bytes, at, Math.min(PIECE_BYTES_MAX, bytes.byteLength - at), this.#end + at),
      );
    }
    this.#positions.push(this.#end);
    this.#end += bytes.byteLength;
    this.#lengths.push(bytes.byteLength);
    this.#checksums.push(crc32(bytes));
    this.#metrics.spilledBytes += bytes.byteLength;
  }

  *read(chunks?: readonly number[]): Generator<Uint8Array> {
    for (const index of chunks ?? this.#lengths.keys()) {
      const length = this.#lengths[index];
      assert(length !== undefined, `chunk ${index} was written`);
      yield this.#chunk(this.#positions[index] as number, length, this.#checksums[index] as number);
    }
  }

  remove(): void {
    if (this.#descriptor === undefined) return;
    closeSync(this.#descriptor);
    this.#descriptor = undefined;
  }

  dispose(): void {
    this.remove();
  }

  #chunk(position: number, length: number, checksum: number): Uint8Array {
    const descriptor = this.#opened();
    const chunk = Buffer.allocUnsafeSlow(length);
    let at = 0;
    while (at < length) {
      const count = this.#step(() =>
        readSync(descriptor, chunk, at, Math.min(PIECE_BYTES_MAX, length - at), position + at),
      );
      if (count === 0) throw new VolleyError("BLOCK_CORRUPT", "a spill file is shorter than what was written to it");
      at += count;
    }
    if (crc32(chunk) !== checksum) throw new VolleyError("BLOCK_CORRUPT", "a spill file was damaged on disk");
    return chunk;
  }

  #opened(): number {
    assert(this.#descriptor !== undefined, "the spill is not removed");
    return this.#descriptor;
  }

  #step<T>(step: () => T): T {
    return diskStep("spill to disk", this.#makeRoom, step);
  }
}
