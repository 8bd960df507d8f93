/**
 * From int32 keys to dense slot numbers in the order in which keys are first seen: an open-addressing table with linear probing. Unlike a
 * Map it has no limit of 2^24 entries, and it touches one cache line a look-up.
 */

import { freshPlaces } from "../lib/fresh-places.js";

const BITS_MIN = 6;
const SMALL_PLACES = 1 << 17;

/** Tables grow when more than this share of their places is taken. */
export const LOAD_MAX = 0.6;

export class Int32Table {
  /** Key and slot + 1 (0: free) of each place. */
  #places = new Int32Array(2 << BITS_MIN);
  #shift = 32 - BITS_MIN;
  #keys = new Int32Array(1 << BITS_MIN);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** The slot of a key that is an int32; a new key gets the next one. */
  slotOf(key: number): number {
    const places = this.#places;
    const mask = places.length - 1;
    let at = placeOf(key, this.#shift) << 1;
    for (let slot = places[at + 1] as number; slot !== 0; slot = places[at + 1] as number) {
      if (places[at] === key) return slot - 1;
      at = (at + 2) & mask;
    }
    return this.#insert(at, key);
  }

  /** The slots of many keys: look-ups that do not wait for each other, which hides most of what memory takes to answer. */
  slotsOf(keys: Int32Array, slots: Int32Array): void {
    let places = this.#places;
    let mask = places.length - 1;
    let shift = this.#shift;
    for (let i = 0; i < keys.length; i++) {
      const key = keys[i] as number;
      let at = placeOf(key, shift) << 1;
      let slot = places[at + 1] as number;
      while (slot !== 0 && places[at] !== key) {
        at = (at + 2) & mask;
        slot = places[at + 1] as number;
      }
      if (slot !== 0) {
        slots[i] = slot - 1;
        continue;
      }
      slots[i] = this.#insert(at, key);
      places = this.#places;
      mask = places.length - 1;
      shift = this.#shift;
    }
  }

  /** The slot of a key that is an int32, or -1. */
  find(key: number): number {
    const places = this.#places;
    const mask = places.length - 1;
    let at = placeOf(key, this.#shift) << 1;
    for (let slot = places[at + 1] as number; slot !== 0; slot = places[at + 1] as number) {
      if (places[at] === key) return slot - 1;
      at = (at + 2) & mask;
    }
    return -1;
  }

  keyAt(slot: number): number {
    return this.#keys[slot] as number;
  }

  /** The keys in the order of their slots; a view that later insertions do not change. */
  keys(): Int32Array {
    return this.#keys.subarray(0, this.#size);
  }

  #insert(at: number, key: number): number {
    const slot = this.#size++;
    this.#places[at] = key;
    this.#places[at + 1] = slot + 1;
    if (slot === this.#keys.length) this.#keys = grown(this.#keys);
    this.#keys[slot] = key;
    if (this.#size * 2 > this.#places.length * LOAD_MAX) this.#grow();
    return slot;
  }

  #grow(): void {
    const old = this.#places;
    // A small table grows faster: what it costs to fill it again and again is more than what its free places take.
    const bits = old.length < SMALL_PLACES ? 2 : 1;
    const places = freshPlaces(old.length << bits);
    const mask = places.length - 1;
    this.#shift -= bits;
    // Place by place and not slot by slot: the high bits of a hash are the place, so both tables are walked from one end to the other.
    for (let from = 0; from < old.length; from += 2) {
      if (old[from + 1] === 0) continue;
      const key = old[from] as number;
      let at = placeOf(key, this.#shift) << 1;
      while (places[at + 1] !== 0) at = (at + 2) & mask;
      places[at] = key;
      places[at + 1] = old[from + 1] as number;
    }
    this.#places = places;
  }
}

function grown(keys: Int32Array): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(keys.length * 2);
  larger.set(keys);
  return larger;
}

/**
 * A hash's place in a table of 2^(32 - shift) places. Keys that meet here agree in `hash % numPartitions` and, after a spill, in other bits:
 * the bits are mixed once more, and the high ones taken.
 */
export function placeOf(hash: number, shift: number): number {
  return Math.imul(hash ^ (hash >>> 16), 0x85ebca6b) >>> shift;
}
