/** Containers that are being filled from their bytes, and what goes into them. */
import { VolleyError } from "../wire/errors.js";
import type { PrivateFields } from "./types.js";

export const FRAME_ARRAY = 0;
export const FRAME_OBJECT = 1;
export const FRAME_SPARSE = 2;
export const FRAME_MAP = 3;
export const FRAME_SET = 4;
/** Waits for its base, then takes properties. */
export const FRAME_EXTRA = 5;
/** Waits for its private fields, then takes properties. */
export const FRAME_STAMPED = 6;

/** A container being filled. */
export interface Frame {
  readonly kind: number;
  target: object;
  /** Values still to come. */
  left: number;
  /** Where the next value goes: an index, a property's name, or a Map's key. FRAME_STAMPED: the fields that it waits for. */
  at: unknown;
  /** FRAME_MAP: has `at` been read? FRAME_EXTRA: has the base? FRAME_STAMPED: have the fields? */
  isHalf: boolean;
}

export interface StampedFields {
  readonly privates: PrivateFields;
  readonly values: unknown[];
}

export function corrupt(what: string): VolleyError {
  return new VolleyError("BLOCK_CORRUPT", `a serialized value does not make sense: ${what}`);
}

export function defineOwn(target: object, name: string, value: unknown, enumerable: boolean): void {
  Object.defineProperty(target, name, { value, enumerable, writable: true, configurable: true });
}

/** Longer arrays are made without room for their elements. */
const ARRAY_ROOM_MAX = 100_000;

/** An array of holes. A large one is kept sparse, whatever V8 would like to allocate. */
export function emptyArray(length: number): unknown[] {
  const array: unknown[] = [];
  if (length > 4294967295) throw corrupt("an array's length");
  if (length <= ARRAY_ROOM_MAX) {
    array.length = length;
    return array;
  }
  array[length - 1] = undefined;
  delete array[length - 1];
  return array;
}
