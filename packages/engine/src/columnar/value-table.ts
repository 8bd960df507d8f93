/** From keys of any kind to dense slot numbers, as Int32Table, by value: composites, bigints, and keys of mixed kinds. */
import { hashedKeysEqual } from "../lib/canonical-key.js";
import { freshPlaces } from "../lib/fresh-places.js";
import { hashKey } from "../lib/hash.js";
import { LOAD_MAX, placeOf } from "./int32-table.js";

const BITS_MIN = 6;

export class ValueTable {
  /** Hash and slot + 1 (0: free) of each place. */
  #places = new Int32Array(2 << BITS_MIN);
  #shift = 32 - BITS_MIN;
  readonly #keys: unknown[] = [];
  /** By slot. */
  #hashes = new Int32Array(1 << BITS_MIN);

  get size(): number {
    return this.#keys.length;
  }

  /** The slot of a key; a new key gets the next one. Throws UNSUPPORTED_KEY. */
  slotOf(key: unknown): number {
    const hash = hashKey(key) | 0;
    const places = this.#places;
    const keys = this.#keys;
    const mask = places.length - 1;
    let at = placeOf(hash, this.#shift) << 1;
    for (let slot = places[at + 1] as number; slot !== 0; slot = places[at + 1] as number) {
      if (places[at] === hash && (keys[slot - 1] === key || hashedKeysEqual(keys[slot - 1], key))) return slot - 1;
      at = (at + 2) & mask;
    }
    return this.#insert(at, hash, key);
  }

  /** The slot of a key, or -1. Throws UNSUPPORTED_KEY. */
  find(key: unknown): number {
    const hash = hashKey(key) | 0;
    const places = this.#places;
    const keys = this.#keys;
    const mask = places.length - 1;
    let at = placeOf(hash, this.#shift) << 1;
    for (let slot = places[at + 1] as number; slot !== 0; slot = places[at + 1] as number) {
      if (places[at] === hash && (keys[slot - 1] === key || hashedKeysEqual(keys[slot - 1], key))) return slot - 1;
      at = (at + 2) & mask;
    }
    return -1;
  }

  keyAt(slot: number): unknown {
    return this.#keys[slot];
  }

  /** The key's `hashKey`. */
  hashAt(slot: number): number {
    return (this.#hashes[slot] as number) >>> 0;
  }

  #insert(at: number, hash: number, key: unknown): number {
    const size = this.#keys.push(Object.is(key, -0) ? 0 : key);
    this.#places[at] = hash;
    this.#places[at + 1] = size;
    if (size > this.#hashes.length) this.#growHashes();
    this.#hashes[size - 1] = hash;
    if (size * 2 > this.#places.length * LOAD_MAX) this.#grow();
    return size - 1;
  }

  #growHashes(): void {
    const hashes = new Int32Array(this.#hashes.length * 2);
    hashes.set(this.#hashes);
    this.#hashes = hashes;
  }

  #grow(): void {
    const old = this.#places;
    const places = freshPlaces(old.length * 2);
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
