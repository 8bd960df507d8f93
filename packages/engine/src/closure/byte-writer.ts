/** Grows as it is written: varints, doubles, texts and raw bytes. Large raw bytes are kept as they are until `take` lays all down in one piece. */

import { assert } from "../lib/assert.js";

const INITIAL_BYTES = 1024;
/** Bytes from which on appending keeps a reference instead of copying. */
const PIECE_BYTES = 1 << 16;

export class ByteWriter {
  #bytes = new Uint8Array(INITIAL_BYTES);
  #view = new DataView(this.#bytes.buffer);
  /** Of `#bytes`. */
  #length = 0;
  /** What stands before `#bytes`. */
  readonly #pieces: Uint8Array[] = [];
  #piecesLength = 0;

  get length(): number {
    return this.#piecesLength + this.#length;
  }

  #room(count: number): void {
    const needed = this.#length + count;
    if (needed <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(needed, this.#bytes.length * 2));
    grown.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = grown;
    this.#view = new DataView(grown.buffer);
  }

  byte(value: number): void {
    if (this.#length === this.#bytes.length) this.#room(1);
    this.#bytes[this.#length++] = value;
  }

  /** An integer from 0 to 2^53 - 1, seven bits a byte. */
  varint(value: number): void {
    assert(Number.isSafeInteger(value) && value >= 0, "varint is a count");
    this.#room(8);
    let rest = value;
    while (rest >= 0x80) {
      this.#bytes[this.#length++] = (rest % 0x80) | 0x80;
      rest = Math.floor(rest / 0x80);
    }
    this.#bytes[this.#length++] = rest;
  }

  uint32(value: number): void {
    this.#room(4);
    this.#view.setUint32(this.#length, value, true);
    this.#length += 4;
  }

  double(value: number): void {
    this.#room(8);
    this.#view.setFloat64(this.#length, value, true);
    this.#length += 8;
  }

  /** Any JavaScript string, lone surrogates too: one byte a unit where all fit, else two. */
  text(value: string): void {
    const wide = !isLatin1(value);
    this.varint(value.length * 2 + (wide ? 1 : 0));
    this.#room(value.length * 2);
    const { length } = value;
    if (wide) {
      for (let index = 0; index < length; index++, this.#length += 2)
        this.#view.setUint16(this.#length, value.charCodeAt(index), true);
    } else {
      for (let index = 0; index < length; index++) this.#bytes[this.#length++] = value.charCodeAt(index);
    }
  }

  /** Large bytes must not change before `take`. */
  raw(bytes: Uint8Array): void {
    this.varint(bytes.length);
    this.append(bytes);
  }

  /** Bytes without their length. Large ones must not change before `take`. */
  append(bytes: Uint8Array): void {
    if (bytes.length >= PIECE_BYTES) {
      this.#endPiece();
      this.#pieces.push(bytes);
      this.#piecesLength += bytes.length;
      return;
    }
    this.#room(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  #endPiece(): void {
    this.#pieces.push(this.#bytes.subarray(0, this.#length));
    this.#piecesLength += this.#length;
    this.#bytes = new Uint8Array(INITIAL_BYTES);
    this.#view = new DataView(this.#bytes.buffer);
    this.#length = 0;
  }

  /** Puts a uint32 where four bytes were written before, among the first that were written. */
  patchUint32(at: number, value: number): void {
    const first = this.#pieces[0] ?? this.#bytes;
    new DataView(first.buffer, first.byteOffset).setUint32(at, value, true);
  }

  /** What was written; nothing more may be written afterwards. Copied where much room is left over. */
  take(): Uint8Array {
    if (this.#pieces.length > 0) return this.#joined();
    const isTight = this.#length > this.#bytes.length * 0.7;
    return isTight ? this.#bytes.subarray(0, this.#length) : this.#bytes.slice(0, this.#length);
  }

  #joined(): Uint8Array {
    const joined = new Uint8Array(this.length);
    let at = 0;
    for (const piece of [...this.#pieces, this.#bytes.subarray(0, this.#length)]) {
      joined.set(piece, at);
      at += piece.length;
    }
    return joined;
  }
}

function isLatin1(value: string): boolean {
  for (let index = 0; index < value.length; index++) if (value.charCodeAt(index) > 0xff) return false;
  return true;
}
