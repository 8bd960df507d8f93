/** From numbers to dense slot numbers, as Int32Table. NaN is one key, and so are 0 and -0. */
import { freshPlaces } from "../lib/fresh-places.js";
import { hashDouble } from "../lib/hash.js";
import { LOAD_MAX, placeOf } from "./int32-table.js";

const BITS_MIN = 6;

export class Float64Table {
  /** Slot + 1 (0: free) of each place. */
  #places = new Int32Array(1 << BITS_MIN);
  #placeKeys = new Float64Array(1 << BITS_MIN);
  #shift = 32 - BITS_MIN;
  #keys = new Float64Array(1 << BITS_MIN);
  #size = 0;
  #nanSlot = -1;

  get size(): number {
    return this.#size;
  }

  /** The slot of a key; a new key gets the next one. */
  slotOf(key: number): number {
    const places = this.#places;
    const placeKeys = this.#placeKeys;
    const mask = places.length - 1;
    let at = placeOf(hashDouble(key), this.#shift);
    for (let slot = places[at] as number; slot !== 0; slot = places[at] as number) {
      if (placeKeys[at] === key) return slot - 1;
      at = (at + 1) & mask;
    }
    return key === key ? this.#insert(at, key) : this.#slotOfNaN();
  }

  /** The slot of a key, or -1. */
  find(key: number): number {
    if (key !== key) return this.#nanSlot;
    const places = this.#places;
    const placeKeys = this.#placeKeys;
    const mask = places.length - 1;
    let at = placeOf(hashDouble(key), this.#shift);
    for (let slot = places[at] as number; slot !== 0; slot = places[at] as number) {
      if (placeKeys[at] === key) return slot - 1;
      at = (at + 1) & mask;
    }
    return -1;
  }

  keyAt(slot: number): number {
    return this.#keys[slot] as number;
  }

  /** The keys in the order of their slots; a view that later insertions do not change. */
  keys(): Float64Array {
    return this.#keys.subarray(0, this.#size);
  }

  #slotOfNaN(): number {
    if (this.#nanSlot < 0) this.#nanSlot = this.#append(Number.NaN);
    return this.#nanSlot;
  }

  #append(key: number): number {
    const slot = this.#size++;
    if (slot === this.#keys.length) {
      const larger = new Float64Array(this.#keys.length * 2);
      larger.set(this.#keys);
      this.#keys = larger;
    }
    this.#keys[slot] = key;
    return slot;
  }

  #insert(at: number, key: number): number {
    const slot = this.#append(key);
    this.#places[at] = slot + 1;
    this.#placeKeys[at] = key;
    if (this.#size > this.#places.length * LOAD_MAX) this.#grow();
    return slot;
  }

  #grow(): void {
    const [old, oldKeys] = [this.#places, this.#placeKeys];
    const places = freshPlaces(old.length * 2);
    const placeKeys = new Float64Array(places.length);
    const mask = places.length - 1;
    this.#shift--;
    // Place by place, as in Int32Table.
    for (let from = 0; from < old.length; from++) {
      if (old[from] === 0) continue;
      const key = oldKeys[from] as number;
      let at = placeOf(hashDouble(key), this.#shift);
      while (places[at] !== 0) at = (at + 1) & mask;
      places[at] = old[from] as number;
      placeKeys[at] = key;
    }
    this.#places = places;
    this.#placeKeys = placeKeys;
  }
}
