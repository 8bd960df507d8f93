/**
 * Bytes of text files to lines. A split owns the lines that begin behind its first byte and at the latest at the first byte behind it (the first split of a
 * file those at its first byte too), so neighbouring splits agree without talking. That is Hadoop's rule (LineRecordReader): a split but the first passes
 * over all up to its first end of a line, so the line that begins just where two splits meet is the earlier one's. Lines end at \n, \r\n or a lone \r; a byte order mark at the start of a
 * file is dropped; bytes that are no UTF-8 are an error that names the file and the place.
 *
 * What to check when changing this: each byte is looked at a bounded number of times, however long a line is and however the chunks
 * fall; a split inside a long line stops at its own end; no character is decoded in halves (ends of lines are ASCII, so whole lines
 * never do that).
 */

import { VolleyError } from "../wire/errors.js";
import { decodeLines } from "./decode-lines.js";
import type { FileSplit, TaskIo } from "./task-io.js";

const LF = 10;
const CR = 13;
const NOTHING = new Uint8Array(0);

/** V8's longest string, in characters: a line of more bytes is refused, before memory is asked for it. */
const LINE_BYTES_MAX = 0x1fffffe8;

/** Lines of splits, one array or two for each chunk read. */
export function* readLines(io: TaskIo, splits: readonly FileSplit[]): Generator<readonly string[]> {
  for (const split of splits) {
    for (const lines of new SplitReader(io, split).read()) {
      io.metrics.rowsRead += lines.length;
      yield lines;
    }
  }
}

class SplitReader {
  readonly #io: TaskIo;
  readonly #split: FileSplit;
  /** The first byte whose line is not ours; Infinity for files that cannot be cut. */
  readonly #end: number;
  /** Pieces of a line that has not ended yet, and the place in the file where it begins. */
  #pending: Uint8Array[] = [];
  #pendingBytes = 0;
  #lineStart = 0;
  /** Not yet at the first line that is ours. */
  #seeking: boolean;
  /** The bytes so far end with a \r: a \n that follows belongs to it. */
  #afterCarriageReturn = false;

  constructor(io: TaskIo, split: FileSplit) {
    this.#io = io;
    this.#split = split;
    const isWhole = split.codec !== undefined;
    this.#end = isWhole ? Number.POSITIVE_INFINITY : Math.min(split.start + split.length + 1, split.fileLength);
    this.#seeking = !isWhole && split.start > 0;
  }

