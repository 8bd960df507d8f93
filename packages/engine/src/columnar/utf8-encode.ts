/** A column of strings as UTF-8 bytes and offsets. */
import { BatchTooLarge } from "./batch-too-large.js";

/** Longer strings are written by Node's own code: its call costs as much as a loop over this many characters. */
const LOOP_UNITS_MAX = 48;
/** A string's bytes are three times its units at most; more units than this and offsets could overflow an int32. */
const UNITS_MAX = Math.floor((2 ** 31 - 1) / 3);
/** Room after the last string, so that a write that was cut short can be told from a complete one. */
const SLACK_BYTES = 4;

interface NodeBuffer extends Uint8Array {
  utf8Write(text: string, offset: number, length: number): number;
}

export interface EncodedStrings {
  /** count + 1 positions in `bytes`. */
  readonly offsets: Int32Array;
  readonly bytes: Uint8Array;
}

/**
 * Encodes `values`; what is not a string (a null) gets no bytes. Undefined when a string holds a lone surrogate, which UTF-8 cannot say.
 * Throws BatchTooLarge when the offsets would overflow.
 */
export function encodeStrings(values: readonly unknown[], count: number): EncodedStrings | undefined {
  let units = 0;
  for (let i = 0; i < count; i++) {
    const value = values[i];
    if (typeof value === "string") units += value.length;
  }
  if (units > UNITS_MAX) throw new BatchTooLarge();
  return new StringsEncoder(units).encode(values, count);
}

class StringsEncoder {
  #buffer: NodeBuffer;
  #unitsLeft: number;

  constructor(units: number) {
    this.#unitsLeft = units;
    this.#buffer = Buffer.allocUnsafeSlow(units + SLACK_BYTES) as unknown as NodeBuffer;
  }

  encode(values: readonly unknown[], count: number): EncodedStrings | undefined {
    const offsets = new Int32Array(count + 1);
    let at = 0;
    for (let i = 0; i < count; i++) {
      const value = values[i];
      if (typeof value === "string") {
        const length = value.length;
        const end = length <= LOOP_UNITS_MAX ? this.#short(value, length, at) : this.#long(value, length, at);
        if (end < 0) return undefined;
        this.#unitsLeft -= length;
        at = end;
      }
      offsets[i + 1] = at;
    }
    return { offsets, bytes: this.#buffer.subarray(0, at) };
  }

  #short(text: string, length: number, start: number): number {
    const buffer = this.#buffer;
    let at = start;
    for (let i = 0; i < length; i++) {
      const unit = text.charCodeAt(i);
      if (unit > 127) return this.#wide(text, length, i, at);
      buffer[at++] = unit;
    }
    return at;
  }

  /** Goes on from the first character that is not ASCII. */
  #wide(text: string, length: number, from: number, start: number): number {
    this.#reserve(start, length - from);
    const buffer = this.#buffer;
    let at = start;
    for (let i = from; i < length; i++) {
      const unit = text.charCodeAt(i);
      if (unit < 0x80) {
        buffer[at++] = unit;
      } else if (unit < 0x800) {
        buffer[at++] = 0xc0 | (unit >> 6);
        buffer[at++] = 0x80 | (unit & 63);
      } else if (unit < 0xd800 || unit > 0xdfff) {
        buffer[at++] = 0xe0 | (unit >> 12);
        buffer[at++] = 0x80 | ((unit >> 6) & 63);
        buffer[at++] = 0x80 | (unit & 63);
      } else {
        const low = unit < 0xdc00 && ++i < length ? text.charCodeAt(i) : 0;
        if (low < 0xdc00 || low > 0xdfff) return -1;
        const point = 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
        buffer[at++] = 0xf0 | (point >> 18);
        buffer[at++] = 0x80 | ((point >> 12) & 63);
        buffer[at++] = 0x80 | ((point >> 6) & 63);
        buffer[at++] = 0x80 | (point & 63);
      }
    }
    return at;
  }

  #long(text: string, length: number, start: number): number {
    const written = this.#buffer.utf8Write(text, start, this.#buffer.length - start);
    if (written === length) return start + written; // each unit took one byte: all ASCII
    if (!(text as unknown as { isWellFormed(): boolean }).isWellFormed()) return -1;
    this.#reserve(start, length);
    return start + this.#buffer.utf8Write(text, start, this.#buffer.length - start);
  }

  /** Room for `units` more characters of any width, and for the rest of the column as if it were ASCII. */
  #reserve(start: number, units: number): void {
    const needed = start + units * 3 + this.#unitsLeft + SLACK_BYTES;
    if (needed <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafeSlow(
      Math.max(needed, Math.ceil(this.#buffer.length * 1.5)),
    ) as unknown as NodeBuffer;
    larger.set(this.#buffer.subarray(0, start));
    this.#buffer = larger;
  }
}
