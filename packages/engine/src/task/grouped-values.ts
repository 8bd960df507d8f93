/**
 * Values of many keys, brought together by counting: rows are noted as they come, slot and value; when all are there, each value is put where those of its
 * key lie. A value is moved twice whatever the number of keys, where an array for each key would grow by fits and starts all over the heap.
 */

import { freshPlaces } from "../lib/fresh-places.js";

type Numbers = Int32Array | Float64Array;

export class GroupedValues {
  #slots: Int32Array[] = [];
  #values: ArrayLike<unknown>[] = [];
  /** How many values each slot has. */
  #counts = new Int32Array(64);
  #rows = 0;
  #flat: ArrayLike<unknown> | undefined;
  /** Where the values of each slot end in `#flat`. */
  #ends = new Int32Array(0);

  get rows(): number {
    return this.#rows;
  }

  /** Some value, to guess how large one is. */
  sample(): unknown {
    const last = this.#values.at(-1);
    return last?.[last.length >> 1];
  }

  /** Whether values are numbers in typed columns so far: then they take no heap. */
  get isTyped(): boolean {
    return this.#values.every(isNumbers);
  }

  /** Notes rows: `slots[i]` and `values[i]` for each value. `size` is the number of slots there are. `values` must not change any more. */
  add(slots: Int32Array, values: ArrayLike<unknown>, size: number): void {
    while (this.#counts.length < size) this.#counts = doubled(this.#counts);
    const own = slots.slice(0, values.length);
    const counts = this.#counts;
    for (let i = 0; i < own.length; i++) (counts[own[i] as number] as number)++;
    this.#slots.push(own);
    this.#values.push(values);
    this.#rows += values.length;
  }

  /** Brings the values of each slot together. No row comes after this. */
  close(size: number): void {
    const next = new Int32Array(size);
    let end = 0;
    for (let slot = 0; slot < size; slot++) {
      next[slot] = end;
      end += this.#counts[slot] as number;
    }
    this.#flat = this.#scattered(next);
    // Each slot's place has moved to its end.
    this.#ends = next;
    this.#slots = [];
    this.#values = [];
  }

  /** The values of a slot in the order in which they came, as a new array. */
  at(slot: number): unknown[] {
    const flat = this.#flat as ArrayLike<unknown>;
    const count = this.#counts[slot] as number;
    const start = (this.#ends[slot] as number) - count;
    const values = new Array<unknown>(count);
    for (let i = 0; i < count; i++) values[i] = flat[start + i];
    return values;
  }

  #scattered(next: Int32Array): ArrayLike<unknown> {
    if (this.#values.every((values) => values instanceof Int32Array)) {
      const flat = new Int32Array(this.#rows);
      this.#values.forEach((values, at) => {
        scatterInts(flat, next, this.#slots[at] as Int32Array, values as Int32Array);
      });
      return flat;
    }
    if (this.isTyped) {
      const flat = new Float64Array(this.#rows);
      this.#values.forEach((values, at) => {
        scatterNumbers(flat, next, this.#slots[at] as Int32Array, values as Numbers);
      });
      return flat;
    }
    const flat = new Array<unknown>(this.#rows);
    this.#values.forEach((values, at) => {
      scatterAny(flat, next, this.#slots[at] as Int32Array, values);
    });
    return flat;
  }
}

function isNumbers(values: ArrayLike<unknown>): values is Numbers {
  return values instanceof Int32Array || values instanceof Float64Array;
}

function doubled(counts: Int32Array): Int32Array<ArrayBuffer> {
  const larger = freshPlaces(counts.length * 2);
  larger.set(counts);
  return larger;
}

// Three loops of one form, so that each is compiled for one kind of storage.

function scatterInts(flat: Int32Array, next: Int32Array, slots: Int32Array, values: Int32Array): void {
  for (let i = 0; i < slots.length; i++) flat[(next[slots[i] as number] as number)++] = values[i] as number;
}

function scatterNumbers(flat: Float64Array, next: Int32Array, slots: Int32Array, values: Numbers): void {
  for (let i = 0; i < slots.length; i++) flat[(next[slots[i] as number] as number)++] = values[i] as number;
}

function scatterAny(flat: unknown[], next: Int32Array, slots: Int32Array, values: ArrayLike<unknown>): void {
  for (let i = 0; i < slots.length; i++) flat[(next[slots[i] as number] as number)++] = values[i];
}
