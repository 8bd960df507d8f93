/**
 * The contract between rows and blocks.
 *
 * A block is an Arrow IPC stream: one schema, any number of record batches. Every JavaScript value comes back as it was: `-0`, NaN,
 * undefined apart from null, holes, bigint, Date, typed arrays, Map, Set, RegExp, lone surrogates, class instances, cycles and shared
 * references within a row. What cannot leave the process (functions, symbols, promises, WeakMaps) is ROW_NOT_TRANSFERABLE.
 */

import type { FlatVectors } from "./flat-vectors.js";

/** How instances of one class with private members are read and made, from outside the class. */
export interface PrivateFields {
  /** The values of all private fields, its parents' first, each class's in the order of its text. Throws ROW_NOT_TRANSFERABLE for an object that lacks them. */
  read(instance: object): readonly unknown[];
  /** An instance with all private members, none of which has a value yet, and no other properties. Throws ROW_NOT_TRANSFERABLE. */
  make(): object;
  /** Gives an instance the values that `read` gave of another. */
  write(instance: object, values: readonly unknown[]): void;
}

/** Which classes rows may be instances of. Ids are given by the driver; a slot asks the driver for a class it has not met. */
export interface ClassRegistry {
  /** The id of a class, or undefined when it is unknown here. The driver's registry makes a new id for a new class. */
  idOf(constructor: Function): number | undefined;
  /** The class of an id; throws when there is none. */
  byId(classId: number): Function;
  /** For a class (or one with a parent) that has private members; undefined where they cannot be reached. */
  privateFields?(constructor: Function): PrivateFields | undefined;
}

/** One record batch, read lazily: what is not asked for is not decoded. */
export interface BatchView {
  readonly rowCount: number;
  /** Bytes of its columns, where they lie in memory as columns. */
  readonly byteLength: number;
  /** What a row is: one value, a tuple of `width` elements, or an object with `fields`. */
  readonly shape:
    | { readonly kind: "value" }
    | { readonly kind: "tuple"; readonly width: number }
    | { readonly kind: "object"; readonly fields: readonly string[] };
  /** All rows as JavaScript values. Decoded once. */
  rows(): readonly unknown[];
  /**
   * The values of one element (tuple: its index, object: its field's name, value: undefined) as something to index: a typed array
   * where all are numbers of one kind, otherwise an array of values. Decoded once.
   */
  column(element?: Element): ArrayLike<unknown>;
  /** What the rows, or elements of them, are: of those inside others a tuple or an object only where none is null. */
  shapeOf(path: readonly (number | string)[]): BatchView["shape"];
  /** The same as vectors of numbers that are not made yet; undefined where the values are something else, or not all vectors. */
  vectors(element?: Element): FlatVectors | undefined;
  /** The same element as it lies in its block, where it is a column of strings without nulls. */
  texts?(element?: Element): TextColumn | undefined;
}

/** An element of the rows, or by its path one inside others: `[1, "price"]`. */
export type Element = number | string | readonly (number | string)[];

/** Strings as UTF-8: the i-th one is `bytes` from `offsets[i]` to `offsets[i + 1]`, which have been checked. */
export interface TextColumn {
  readonly bytes: Uint8Array;
  readonly offsets: Int32Array;
  readonly count: number;
}
