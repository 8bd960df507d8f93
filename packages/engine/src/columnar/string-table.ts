/**
 * From strings to dense slot numbers, as Int32Table. The strings themselves are let go: the table keeps their bytes. Those of up to 12 ASCII
 * characters lie in the places of the table, so that a look-up touches one cache line; of the others a hash and the length stand there, and the
 * bytes are compared when these agree.
 *
 * When changing this: a string and the same text in a column must get the same slot. Both are asked for by the same words.
 */
import { freshPlaces } from "../lib/fresh-places.js";
import { KeyBytes } from "./key-bytes.js";
import type { TextColumn } from "./types.js";

const BITS_MIN = 6;
/** Words of a place: three of characters, and slot + 1 (0: free); for longer strings hash, first word and bytes, and -(slot + 1). */
const PLACE_WORDS = 4;
const SHORT_LENGTH_MAX = 12;
const LOAD_MAX = 0.6;

/** By length, for each of three words: the bytes that a short string of this length has in it. */
const MASKS = new Int32Array((SHORT_LENGTH_MAX + 1) * 4);
for (let length = 0; length <= SHORT_LENGTH_MAX; length++) {
  for (let at = 0; at < length; at++) MASKS[length * 4 + (at >> 2)] = (2 ** (8 * ((at & 3) + 1)) - 1) | 0;
}

export class StringTable {
  #places = new Int32Array(PLACE_WORDS << BITS_MIN);
  #shift = 32 - BITS_MIN;
  readonly #keys = new KeyBytes();

  get size(): number {
    return this.#keys.size;
  }

  /** The keys in the order of their slots, as bytes. */
  get bytes(): KeyBytes {
    return this.#keys;
  }

  /** The key that a slot was given for. Cheap when slots are asked for in their order. */
  keyAt(slot: number): string {
    return this.#keys.textAt(slot);
  }

  /** The slot of a key; a new key gets the next one. */
  slotOf(key: string): number {
    return this.#slotOf(key, true);
  }

  /** The slot of a key, or -1. */
  find(key: string): number {
    return this.#slotOf(key, false);
  }

  /** The slots of the texts of a column, into `slots`; new ones get the next ones. No string is made. */
  slotsOfColumn({ bytes, offsets, count }: TextColumn, slots: Int32Array): void {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    // Short texts are read as three words, whatever follows them; where the bytes end, from a copy.
    const last = bytes.byteLength - SHORT_LENGTH_MAX;
    let start = offsets[0] as number;
    for (let i = 0; i < count; i++) {
      const end = offsets[i + 1] as number;
      const length = end - start;
      let slot = -1;
      if (length <= SHORT_LENGTH_MAX) {
        slot =
          start <= last
            ? this.#shortSlotIn(view, start, length)
            : this.#shortSlotIn(copyOf(bytes, start, end), 0, length);
      }
      slots[i] = slot >= 0 ? slot : this.#longSlot(this.#keys.writeBytes(bytes, view, start, end), true);
      start = end;
    }
  }

