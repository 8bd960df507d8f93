/** Reads what `ByteWriter` wrote. */

import { assert } from "../lib/assert.js";

const CHUNK_UNITS = 8192;

export class ByteReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  at: number;

  constructor(bytes: Uint8Array, at = 0) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.at = at;
  }

  byte(): number {
    const value = this.#bytes[this.at++];
    assert(value !== undefined, "the envelope goes on");
    return value;
  }

  varint(): number {
    let value = 0;
    let scale = 1;
    for (;;) {
      const part = this.byte();
      value += (part & 0x7f) * scale;
      if (part < 0x80) return value;
      scale *= 0x80;
    }
  }

  uint32(): number {
    const value = this.#view.getUint32(this.at, true);
    this.at += 4;
    return value;
  }

  double(): number {
    const value = this.#view.getFloat64(this.at, true);
    this.at += 8;
    return value;
  }

  text(): string {
    const head = this.varint();
    const length = Math.floor(head / 2);
    const wide = head % 2 === 1;
    let text = "";
    for (let done = 0; done < length; done += CHUNK_UNITS) {
      const count = Math.min(CHUNK_UNITS, length - done);
      const units: number[] = new Array(count);
      for (let index = 0; index < count; index++) {
        if (wide) {
          units[index] = this.#view.getUint16(this.at, true);
          this.at += 2;
        } else {
          units[index] = this.#bytes[this.at++] as number;
        }
      }
      text += String.fromCharCode(...units);
    }
    return text;
  }

  /** A view on the bytes, not a copy. */
  raw(): Uint8Array {
    const length = this.varint();
    assert(this.at + length <= this.#bytes.length, "the envelope goes on");
    const bytes = this.#bytes.subarray(this.at, this.at + length);
    this.at += length;
    return bytes;
  }
}
