/** The user's input files, read in the slot: a read blocks its own task only. */

import { closeSync, openSync, readSync } from "node:fs";
import { VolleyError } from "@volley/engine/wire/errors.js";

/** Large enough that a call's cost vanishes, small enough that the caller's text of one chunk stays in the cache. */
export const READ_CHUNK_BYTES = 1 << 20;

/** From byte `start` to the end of the file. Each chunk has memory of its own. */
export function* readPlainFile(path: string, start: number, chunkBytes = READ_CHUNK_BYTES): Generator<Uint8Array> {
  const descriptor = openInput(path);
  try {
    let position = start;
    for (;;) {
      const chunk = Buffer.allocUnsafeSlow(chunkBytes);
      const count = readChunk(descriptor, chunk, position, path);
      if (count === 0) return;
      position += count;
      yield chunk.subarray(0, count);
    }
  } finally {
    closeSync(descriptor);
  }
}

function openInput(path: string): number {
  try {
    return openSync(path, "r");
  } catch (cause) {
    throw inputError(path, cause);
  }
}

function readChunk(descriptor: number, chunk: Buffer, position: number, path: string): number {
  try {
    return readSync(descriptor, chunk, 0, chunk.byteLength, position);
  } catch (cause) {
    throw inputError(path, cause);
  }
}

/** The error that a failed open or read of an input file stands for. */
export function inputError(path: string, cause: unknown): VolleyError {
  const code = (cause as NodeJS.ErrnoException).code;
  if (code === "ENOENT" || code === "ENOTDIR") {
    return new VolleyError("FILE_NOT_FOUND", `there is no file ${path}`, { cause });
  }
  const why = code === "EISDIR" ? "it is a folder" : code === "EACCES" ? "permission denied" : (cause as Error).message;
  return new VolleyError("FILE_UNREADABLE", `cannot read ${path}: ${why}`, { cause });
}
