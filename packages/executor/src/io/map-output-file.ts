/**
 * A map output on its way to the disk: written by the slot from its first byte to its last, under a name that only the task knows; the main thread
 * moves it among the blocks when the task has succeeded, or removes it.
 */

import { closeSync, constants, openSync, rmSync, writeSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { crc32 as zlibCrc32 } from "node:zlib";
import { assert } from "@volley/engine/lib/assert.js";
import type { MapOutputFile, MapOutputSink } from "@volley/engine/task/task-io.js";
import { diskStep } from "./disk-step.js";
import { PIECE_BYTES_MAX } from "./piece-bytes.js";

const crc32 = zlibCrc32 as (bytes: Uint8Array, before?: number) => number;

/** What is written at once: the pieces of a block are small. */
const BUFFER_BYTES = 1 << 20;

/** Where the map output of a task lies until it is a block. */
function mapOutputPath(folder: string, taskId: number): string {
  return join(folder, `map-output-${taskId}`);
}

/** What a thread that died may have left of it goes. */
export function removeMapOutput(folder: string, taskId: number): void {
  rm(mapOutputPath(folder, taskId), { force: true }).catch(() => {
    // The folder goes with the executor in any case.
  });
}

export class TaskMapOutput implements MapOutputSink {
  readonly #makeRoom: () => boolean;
  readonly #path: string;
  readonly #descriptor: number;
  #buffer: Uint8Array | undefined = new Uint8Array(BUFFER_BYTES);
  #buffered = 0;
  #written = 0;
  #crc32 = 0;
  #state: "open" | "closed" | "kept" | "removed" = "open";

  /** `makeRoom` is called when the disk is full; true when it may be tried again. */
  constructor(folder: string, taskId: number, makeRoom: () => boolean = () => false) {
    this.#makeRoom = makeRoom;
    this.#path = mapOutputPath(folder, taskId);
    // What an earlier run of this task in a thread that died left there is of no use.
    rmSync(this.#path, { force: true });
    const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
    this.#descriptor = this.#step(() => openSync(this.#path, flags, 0o600));
  }

  write(bytes: Uint8Array): void {
    const buffer = this.#buffer;
    assert(buffer !== undefined, "the map output is open");
    if (this.#buffered + bytes.byteLength > BUFFER_BYTES) this.#flush(buffer);
    if (bytes.byteLength > BUFFER_BYTES) return this.#append(bytes);
    buffer.set(bytes, this.#buffered);
    this.#buffered += bytes.byteLength;
  }

  /** No fsync: what is lost with the machine is computed again. */
  close(): MapOutputFile {
    const buffer = this.#buffer;
    assert(buffer !== undefined, "the map output is open");
    this.#flush(buffer);
    this.#buffer = undefined;
    this.#state = "closed";
    this.#step(() => closeSync(this.#descriptor));
    return { path: this.#path, byteLength: this.#written, crc32: this.#crc32 };
  }

  /** The file is somebody else's from now on. */
  keep(): void {
    if (this.#state === "closed") this.#state = "kept";
  }

  dispose(): void {
    if (this.#state === "open") closeSync(this.#descriptor);
    if (this.#state === "open" || this.#state === "closed") rmSync(this.#path, { force: true });
    this.#buffer = undefined;
    if (this.#state !== "kept") this.#state = "removed";
  }

  #step<T>(step: () => T): T {
    return diskStep("write a map output to disk", this.#makeRoom, step);
  }

  #flush(buffer: Uint8Array): void {
    this.#append(buffer.subarray(0, this.#buffered));
    this.#buffered = 0;
  }

  #append(bytes: Uint8Array): void {
    let at = 0;
    while (at < bytes.byteLength)
      at += this.#step(() =>
        writeSync(this.#descriptor, bytes, at, Math.min(PIECE_BYTES_MAX, bytes.byteLength - at), this.#written + at),
      );
    this.#written += bytes.byteLength;
    this.#crc32 = crc32(bytes, this.#crc32);
  }
}
