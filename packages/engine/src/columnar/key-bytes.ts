/**
 * Texts one after the other as UTF-8, each from a multiple of four bytes on and filled up with zeros, so that they can be hashed and compared
 * by words. What key tables keep instead of strings: bytes are nothing to the garbage collector, and go to a column as they lie.
 *
 * Lone surrogates, which UTF-8 cannot say, are written as three bytes each (WTF-8): every string has bytes of its own.
 */
import { hashAscii, hashString } from "../lib/hash.js";
import { VolleyError } from "../wire/errors.js";
import { decodeWtf8, encodeWtf8 } from "./wtf8.js";

/** Longer texts are written by Node's own code: its call costs as much as a loop over this many characters. */
const LOOP_UNITS_MAX = 48;
/** More bytes than this are copied by a call. */
const COPY_LOOP_MAX = 96;
/** Most bytes of all texts: what typed arrays can index. Tables are to be spilled long before. */
const BYTES_MAX = 0xffff_fff0;
/** Texts decoded at once: long ones stay alive together, as those of a batch do. */
const DECODED_TEXTS = 1024;
const DECODED_BYTES_MAX = 1 << 20;

interface NodeBuffer extends Uint8Array {
  utf8Write(text: string, offset: number, length: number): number;
  utf8Slice(start: number, end: number): string;
  latin1Slice(start: number, end: number): string;
}

function isWellFormed(text: string): boolean {
  return (text as unknown as { isWellFormed(): boolean }).isWellFormed();
}

/** What is in a text: beyond ASCII, lone surrogates. */
const ASCII = 0;
const WIDE = 1;
const BROKEN = 2;

export class KeyBytes {
  words: Int32Array;
  #bytes: NodeBuffer;
  /** Words taken. The text that `write` has put behind them becomes one of the texts by `keep`. */
  top = 0;
  #size = 0;
  #starts = new Int32Array(64);
  #lengths = new Int32Array(64);
  #kinds = new Uint8Array(64);
  #kind = ASCII;
  #brokenCount = 0;
  /** Texts made last: those from #decodedFrom on. */
  #decoded: readonly string[] = [];
  #decodedFrom = 0;

