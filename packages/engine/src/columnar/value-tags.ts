/**
 * The tagged encoding of single values: one byte of tag, then what the tag asks for. Lengths and counts are LEB128 varints, numbers
 * little-endian. Objects are numbered in the order in which their tags stand (EXTRA takes no number: its base does), so that a later
 * occurrence is a BACK reference; a container's tag stands before its contents, so cycles need nothing more.
 *
 * The encoding lives inside blocks, which no other version of the engine reads: tags may be renumbered freely.
 */

import { TYPED_ARRAYS } from "../lib/typed-arrays.js";
export const TAG = {
  UNDEFINED: 0,
  NULL: 1,
  TRUE: 2,
  FALSE: 3,
  /** An array's missing element. */
  HOLE: 4,
  /** Zigzag varint of an int32 (-0 is a DOUBLE). */
  INT: 5,
  DOUBLE: 6,
  /** Varint length, then one byte a UTF-16 unit; all units are below 256. */
  LATIN1: 7,
  /** Varint length, then two bytes a unit; lone surrogates survive. */
  UTF16: 8,
  /** Sign byte, text of the magnitude in hexadecimal as LATIN1's payload. */
  BIGINT: 9,
  DATE: 10,
  /** Varint number of an object that stands earlier. */
  BACK: 11,
  /** Varint length, elements. */
  ARRAY: 12,
  /** Varint length, varint count, (varint index, element)*. */
  SPARSE_ARRAY: 13,
  /** Varint count, (name, value)*. */
  OBJECT: 14,
  /** As OBJECT, without a prototype. */
  BARE_OBJECT: 15,
  /** Varint class id, then as OBJECT. */
  INSTANCE: 16,
  /** Varint count, (key, value)*. */
  MAP: 17,
  /** Varint count, values. */
  SET: 18,
  /** Source, flags (both names), varint lastIndex. */
  REGEXP: 19,
  /** Index in ERROR_CLASSES, then message and stack as values. */
  ERROR: 20,
  /** Index in VIEW_CLASSES, varint byte length, bytes. */
  VIEW: 21,
  ARRAY_BUFFER: 22,
  /** A Number, String, Boolean or BigInt object: its primitive as a value. */
  BOXED: 23,
  URL: 24,
  /**
   * Varint class id + 1 (0: none), then a base value of a built-in class, varint count, (name, value)*: own properties besides what the
   * built-in holds, and the class of an instance that extends the built-in.
   */
  EXTRA: 25,
  /** An instance with private members: varint class id, varint count, values of its private fields, then as OBJECT. */
  STAMPED: 26,
} as const;

type ViewClass = { new (buffer: ArrayBuffer): ArrayBufferView; readonly name: string };

/** Index in this list is the byte that stands for the class. Buffer is told apart from Uint8Array. */
export const VIEW_CLASSES: readonly ViewClass[] = [...TYPED_ARRAYS, DataView];
export const VIEW_BUFFER = VIEW_CLASSES.length;

export const ERROR_CLASSES: readonly ErrorConstructor[] = [
  Error,
  EvalError,
  RangeError,
  ReferenceError,
  SyntaxError,
  TypeError,
  URIError,
  AggregateError as unknown as ErrorConstructor,
];
