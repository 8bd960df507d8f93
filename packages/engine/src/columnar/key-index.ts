/**
 * Slots for keys by value, in the order in which keys are first seen: what aggregation, distinct and joins stand on.
 *
 * While all keys are int32, numbers, or strings, a table over raw values serves; composites and mixed kinds have a slower one. When a key
 * comes that the present table cannot take, its keys move to one that can. Slots never change.
 */
import { hashKey } from "../lib/hash.js";
import { estimateSize } from "../lib/size-estimate.js";
import { Float64Table } from "./float64-table.js";
import { Int32Table } from "./int32-table.js";
import type { KeyBytes } from "./key-bytes.js";
import { StringTable } from "./string-table.js";
import type { TextColumn } from "./types.js";
import { ValueTable } from "./value-table.js";

const EMPTY = 0;
const INTS = 1;
const DOUBLES = 2;
const STRINGS = 3;
const MIXED = 4;

/** A typed array ends at 4 GiB, and tables are looked at again only after they have grown by a share. */
const TEXT_BYTES_MAX = 1.5 * 2 ** 30;
/** Bytes that lie there for each byte of a text: their buffer is doubled when it is full, and the one it was copied from waits to be collected. */
const TEXT_ROOM = 2;

export class KeyIndex {
  #mode: number = EMPTY;
  #ints = new Int32Table();
  #doubles = new Float64Table();
  #strings = new StringTable();
  #mixed: ValueTable | undefined;
  #slots = new Int32Array(0);

  /** How many keys there are. */
  get size(): number {
    switch (this.#mode) {
      case INTS:
        return this.#ints.size;
      case DOUBLES:
        return this.#doubles.size;
      case STRINGS:
        return this.#strings.size;
      default:
        return this.#mixed === undefined ? 0 : this.#mixed.size;
    }
  }

  /** The slot of a key; a new key gets the next one, `size`. Throws UNSUPPORTED_KEY. */
  slotOf(key: unknown): number {
    if (typeof key === "string") {
      if (this.#mode === STRINGS) return this.#strings.slotOf(key);
    } else if (typeof key === "number") {
      if (this.#mode === INTS && (key | 0) === key) return this.#ints.slotOf(key);
      if (this.#mode === DOUBLES) return this.#doubles.slotOf(key);
    }
    if (this.#mode !== MIXED) this.#turn(key);
    return this.#mode === MIXED ? (this.#mixed as ValueTable).slotOf(key) : this.slotOf(key);
  }

  /** The slots of many keys; the array is good until the next call. Throws UNSUPPORTED_KEY. */
  slotsOf(keys: ArrayLike<unknown>): Int32Array {
    if (this.#slots.length < keys.length) this.#slots = new Int32Array(keys.length);
    const slots = this.#slots;
    if (this.#mode === EMPTY && keys.length > 0) this.#turn(keys[0]);
    if (this.#mode === INTS && keys instanceof Int32Array) this.#ints.slotsOf(keys, slots);
    else for (let i = 0; i < keys.length; i++) slots[i] = this.slotOf(keys[i]);
    return slots;
  }

  /** The same for a column of strings, of which none is made; undefined, with nothing done, when some key is no string. */
  slotsOfTexts(texts: TextColumn): Int32Array | undefined {
    if (this.#mode === EMPTY && texts.count > 0) this.#mode = STRINGS;
    if (this.#mode !== STRINGS) return undefined;
    if (this.#slots.length < texts.count) this.#slots = new Int32Array(texts.count);
    this.#strings.slotsOfColumn(texts, this.#slots);
    return this.#slots;
  }

  /** Strings that take so much are to be spilled, whatever memory there is: soon no array could hold them. */
  get isFull(): boolean {
    return this.#mode === STRINGS && this.#strings.bytes.byteLength > TEXT_BYTES_MAX;
  }

  /** The keys as bytes, where all of them are strings. */
  get texts(): KeyBytes | undefined {
    return this.#mode === STRINGS ? this.#strings.bytes : undefined;
  }

  /** The keys as int32 in the order of their slots, where all of them are that. */
  get ints(): Int32Array | undefined {
    return this.#mode === INTS ? this.#ints.keys() : undefined;
  }

  /** About how many bytes of memory a key takes. */
  sizeAt(slot: number): number {
    return this.#mode === STRINGS ? this.#strings.bytes.lengthOf(slot) * TEXT_ROOM : estimateSize(this.keyAt(slot));
  }

  /** The slot of a key, or -1. Throws UNSUPPORTED_KEY. */
  find(key: unknown): number {
    if (this.#mode === MIXED) return (this.#mixed as ValueTable).find(key);
    if (typeof key === "string") return this.#mode === STRINGS ? this.#strings.find(key) : -1;
    if (typeof key === "number") {
      if (this.#mode === INTS) return (key | 0) === key ? this.#ints.find(key) : -1;
      return this.#mode === DOUBLES ? this.#doubles.find(key) : -1;
    }
    // Refuses what is no key.
    hashKey(key);
    return -1;
  }

  /** The key that a slot was given for, as it was first seen (-0 as 0). */
  keyAt(slot: number): unknown {
    switch (this.#mode) {
      case INTS:
        return this.#ints.keyAt(slot);
      case DOUBLES:
        return this.#doubles.keyAt(slot);
      case STRINGS:
        return this.#strings.keyAt(slot);
      default:
        return (this.#mixed as ValueTable).keyAt(slot);
    }
  }

  /** The `hashKey` of the key at a slot. */
  hashAt(slot: number): number {
    return this.#mode === MIXED ? (this.#mixed as ValueTable).hashAt(slot) : hashKey(this.keyAt(slot));
  }

  /** Chooses the mode that can also take `key`; `slotOf` then finds its place. */
  #turn(key: unknown): void {
    const isNumber = typeof key === "number";
    if (this.#mode === EMPTY && typeof key === "string") this.#mode = STRINGS;
    else if (this.#mode === EMPTY && isNumber) this.#mode = (key | 0) === key ? INTS : DOUBLES;
    else if (this.#mode === INTS && isNumber) this.#turnToDoubles();
    else this.#turnToMixed();
  }

  #turnToDoubles(): void {
    for (const key of this.#ints.keys()) this.#doubles.slotOf(key);
    this.#ints = new Int32Table();
    this.#mode = DOUBLES;
  }

  #turnToMixed(): void {
    const mixed = new ValueTable();
    const size = this.size;
    for (let slot = 0; slot < size; slot++) mixed.slotOf(this.keyAt(slot));
    this.#ints = new Int32Table();
    this.#doubles = new Float64Table();
    this.#strings = new StringTable();
    this.#mixed = mixed;
    this.#mode = MIXED;
  }
}
