/** Files that are read whole or in records of equal length. */

import { VolleyError } from "../wire/errors.js";
import type { FileSplit, TaskIo } from "./task-io.js";

/** `[path, bytes]` of each file, read when its turn comes. */
export function* wholeFiles(io: TaskIo, splits: readonly FileSplit[]): Generator<[path: string, bytes: Uint8Array]> {
  for (const split of splits) {
    io.checkCancelled();
    io.metrics.rowsRead++;
    yield [split.path, readWhole(io, split)];
  }
}

/** `[path, text]` of each file: UTF-8, without a byte order mark. */
export function* wholeTexts(io: TaskIo, splits: readonly FileSplit[]): Generator<[path: string, text: string]> {
  for (const [path, bytes] of wholeFiles(io, splits)) yield [path, decode(path, bytes)];
}

/** Records of `length` bytes each; a split has those that begin inside it. */
export function* fixedRecords(io: TaskIo, splits: readonly FileSplit[], length: number): Generator<Uint8Array> {
  for (const split of splits) {
    const first = Math.ceil(split.start / length);
    const until = Math.ceil((split.start + split.length) / length);
    if (split.fileLength % length !== 0) {
      throw new VolleyError(
        "FILE_DAMAGED",
        `${split.path} has ${split.fileLength} bytes, which are no whole number of records of ${length} bytes`,
      );
    }
    if (first < until) yield* records(io, split, first, until, length);
  }
}

function* records(io: TaskIo, split: FileSplit, first: number, until: number, length: number): Generator<Uint8Array> {
  const start = first * length;
  let left = until - first;
  let record = new Uint8Array(length);
  let filled = 0;
  for (const chunk of io.readFile({ ...split, start, length: split.fileLength - start })) {
    io.checkCancelled();
    for (let at = 0; at < chunk.byteLength; ) {
      const part = chunk.subarray(at, at + length - filled);
      record.set(part, filled);
      filled += part.byteLength;
      at += part.byteLength;
      if (filled < length) continue;
      io.metrics.bytesRead += length;
      io.metrics.rowsRead++;
      yield record;
      record = new Uint8Array(length);
      filled = 0;
      if (--left === 0) return;
    }
  }
  throw new VolleyError(
    "FILE_DAMAGED",
    `${split.path} ended ${left} records too early: it was changed while it was read`,
  );
}

/** All bytes of a file in one piece of memory of their own. */
export function readWhole(io: TaskIo, split: FileSplit): Uint8Array {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for (const chunk of io.readFile({ ...split, start: 0, length: split.fileLength })) {
    io.checkCancelled();
    io.metrics.bytesRead += chunk.byteLength;
    length += chunk.byteLength;
    // Who hands out chunks may use their memory again.
    chunks.push(chunk.slice());
  }
  const all = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.byteLength;
  }
  return all;
}

function decode(path: string, bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new VolleyError(
      "FILE_NOT_TEXT",
      `${path} is no UTF-8 text; read it with binaryFiles, or convert it to UTF-8 first`,
      { cause },
    );
  }
}