  constructor() {
    this.#bytes = Buffer.allocUnsafeSlow(1024) as unknown as NodeBuffer;
    this.words = new Int32Array(this.#bytes.buffer);
  }

  get size(): number {
    return this.#size;
  }

  /** Bytes that all texts take. */
  get byteLength(): number {
    return this.top * 4;
  }

  get bytes(): Uint8Array {
    return this.#bytes;
  }

  /** Whether some text has a lone surrogate: such ones have no place in a column of UTF-8. */
  get hasBroken(): boolean {
    return this.#brokenCount > 0;
  }

  /** First byte of a text. */
  startOf(slot: number): number {
    return (this.#starts[slot] as number) * 4;
  }

  /** Bytes of a text. */
  lengthOf(slot: number): number {
    return this.#lengths[slot] as number;
  }

  /** The same hash as that of the string. */
  hashAt(slot: number): number {
    if (this.#kinds[slot] !== ASCII) return hashString(this.textAt(slot));
    const start = this.startOf(slot);
    return hashAscii(this.#bytes, start, start + this.lengthOf(slot));
  }

  /** Copies texts one after the other to the start of `target`, without the zeros between them; `offsets` gets where each begins, and the end. */
  copyTexts(slots: Uint32Array, target: Uint8Array, offsets: Int32Array): void {
    const [bytes, starts, lengths] = [this.#bytes, this.#starts, this.#lengths];
    let at = 0;
    for (let i = 0; i < slots.length; i++) {
      const slot = slots[i] as number;
      const start = (starts[slot] as number) * 4;
      const length = lengths[slot] as number;
      if (length > COPY_LOOP_MAX) target.set(bytes.subarray(start, start + length), at);
      else for (let index = 0; index < length; index++) target[at + index] = bytes[start + index] as number;
      at += length;
      offsets[i + 1] = at;
    }
  }

  /** Puts a text behind the others, not to stay; returns its number of bytes. */
  write(text: string): number {
    const units = text.length;
    this.reserve(units);
    const start = this.top * 4;
    let end = units <= LOOP_UNITS_MAX ? this.#ascii(text, units, start) : this.#long(text, units, start);
    this.#kind = ASCII;
    if (end < 0) end = this.#beyondAscii(text, units, start);
    const bytes = this.#bytes;
    for (let at = end; (at & 3) !== 0; at++) bytes[at] = 0;
    return end - start;
  }

  /** The same for bytes [from, until) of sound UTF-8; `view` is over all of them. */
  writeBytes(source: Uint8Array, view: DataView, from: number, until: number): number {
    const length = until - from;
    this.reserve(length);
    const { words } = this;
    let at = this.top;
    let index = from;
    let high = 0;
    for (; index + 4 <= until; index += 4) {
      const word = view.getInt32(index, true);
      high |= word;
      words[at++] = word;
    }
    if (index < until) {
      let word = 0;
      for (let shift = 0; index < until; shift += 8) word |= (source[index++] as number) << shift;
      high |= word;
      words[at] = word;
    }
    this.#kind = (high & 0x80808080) === 0 ? ASCII : WIDE;
    return length;
  }

  /** What was written stays; returns its number. */
  keep(byteLength: number): number {
    if (this.#kind === BROKEN) this.#brokenCount++;
    return this.#add(byteLength, this.#kind);
  }

  /** Keeps a text of up to 12 ASCII characters given as words. */
  keepShort(first: number, second: number, third: number, byteLength: number): number {
    this.reserve(12);
    const { words, top } = this;
    words[top] = first;
    words[top + 1] = second;
    words[top + 2] = third;
    return this.#add(byteLength, ASCII);
  }

  /** A text; many at once are decoded when they are asked for in order. */
  textAt(slot: number): string {
    const at = slot - this.#decodedFrom;
    const count = this.#decoded.length;
    if (at >= 0 && at < count) return this.#decoded[at] as string;
    if (at !== count && slot !== 0) return this.texts(slot, slot + 1)[0] as string;
    this.#decoded = this.texts(slot, this.#endOfDecoded(slot));
    this.#decodedFrom = slot;
    return this.#decoded[0] as string;
  }

  /** Texts [from, until). */
  texts(from: number, until: number): string[] {
    const texts = new Array<string>(until - from);
    if (until === from) return texts;
    const base = this.startOf(from);
    const whole = this.#bytes.latin1Slice(base, this.startOf(until - 1) + this.lengthOf(until - 1));
    const [starts, lengths, kinds] = [this.#starts, this.#lengths, this.#kinds];
    for (let slot = from; slot < until; slot++) {
      const start = (starts[slot] as number) * 4;
      const length = lengths[slot] as number;
      texts[slot - from] =
        kinds[slot] === ASCII ? whole.substring(start - base, start - base + length) : this.#wideText(slot);
    }
    return texts;
  }

  /** Room for `byteLength` more bytes behind `top`, and for the zeros after them. */
  reserve(byteLength: number): void {
    const needed = this.top * 4 + byteLength + 12;
    if (needed > this.#bytes.length) this.#grow(needed);
  }

  #grow(needed: number): void {
    if (needed > BYTES_MAX) throw new VolleyError("RECORD_TOO_LARGE", "the keys of one table take more than 4 GiB");
    const wanted = Math.min(BYTES_MAX, Math.max(needed, this.#bytes.length * (this.#bytes.length < 1 << 26 ? 2 : 1.5)));
    const larger = Buffer.allocUnsafeSlow(Math.ceil(wanted / 8) * 8) as unknown as NodeBuffer;
    larger.set(this.#bytes.subarray(0, this.top * 4));
    this.#bytes = larger;
    this.words = new Int32Array(larger.buffer);
  }

  #add(byteLength: number, kind: number): number {
    const slot = this.#size++;
    if (slot === this.#starts.length) this.#growSlots();
    this.#starts[slot] = this.top;
    this.#lengths[slot] = byteLength;
    this.#kinds[slot] = kind;
    this.top += (byteLength + 3) >>> 2;
    return slot;
  }

  #growSlots(): void {
    const count = this.#starts.length * 2;
    const [starts, lengths, kinds] = [new Int32Array(count), new Int32Array(count), new Uint8Array(count)];
    starts.set(this.#starts);
    lengths.set(this.#lengths);
    kinds.set(this.#kinds);
    this.#starts = starts;
    this.#lengths = lengths;
    this.#kinds = kinds;
  }

  /** -1 when a character is not ASCII. */
  #ascii(text: string, units: number, start: number): number {
    const bytes = this.#bytes;
    for (let i = 0; i < units; i++) {
      const unit = text.charCodeAt(i);
      if (unit > 127) return -1;
      bytes[start + i] = unit;
    }
    return start + units;
  }

  #long(text: string, units: number, start: number): number {
    // A character that does not fit is not begun: all were written only if each took one byte.
    const written = this.#bytes.utf8Write(text, start, units + 4);
    return written === units ? start + written : -1;
  }

  #beyondAscii(text: string, units: number, start: number): number {
    this.reserve(units * 3);
    this.#kind = WIDE;
    if (units > LOOP_UNITS_MAX && isWellFormed(text)) return start + this.#bytes.utf8Write(text, start, units * 3);
    const end = encodeWtf8(text, this.#bytes, start);
    if (end >= 0) return end;
    this.#kind = BROKEN;
    return -end;
  }

  #endOfDecoded(from: number): number {
    const most = Math.min(this.#size, from + DECODED_TEXTS);
    const base = this.startOf(from);
    let until = from + 1;
    while (until < most && this.startOf(until) - base < DECODED_BYTES_MAX) until++;
    return until;
  }

  #wideText(slot: number): string {
    const start = this.startOf(slot);
    const end = start + this.lengthOf(slot);
    return this.#kinds[slot] === BROKEN ? decodeWtf8(this.#bytes, start, end) : this.#bytes.utf8Slice(start, end);
  }
}
