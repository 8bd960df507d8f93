/**
 * From strings to dense slot numbers, as Int32Table. Short strings lie in a table of their own; of the others hashes stand in the table, so that a
 * string is only compared when its hash agrees.
 */
import { hashString } from "../lib/hash.js";
import { ownText } from "../lib/own-text.js";
import { LOAD_MAX, placeOf } from "./int32-table.js";
import { ABSENT, ShortStringTable } from "./short-string-table.js";

const BITS_MIN = 6;

export class StringTable {
  /** Hash and slot + 1 (0: free) of each place. */
  #places = new Int32Array(2 << BITS_MIN);
  #shift = 32 - BITS_MIN;
  #longCount = 0;
  readonly #short = new ShortStringTable();
  readonly #keys: string[] = [];

  get size(): number {
    return this.#keys.length;
  }

  /** The slot of a key; a new key gets the next one. */
  slotOf(key: string): number {
    const size = this.#keys.length;
    const short = this.#short.slotOf(key, size);
    if (short === size) this.#keys.push(ownText(key));
    return short >= 0 ? short : this.#longSlotOf(key);
  }

  /** The slot of a key, or -1. */
  find(key: string): number {
    const short = this.#short.slotOf(key, ABSENT);
    if (short >= 0) return short;
    return short === ABSENT ? -1 : this.#findLong(key);
  }

  #findLong(key: string): number {
    const hash = hashString(key) | 0;
    const places = this.#places;
    const keys = this.#keys;
    const mask = places.length - 1;
    let at = placeOf(hash, this.#shift) << 1;
    for (let slot = places[at + 1] as number; slot !== 0; slot = places[at + 1] as number) {
      if (places[at] === hash && keys[slot - 1] === key) return slot - 1;
      at = (at + 2) & mask;
    }
    return -1;
  }

  #longSlotOf(key: string): number {
    const hash = hashString(key) | 0;
    const places = this.#places;
    const keys = this.#keys;
    const mask = places.length - 1;
    let at = placeOf(hash, this.#shift) << 1;
    for (let slot = places[at + 1] as number; slot !== 0; slot = places[at + 1] as number) {
      if (places[at] === hash && keys[slot - 1] === key) return slot - 1;
      at = (at + 2) & mask;
    }
    return this.#insert(at, hash, key);
  }

  keyAt(slot: number): string {
    return this.#keys[slot] as string;
  }

  /** The keys in the order of their slots. */
  keys(): readonly string[] {
    return this.#keys;
  }

  #insert(at: number, hash: number, key: string): number {
    const size = this.#keys.push(ownText(key));
    this.#places[at] = hash;
    this.#places[at + 1] = size;
    if (++this.#longCount * 2 > this.#places.length * LOAD_MAX) this.#grow();
    return size - 1;
  }

  #grow(): void {
    const old = this.#places;
    const places = new Int32Array(old.length * 2);
    const mask = places.length - 1;
    this.#shift--;
    for (let from = 0; from < old.length; from += 2) {
      const slot = old[from + 1] as number;
      if (slot === 0) continue;
      const hash = old[from] as number;
      let at = placeOf(hash, this.#shift) << 1;
      while (places[at + 1] !== 0) at = (at + 2) & mask;
      places[at] = hash;
      places[at + 1] = slot;
    }
    this.#places = places;
  }
}
