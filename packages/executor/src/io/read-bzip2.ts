/**
 * bzip2 input, block by block in the slot itself. A file is streams of blocks, and both the start of a block and the end of a stream
 * are marked by 48 bits at any bit position; between two marks lies what the library decodes, with a checksum of its own, so no more
 * than one block (900 kB before its first run-length step) is in memory.
 */

import { VolleyError } from "@volley/engine/wire/errors.js";
import Bunzip from "seek-bzip";
import { READ_CHUNK_BYTES, readPlainFile } from "./read-file.js";

const BLOCK_MARK = [0x31, 0x41, 0x59, 0x26, 0x53, 0x59];
const END_MARK = [0x17, 0x72, 0x45, 0x38, 0x50, 0x90];
const MARK_BYTES = 6;
/** A block with the largest table before each block's bytes: the level only bounds the block's size. */
const HEADER = Buffer.from("BZh9");
/** Compressed, a block comes to about 900 kB at most. */
const BLOCK_BYTES_MAX = 4 << 20;

interface Mark {
  readonly kind: "block" | "end";
  /** From the start of the bytes that were searched. */
  readonly bit: number;
}

/** One way in which a mark can lie across bytes: `inner` bytes are whole, its first and last bits share a byte with others. */
interface Pattern {
  readonly kind: Mark["kind"];
  readonly shift: number;
  readonly inner: Buffer;
  readonly firstBits: number;
  readonly lastBits: number;
}

const PATTERNS: readonly Pattern[] = [0, 1, 2, 3, 4, 5, 6, 7].flatMap((shift) => [
  patternOf("block", BLOCK_MARK, shift),
  patternOf("end", END_MARK, shift),
]);

export function* readBzip2File(path: string): Generator<Uint8Array> {
  let bytes: Buffer = Buffer.alloc(0);
  let current: Mark | undefined;
  let searched = 0;
  for (const chunk of readPlainFile(path, 0)) {
    if (current === undefined && bytes.byteLength === 0) checkHeader(chunk, path);
    bytes = Buffer.concat([bytes, chunk]);
    for (const mark of marksIn(bytes, searched)) {
      if (current?.kind === "block") yield* decode(bytes, current, mark, path);
      current = mark;
    }
    // A mark may begin in the last bytes; the current one must not be found again.
    searched = Math.max(0, bytes.byteLength - MARK_BYTES, current === undefined ? 0 : (current.bit >> 3) + 1);
    const keepFrom = current === undefined ? 0 : current.bit >> 3;
    bytes = bytes.subarray(keepFrom);
    searched -= keepFrom;
    if (current !== undefined) current = { ...current, bit: current.bit - keepFrom * 8 };
    if (bytes.byteLength > BLOCK_BYTES_MAX) throw damaged(path, "a block does not end");
  }
  if (current?.kind !== "end") throw damaged(path, "it is cut short");
}

function checkHeader(chunk: Uint8Array, path: string): void {
  if (!/^BZh[1-9]/.test(Buffer.from(chunk.subarray(0, 4)).toString("latin1")))
    throw damaged(path, "it does not begin as one");
}

/** Marks that begin at byte `from` or later and lie in `bytes` whole, in order. */
function marksIn(bytes: Buffer, from: number): readonly Mark[] {
  const marks: Mark[] = [];
  for (const pattern of PATTERNS) {
    const before = pattern.shift === 0 ? 0 : 1;
    for (let at = bytes.indexOf(pattern.inner, from + before); at >= 0; at = bytes.indexOf(pattern.inner, at + 1)) {
      if (fits(bytes, at, pattern)) marks.push({ kind: pattern.kind, bit: (at - before) * 8 + pattern.shift });
    }
  }
  return marks.sort((a, b) => a.bit - b.bit);
}

function patternOf(kind: Mark["kind"], mark: readonly number[], shift: number): Pattern {
  if (shift === 0) return { kind, shift, inner: Buffer.from(mark), firstBits: 0, lastBits: 0 };
  const inner = mark
    .slice(0, -1)
    .map((byte, index) => ((byte << (8 - shift)) | ((mark[index + 1] as number) >> shift)) & 255);
  return {
    kind,
    shift,
    inner: Buffer.from(inner),
    firstBits: (mark[0] as number) >> shift,
    lastBits: ((mark.at(-1) as number) << (8 - shift)) & 255,
  };
}

function fits(bytes: Buffer, at: number, { shift, inner, firstBits, lastBits }: Pattern): boolean {
  if (shift === 0) return true;
  const last = bytes[at + inner.byteLength];
  if (last === undefined) return false;
  const first = bytes[at - 1] as number;
  const lowBits = (1 << (8 - shift)) - 1;
  return (first & lowBits) === firstBits && (last & (255 ^ lowBits)) >> (8 - shift) === lastBits >> (8 - shift);
}

function* decode(bytes: Buffer, start: Mark, end: Mark, path: string): Generator<Uint8Array> {
  const block = Buffer.concat([HEADER, bytes.subarray(start.bit >> 3, (end.bit >> 3) + 1)]);
  const sink = new GrowingSink();
  try {
    Bunzip.decodeBlock(block, HEADER.byteLength * 8 + (start.bit & 7), sink);
  } catch (cause) {
    throw damaged(path, (cause as Error).message, cause);
  }
  const decoded = sink.bytes();
  for (let at = 0; at < decoded.byteLength; at += READ_CHUNK_BYTES) yield decoded.subarray(at, at + READ_CHUNK_BYTES);
}

class GrowingSink {
  #buffer = Buffer.allocUnsafeSlow(READ_CHUNK_BYTES);
  #length = 0;

  writeByte(byte: number): void {
    if (this.#length === this.#buffer.byteLength) {
      const larger = Buffer.allocUnsafeSlow(this.#length * 2);
      this.#buffer.copy(larger);
      this.#buffer = larger;
    }
    this.#buffer[this.#length++] = byte;
  }

  bytes(): Uint8Array {
    return this.#buffer.subarray(0, this.#length);
  }
}

function damaged(path: string, why: string, cause?: unknown): VolleyError {
  return new VolleyError(
    "FILE_DAMAGED",
    `${path} is no whole bzip2 file: ${why}`,
    cause === undefined ? {} : { cause },
  );
}
