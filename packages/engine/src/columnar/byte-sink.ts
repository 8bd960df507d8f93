/** Bytes that grow at their end. */

const STRING_LOOP_MAX = 24;

/** Node's own writers of strings: no bounds are checked, so the room must be there. */
interface NodeBuffer extends Uint8Array {
  latin1Write(text: string, offset: number, length: number): number;
  ucs2Write(text: string, offset: number, length: number): number;
}

export class ByteSink {
  bytes: Uint8Array;
  length = 0;
  #buffer: NodeBuffer;
  #view: DataView;

  constructor(capacity = 256) {
    this.#buffer = Buffer.allocUnsafeSlow(capacity) as unknown as NodeBuffer;
    this.bytes = this.#buffer;
    this.#view = new DataView(this.#buffer.buffer);
  }

  /** Makes room for `count` more bytes. */
  reserve(count: number): void {
    const needed = this.length + count;
    if (needed <= this.bytes.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, this.bytes.length * 2)) as unknown as NodeBuffer;
    larger.set(this.bytes.subarray(0, this.length));
    this.#buffer = larger;
    this.bytes = larger;
    this.#view = new DataView(larger.buffer);
  }

  byte(value: number): void {
    if (this.length === this.bytes.length) this.reserve(1);
    this.bytes[this.length++] = value;
  }

  /** An unsigned integer up to 2^53 in groups of 7 bits, low ones first. */
  varint(value: number): void {
    this.reserve(8);
    let rest = value;
    while (rest > 0x7fffffff) {
      this.bytes[this.length++] = (rest % 128) | 128;
      rest = Math.floor(rest / 128);
    }
    while (rest > 127) {
      this.bytes[this.length++] = (rest & 127) | 128;
      rest >>>= 7;
    }
    this.bytes[this.length++] = rest;
  }

  double(value: number): void {
    this.reserve(8);
    this.#view.setFloat64(this.length, value, true);
    this.length += 8;
  }

  raw(bytes: Uint8Array): void {
    this.reserve(bytes.length);
    this.bytes.set(bytes, this.length);
    this.length += bytes.length;
  }

  /** `text`'s units as single bytes; all must be below 256. */
  latin1(text: string): void {
    this.reserve(text.length);
    this.length += this.#buffer.latin1Write(text, this.length, text.length);
  }

  utf16(text: string): void {
    this.reserve(text.length * 2);
    this.length += this.#buffer.ucs2Write(text, this.length, text.length * 2);
  }

  /** Tries a short text as single bytes: false, with nothing written, when it is long or a unit is above 255. */
  shortLatin1(text: string): boolean {
    const count = text.length;
    if (count > STRING_LOOP_MAX) return false;
    this.reserve(count);
    const bytes = this.bytes;
    const start = this.length;
    for (let i = 0; i < count; i++) {
      const unit = text.charCodeAt(i);
      if (unit > 255) return false;
      bytes[start + i] = unit;
    }
    this.length = start + count;
    return true;
  }
}
