/** Blocks on this executor's disk: one file a block, named by its id, in a folder that nobody else can read. */

import { constants, mkdirSync, renameSync } from "node:fs";
import { type FileHandle, mkdir, open, rename, rm, unlink } from "node:fs/promises";
import { join } from "node:path";
import { crc32 as zlibCrc32 } from "node:zlib";
import { assert } from "@volley/engine/lib/assert.js";
import { parseBlockName } from "@volley/engine/task/block-id.js";
import type { MapOutputFile } from "@volley/engine/task/task-io.js";
import { PIECE_BYTES_MAX } from "../io/piece-bytes.js";
import type { FileRange } from "../io/read-block-file.js";

const crc32 = zlibCrc32 as (bytes: Uint8Array, before?: number) => number;

export class DiskStore {
  readonly #folder: string;
  readonly #files = new Map<string, FileRange>();
  #made: Promise<unknown> | undefined;
  #writes = 0;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** No fsync: what is lost with the machine is computed again. A failed write leaves nothing. */
  async write(name: string, bytes: Uint8Array): Promise<void> {
    await this.writePieces(name, [bytes]);
  }

  /** The same of a block that comes piece by piece; what `pieces` throws leaves nothing either. */
  async writePieces(name: string, pieces: Iterable<Uint8Array> | AsyncIterable<Uint8Array>): Promise<void> {
    assert(parseBlockName(name) !== undefined, "files are named by block ids only");
    await this.#makeFolder();
    const path = join(this.#folder, name);
    // Readers of a file that is replaced go on with the old one.
    const scratch = `${path}.${++this.#writes}`;
    const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
    const file = await open(scratch, flags, 0o600);
    let length = 0;
    let checksum = 0;
    try {
      for await (const bytes of pieces) {
        await writeAll(file, bytes);
        length += bytes.byteLength;
        checksum = crc32(bytes, checksum);
      }
      await file.close();
      await rename(scratch, path);
    } catch (error) {
      await file.close().catch(() => undefined);
      await rm(scratch, { force: true });
      throw error;
    }
    this.#files.set(name, { path, offset: 0, length, crc32: checksum });
  }

  #makeFolder(): Promise<unknown> {
    this.#made ??= mkdir(this.#folder, { recursive: true, mode: 0o700 }).catch((error: unknown) => {
      // A disk that is full now may have room for the next block.
      this.#made = undefined;
      throw error;
    });
    return this.#made;
  }

  /** Takes over a file of this folder's disk that is whole already. */
  adopt(name: string, file: MapOutputFile): void {
    assert(parseBlockName(name) !== undefined, "files are named by block ids only");
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    const path = join(this.#folder, name);
    renameSync(file.path, path);
    this.#files.set(name, { path, offset: 0, length: file.byteLength, crc32: file.crc32 });
  }

  get(name: string): FileRange | undefined {
    return this.#files.get(name);
  }

  /** At once for whoever asks; the file goes meanwhile. */
  delete(name: string): boolean {
    const there = this.#files.has(name);
    this.remove(name).catch(() => {
      // The folder goes with the executor in any case.
    });
    return there;
  }

  /** Resolves when the file is gone. Whoever has it open reads on. */
  async remove(name: string): Promise<void> {
    const file = this.#files.get(name);
    if (file === undefined) return;
    this.#files.delete(name);
    await unlink(file.path);
  }

  names(): IterableIterator<string> {
    return this.#files.keys();
  }
}

async function writeAll(file: FileHandle, bytes: Uint8Array): Promise<void> {
  let at = 0;
  while (at < bytes.byteLength) {
    const length = Math.min(PIECE_BYTES_MAX, bytes.byteLength - at);
    at += (await file.write(bytes, at, length)).bytesWritten;
  }
}
