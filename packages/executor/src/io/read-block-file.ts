/** Bytes of a block, or of a range of one, from this executor's disk: checked before anybody uses them. */

import { closeSync, constants, openSync, readSync } from "node:fs";
import { crc32 as zlibCrc32 } from "node:zlib";
import { VolleyError } from "@volley/engine/wire/errors.js";
import { PIECE_BYTES_MAX } from "./piece-bytes.js";

const crc32 = zlibCrc32 as (bytes: Uint8Array) => number;

export interface FileRange {
  readonly path: string;
  readonly offset: number;
  readonly length: number;
  /** Of these bytes. */
  readonly crc32: number;
}

/** Throws BLOCK_LOST when the file is not there or too short, BLOCK_CORRUPT when its bytes are not those that were written. */
export function readBlockFile(range: FileRange, allocate: (length: number) => Uint8Array): Uint8Array {
  const descriptor = open(range.path);
  try {
    const bytes = allocate(range.length);
    let at = 0;
    while (at < range.length) {
      const count = readSync(descriptor, bytes, at, Math.min(PIECE_BYTES_MAX, range.length - at), range.offset + at);
      if (count === 0) throw new VolleyError("BLOCK_LOST", "a block's file is shorter than it was");
      at += count;
    }
    if (crc32(bytes) !== range.crc32) throw new VolleyError("BLOCK_CORRUPT", "a block's file was damaged on disk");
    return bytes;
  } finally {
    closeSync(descriptor);
  }
}

function open(path: string): number {
  try {
    return openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  } catch (cause) {
    throw new VolleyError("BLOCK_LOST", "a block's file is gone", { cause });
  }
}
