/**
 * Bytes of text files to lines. A split owns the lines that begin inside it, so neighbouring splits agree without talking: a line
 * that begins in one and ends in the next belongs to the first. Lines end at \n, \r\n or a lone \r; a byte order mark at the start of a
 * file is dropped; bytes that are no UTF-8 are an error that names the file and the place.
 */

import { VolleyError } from "../wire/errors.js";
import type { FileSplit, TaskIo } from "./task-io.js";

const LF = 10;
const CR = 13;

/** Lines of splits, one array for each chunk read. */
export function* readLines(io: TaskIo, splits: readonly FileSplit[]): Generator<readonly string[]> {
  for (const split of splits) yield* linesOf(io, split);
}

function* linesOf(io: TaskIo, split: FileSplit): Generator<readonly string[]> {
  const whole = split.codec !== undefined;
  const start = whole ? 0 : split.start;
  const end = whole ? Number.POSITIVE_INFINITY : split.start + split.length;
  // From one byte earlier: whether a line begins at `start` is told by what stands before it.
  const from = Math.max(0, start - 1);
  let position = from;
  let rest: Uint8Array = EMPTY;
  let seeking = start > 0;
  for (const chunk of io.readFile({ ...split, start: from, length: split.fileLength - from })) {
    io.checkCancelled();
    io.metrics.bytesRead += chunk.byteLength;
    let bytes = rest.byteLength === 0 ? chunk : concat(rest, chunk);
    let base = position - rest.byteLength;
    position += chunk.byteLength;
    if (seeking) {
      const begin = afterFirstEnd(bytes, position >= split.fileLength && !whole);
      if (begin < 0) {
        // No line has ended yet. Keep one byte: a \r whose \n may follow.
        rest = bytes.subarray(bytes.byteLength - 1);
        if (rest[0] !== CR) rest = EMPTY;
        continue;
      }
      bytes = bytes.subarray(begin);
      base += begin;
      seeking = false;
    }
    if (base >= end) return;
    const cut = afterLastEnd(bytes);
    if (cut === 0) {
      rest = bytes;
      continue;
    }
    const lines = decode(bytes.subarray(0, cut), split, base);
    if (base + cut >= end) {
      yield ownLines(lines, bytes, base, end, io, split);
      return;
    }
    io.metrics.rowsRead += lines.length;
    yield lines;
    rest = bytes.subarray(cut);
  }
  const base = position - rest.byteLength;
  if (seeking || rest.byteLength === 0 || base >= end) return;
  const lines = decode(rest, split, base);
  io.metrics.rowsRead += lines.length;
  yield lines;
}

const EMPTY = new Uint8Array(0);

function concat(a: Uint8Array, b: Uint8Array): Uint8Array {
  const both = new Uint8Array(a.byteLength + b.byteLength);
  both.set(a);
  both.set(b, a.byteLength);
  return both;
}

/** Where the first line ends and the next begins; -1 when that cannot be told yet. */
function afterFirstEnd(bytes: Uint8Array, isLast: boolean): number {
  for (let index = 0; index < bytes.byteLength; index++) {
    if (bytes[index] === LF) return index + 1;
    if (bytes[index] === CR) {
      if (index + 1 === bytes.byteLength) return isLast ? index + 1 : -1;
      return bytes[index + 1] === LF ? index + 2 : index + 1;
    }
  }
  return -1;
}

/** The end of the last whole line; a \r at the very end waits for what follows it. */
function afterLastEnd(bytes: Uint8Array): number {
  for (let index = bytes.byteLength - 1; index >= 0; index--) {
    if (bytes[index] === LF) return index + 1;
    if (bytes[index] === CR && index + 1 < bytes.byteLength) return index + 1;
  }
  return 0;
}

/** Of lines that reach beyond `end`, those that begin before it. */
function ownLines(lines: readonly string[], bytes: Uint8Array, base: number, end: number, io: TaskIo, split: FileSplit): readonly string[] {
  let count = 0;
  let at = 0;
  while (base + at < end && count < lines.length) {
    count++;
    const next = afterFirstEnd(bytes.subarray(at), base + bytes.byteLength >= split.fileLength);
    if (next < 0) break;
    at += next;
  }
  io.metrics.rowsRead += count;
  return lines.slice(0, count);
}

/** Whole lines as strings. */
function decode(bytes: Uint8Array, split: FileSplit, base: number): string[] {
  let text = isAscii(bytes) ? buffer(bytes).toString("latin1") : decodeUtf8(bytes, split, base);
  if (base === 0 && text.charCodeAt(0) === 0xfeff) text = text.slice(1);
  const lines = text.includes("\r") ? text.split(/\r\n|\n|\r/) : text.split("\n");
  if (lines.at(-1) === "") lines.pop();
  return lines;
}

function buffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function isAscii(bytes: Uint8Array): boolean {
  let index = 0;
  const head = Math.min(bytes.byteLength, (4 - (bytes.byteOffset & 3)) & 3);
  for (; index < head; index++) if ((bytes[index] as number) > 127) return false;
  const words = new Uint32Array(bytes.buffer, bytes.byteOffset + index, (bytes.byteLength - index) >>> 2);
  for (let word = 0; word < words.length; word++) if (((words[word] as number) & 0x80808080) !== 0) return false;
  for (index += words.length * 4; index < bytes.byteLength; index++) if ((bytes[index] as number) > 127) return false;
  return true;
}

function decodeUtf8(bytes: Uint8Array, split: FileSplit, base: number): string {
  const text = buffer(bytes).toString("utf8");
  // A replacement character is either the file's own or stands for damage: only then is the strict decoder asked.
  if (!text.includes("\ufffd")) return text;
  try {
    new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(new Uint8Array(bytes));
    return text;
  } catch (cause) {
    throw new VolleyError(
      "FILE_NOT_TEXT",
      `${split.path} is no UTF-8 text (near byte ${base}); read it with binaryFiles, or convert it to UTF-8 first`,
      { cause },
    );
  }
}
