/**
 * Values by key, for one side of a join: each has a row number, and the rows of a key form a chain in the order in which they came. While every key is
 * there once, a row is its key's slot and there are no chains: a join with a table of unique keys takes no more than the values.
 */
import { estimateSize } from "../lib/size-estimate.js";
import { KeyIndex } from "./key-index.js";

const NONE = -1;

export class JoinRows {
  readonly #keys = new KeyIndex();
  readonly #values: unknown[] = [];
  /** By slot; undefined while every key is there once. */
  #first: number[] | undefined;
  #last: number[] = [];
  /** By row. */
  #next: number[] = [];

  /** How many values there are. */
  get size(): number {
    return this.#values.length;
  }

  /** Whether the keys are to be spilled, whatever memory there is. */
  get isFull(): boolean {
    return this.#keys.isFull;
  }

  /** Throws UNSUPPORTED_KEY. */
  add(key: unknown, value: unknown): void {
    const known = this.#keys.size;
    const slot = this.#keys.slotOf(key);
    const row = this.#values.push(value) - 1;
    if (this.#first === undefined) {
      if (slot === known) return;
      this.#chain(known);
    }
    const first = this.#first as unknown as number[];
    this.#next.push(NONE);
    if (slot === known) first.push(row);
    else this.#next[this.#last[slot] as number] = row;
    this.#last[slot] = row;
  }

  /** A key without a value that matters, however often it comes. Throws UNSUPPORTED_KEY. */
  addKey(key: unknown): void {
    const known = this.#keys.size;
    if (this.#keys.slotOf(key) === known) this.#values.push(true);
  }

  /** Whether `addKey` has had this key and nobody has taken it yet. Throws UNSUPPORTED_KEY. */
  takeKey(key: unknown): boolean {
    const row = this.first(key);
    if (row < 0 || this.#values[row] !== true) return false;
    this.#values[row] = false;
    return true;
  }

  /** The first row of a key, or -1. Throws UNSUPPORTED_KEY. */
  first(key: unknown): number {
    const slot = this.#keys.find(key);
    return slot < 0 || this.#first === undefined ? slot : (this.#first[slot] as number);
  }

  /** The next row of the same key, or -1. */
  next(row: number): number {
    return this.#first === undefined ? NONE : (this.#next[row] as number);
  }

  /** About how many bytes a value takes; each key is counted with one of the rows, so that all rows together count all keys. */
  sizeAt(row: number): number {
    return estimateSize(this.#values[row]) + (row < this.#keys.size ? this.#keys.sizeAt(row) : 0);
  }

  valueAt(row: number): unknown {
    return this.#values[row];
  }

  /** Calls `visit` for each key and value, the values of a key one after the other. */
  each(visit: (key: unknown, value: unknown) => void): void {
    for (let slot = 0; slot < this.#keys.size; slot++) {
      const key = this.#keys.keyAt(slot);
      const first = this.#first === undefined ? slot : (this.#first[slot] as number);
      for (let row = first; row >= 0; row = this.next(row)) visit(key, this.#values[row]);
    }
  }

  /** The first key that comes again: from now on rows and slots differ. */
  #chain(keys: number): void {
    this.#first = Array.from({ length: keys }, (_, slot) => slot);
    this.#last = this.#first.slice();
    this.#next = new Array<number>(keys).fill(NONE);
  }
}