  /** -1 for what `#slotOf` too would not take as a short string: bytes beyond ASCII, or zeros. */
  #shortSlotIn(view: DataView, start: number, length: number): number {
    const mask = length << 2;
    const [m0, m1, m2] = [MASKS[mask] as number, MASKS[mask + 1] as number, MASKS[mask + 2] as number];
    const first = view.getInt32(start, true) & m0;
    const second = view.getInt32(start + 4, true) & m1;
    const third = view.getInt32(start + 8, true) & m2;
    const zeros = zerosIn(first | ~m0) | zerosIn(second | ~m1) | zerosIn(third | ~m2);
    if ((((first | second | third) & 0x80808080) | zeros) !== 0) return -1;
    return this.#shortSlot(first, second, third, length, true);
  }

  #slotOf(key: string, insert: boolean): number {
    const length = key.length;
    if (length > SHORT_LENGTH_MAX) return this.#longSlot(this.#keys.write(key), insert);
    let first = 0;
    let second = 0;
    let third = 0;
    let beyond = 0;
    for (let i = 0; i < length; i++) {
      const code = key.charCodeAt(i);
      // Zero is what fills a shorter string up.
      beyond |= code | (code - 1);
      if (i < 4) first |= code << (i << 3);
      else if (i < 8) second |= code << ((i - 4) << 3);
      else third |= code << ((i - 8) << 3);
    }
    if ((beyond & ~0x7f) !== 0) return this.#longSlot(this.#keys.write(key), insert);
    return this.#shortSlot(first, second, third, length, insert);
  }

  #shortSlot(first: number, second: number, third: number, length: number, insert: boolean): number {
    const places = this.#places;
    const mask = places.length - 1;
    let at = (hashOf(first, second, third) >>> this.#shift) << 2;
    for (let slot = places[at + 3] as number; slot !== 0; slot = places[at + 3] as number) {
      if (places[at] === first && places[at + 1] === second && places[at + 2] === third && slot > 0) return slot - 1;
      at = (at + PLACE_WORDS) & mask;
    }
    if (!insert) return -1;
    places[at] = first;
    places[at + 1] = second;
    places[at + 2] = third;
    const slot = this.#keys.keepShort(first, second, third, length);
    places[at + 3] = slot + 1;
    if (slot * PLACE_WORDS > places.length * LOAD_MAX) this.#grow();
    return slot;
  }

  /** Of the text of so many bytes that was written behind the keys. */
  #longSlot(length: number, insert: boolean): number {
    const keys = this.#keys;
    const { words, top } = keys;
    const count = (length + 3) >>> 2;
    const hash = hashWords(words, top, count, length);
    const places = this.#places;
    const mask = places.length - 1;
    let at = (hash >>> this.#shift) << 2;
    for (let slot = places[at + 3] as number; slot !== 0; slot = places[at + 3] as number) {
      const agrees = places[at] === hash && places[at + 2] === length && slot < 0;
      if (agrees && areEqual(words, places[at + 1] as number, top, count)) return -slot - 1;
      at = (at + PLACE_WORDS) & mask;
    }
    if (!insert) return -1;
    places[at] = hash;
    places[at + 1] = top;
    places[at + 2] = length;
    const slot = keys.keep(length);
    places[at + 3] = -slot - 1;
    if (slot * PLACE_WORDS > places.length * LOAD_MAX) this.#grow();
    return slot;
  }

  #grow(): void {
    const old = this.#places;
    const places = freshPlaces(old.length * 2);
    const mask = places.length - 1;
    this.#shift--;
    // Place by place: the high bits of a hash are the place, so both tables are walked from one end to the other.
    for (let from = 0; from < old.length; from += PLACE_WORDS) {
      const slot = old[from + 3] as number;
      if (slot === 0) continue;
      const first = old[from] as number;
      const second = old[from + 1] as number;
      const third = old[from + 2] as number;
      let at = ((slot < 0 ? first : hashOf(first, second, third)) >>> this.#shift) << 2;
      while (places[at + 3] !== 0) at = (at + PLACE_WORDS) & mask;
      places[at] = first;
      places[at + 1] = second;
      places[at + 2] = third;
      places[at + 3] = slot;
    }
    this.#places = places;
  }
}

function copyOf(bytes: Uint8Array, start: number, end: number): DataView {
  const copy = new Uint8Array(SHORT_LENGTH_MAX);
  copy.set(bytes.subarray(start, end));
  return new DataView(copy.buffer);
}

/** Not zero when one of a word's bytes is. */
function zerosIn(word: number): number {
  return (word - 0x01010101) & ~word & 0x80808080;
}

function areEqual(words: Int32Array, first: number, second: number, count: number): boolean {
  for (let i = 0; i < count; i++) if (words[first + i] !== words[second + i]) return false;
  return true;
}

/** Of use in this table only: high bits count, and all characters reach them (murmur3's last steps). */
function hashOf(first: number, second: number, third: number): number {
  return finalize(Math.imul(first, 0x9e3779b1) ^ Math.imul(second, 0x85ebca77) ^ Math.imul(third, 0xc2b2ae3d));
}

function hashWords(words: Int32Array, start: number, count: number, length: number): number {
  let hash = length;
  const end = start + count;
  for (let i = start; i < end; i++) {
    const word = Math.imul(words[i] as number, 0xcc9e2d51);
    hash ^= Math.imul((word << 15) | (word >>> 17), 0x1b873593);
    hash = (Math.imul((hash << 13) | (hash >>> 19), 5) + 0xe6546b64) | 0;
  }
  return finalize(hash);
}

function finalize(hash: number): number {
  let mixed = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0x297a2d39);
  return mixed ^ (mixed >>> 16);
}