  *read(): Generator<readonly string[]> {
    const { fileLength } = this.#split;
    const from = this.#seeking ? this.#split.start : 0;
    let position = from;
    for (const chunk of this.#io.readFile({ ...this.#split, start: from, length: fileLength - from })) {
      this.#io.checkCancelled();
      this.#io.metrics.bytesRead += chunk.byteLength;
      yield* this.#chunk(chunk, position);
      position += chunk.byteLength;
      // Whatever begins from here on is not ours; a line that has begun is read to its end.
      if (position >= this.#end && this.#pendingBytes === 0) return;
    }
    this.#refuseShortFile(position);
    if (this.#pendingBytes > 0) yield this.#decode(NOTHING);
  }

  /** The lines that end in a chunk; the rest of it is kept. */
  *#chunk(chunk: Uint8Array, position: number): Generator<readonly string[]> {
    let at = this.#afterCarriageReturn && chunk[0] === LF ? 1 : 0;
    if (chunk.byteLength > 0) this.#afterCarriageReturn = false;
    if (this.#seeking) at = this.#seek(chunk, at);
    if (at < 0 || (this.#pendingBytes === 0 && position + at >= this.#end)) return;
    const cut = this.#cut(chunk, at, position);
    if (cut > at) {
      if (this.#pendingBytes > 0) {
        const first = afterFirstEnd(chunk, at);
        yield this.#decode(chunk.subarray(at, first));
        at = first;
      }
      this.#lineStart = position + at;
      if (cut > at) yield this.#decode(chunk.subarray(at, cut));
      // Past the end of the split there is nothing of ours behind the cut.
      if (position + cut >= this.#end) return;
    }
    this.#keep(chunk.subarray(cut), position + cut);
  }

  /** Where the first line begins behind the first byte of the split; -1 when that is not in this chunk. */
  #seek(chunk: Uint8Array, at: number): number {
    // A \n that belongs to the \r before it ends no line of its own, and the line after the \r is the one sought.
    const begin = afterFirstEnd(chunk, at);
    if (begin < 0) return -1;
    this.#seeking = false;
    this.#afterCarriageReturn = begin === chunk.byteLength && chunk[begin - 1] === CR;
    return begin;
  }

  /** Where the last line ends that ends in this chunk and is ours; `at` when none does. */
  #cut(chunk: Uint8Array, at: number, position: number): number {
    const lastOwn = this.#end - 1 - position;
    if (lastOwn < chunk.byteLength) {
      const cut = afterFirstEnd(chunk, Math.max(at, lastOwn));
      if (cut >= 0) return cut;
    }
    const cut = afterLastEnd(chunk);
    if (cut <= at) return at;
    this.#afterCarriageReturn = cut === chunk.byteLength && chunk[cut - 1] === CR;
    return cut;
  }

  #keep(bytes: Uint8Array, position: number): void {
    if (bytes.byteLength === 0) return;
    if (this.#pendingBytes === 0) this.#lineStart = position;
    this.#pending.push(bytes);
    this.#pendingBytes += bytes.byteLength;
    this.#refuseLongLine(this.#pendingBytes);
  }

  #refuseLongLine(bytes: number): void {
    if (bytes <= LINE_BYTES_MAX) return;
    throw new VolleyError(
      "RECORD_TOO_LARGE",
      `${this.#split.path}: the line that begins at byte ${this.#lineStart} has more than ${LINE_BYTES_MAX} bytes, the most that a string can hold`,
      { details: { path: this.#split.path } },
    );
  }

  /** What is kept and what ends it, as lines. */
  #decode(ending: Uint8Array): string[] {
    if (this.#pendingBytes === 0) return decodeLines(ending, this.#split.path, this.#lineStart);
    this.#keep(ending, 0);
    const bytes = joined(this.#pending, this.#pendingBytes);
    this.#pending = [];
    this.#pendingBytes = 0;
    return decodeLines(bytes, this.#split.path, this.#lineStart);
  }

  /** A file that was cut off since it was listed would give a short answer without an error. */
  #refuseShortFile(position: number): void {
    if (this.#split.codec !== undefined || position >= this.#end) return;
    throw new VolleyError(
      "FILE_UNREADABLE",
      `${this.#split.path} changed while it was read: it ends at byte ${position} and had ${this.#split.fileLength} bytes when it was listed`,
      { details: { path: this.#split.path } },
    );
  }
}

/** Where the line that ends first at or after `from` has ended (after its \n, \r\n or \r); -1 when none ends in these bytes. */
function afterFirstEnd(bytes: Uint8Array, from: number): number {
  const lineFeed = bytes.indexOf(LF, from);
  // Not past the line feed: without carriage returns that would look through all the bytes once a line.
  const until = lineFeed < 0 ? bytes.byteLength : lineFeed;
  const carriageReturn = bytes.subarray(from, until).indexOf(CR);
  if (carriageReturn < 0) return lineFeed < 0 ? -1 : lineFeed + 1;
  const end = from + carriageReturn + 1;
  return bytes[end] === LF ? end + 1 : end;
}

/** Where the last line ends that ends in these bytes; 0 when none does. */
function afterLastEnd(bytes: Uint8Array): number {
  const lineFeedEnd = bytes.lastIndexOf(LF) + 1;
  const carriageReturnEnd = bytes.subarray(lineFeedEnd).lastIndexOf(CR) + 1;
  return lineFeedEnd + carriageReturnEnd;
}

function joined(pieces: readonly Uint8Array[], length: number): Uint8Array {
  const all = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.byteLength;
  }
  return all;
}
