/**
 * The order of keys, as their indices. Stable: equal keys keep their order, whichever way the sort goes.
 *
 * Under the default order, numbers and strings are sorted by radix: of numbers the bits, of strings their bytes. All else is
 * merged by comparison. Tuples of these are sorted by their last element first.
 */
import { compareValues } from "../lib/ordering.js";
import { BatchTooLarge } from "./batch-too-large.js";
import { mergeSort } from "./merge-sort.js";
import { invertKeys, type RadixKeys, radixSort } from "./radix-sort.js";
import { orderTexts, type SortTexts, sortTexts } from "./sort-texts.js";
import { encodeStrings } from "./utf8-encode.js";

/** Fewer keys are sorted by comparison: counting buckets costs more. */
const RADIX_MIN = 256;
/** Keys that are longer arrays are sorted by comparison: their first elements decide, most likely. */
const TUPLE_WIDTH_MAX = 4;

type Order = (a: unknown, b: unknown) => number;

/** Indices of `keys` in ascending (or descending) order. Throws what `compare` throws; the default order throws UNSUPPORTED_KEY. */
export function sortIndices(keys: ArrayLike<unknown>, compare?: Order, ascending = true): Uint32Array {
  const count = keys.length;
  const indices = new Uint32Array(count);
  for (let i = 0; i < count; i++) indices[i] = i;
  if (count < 2) return indices;
  if (compare === undefined && count >= RADIX_MIN) {
    const columns = columnsOf(keys);
    if (columns !== undefined) return sortColumns(columns, count, ascending);
  }
  const order = compare ?? compareValues;
  mergeSort(indices, 0, count, ascending ? (a, b) => order(keys[a], keys[b]) : (a, b) => order(keys[b], keys[a]));
  return indices;
}

/** Keys, or one element of each, in typed memory. */
export type SortColumn = Float64Array | Int32Array | SortTexts;

/** The same for keys that are in columns already: the first column decides before the second. */
export function sortColumns(columns: readonly SortColumn[], count: number, ascending: boolean): Uint32Array {
  const indices = new Uint32Array(count);
  for (let i = 0; i < count; i++) indices[i] = i;
  if (count < 2) return indices;
  for (const column of columns.toReversed()) {
    if (column instanceof Float64Array || column instanceof Int32Array) sortNumbers(column, indices, ascending);
    else sortTexts(column, indices, ascending);
  }
  return indices;
}

/** Keys as columns, or undefined when radix does not serve. */
function columnsOf(keys: ArrayLike<unknown>): SortColumn[] | undefined {
  const single = columnOf(keys);
  if (single !== undefined) return [single];
  const columns = tupleColumns(keys)?.map(columnOf);
  return columns?.every((column) => column !== undefined) ? columns : undefined;
}

function columnOf(keys: ArrayLike<unknown>): SortColumn | undefined {
  return numbersOf(keys) ?? textsOf(keys);
}

function textsOf(keys: ArrayLike<unknown>): SortTexts | undefined {
  if (!areStrings(keys)) return undefined;
  try {
    const encoded = encodeStrings(keys as readonly unknown[], keys.length);
    return encoded === undefined ? undefined : orderTexts(encoded.bytes, new Uint32Array(encoded.offsets));
  } catch (error) {
    if (error instanceof BatchTooLarge) return undefined;
    throw error;
  }
}

/** The elements of keys that are arrays of one length. */
function tupleColumns(keys: ArrayLike<unknown>): unknown[][] | undefined {
  const first = keys[0];
  if (!Array.isArray(first) || first.length === 0 || first.length > TUPLE_WIDTH_MAX) return undefined;
  const width = first.length;
  const columns = Array.from({ length: width }, (): unknown[] => new Array(keys.length));
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i];
    if (!Array.isArray(key) || key.length !== width) return undefined;
    for (let k = 0; k < width; k++) (columns[k] as unknown[])[i] = key[k];
  }
  return columns;
}

function numbersOf(keys: ArrayLike<unknown>): Float64Array | Int32Array | undefined {
  if (keys instanceof Int32Array || keys instanceof Float64Array) return keys;
  const numbers = new Float64Array(keys.length);
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i];
    if (typeof key !== "number") return undefined;
    numbers[i] = key;
  }
  return numbers;
}

function areStrings(keys: ArrayLike<unknown>): boolean {
  for (let i = 0; i < keys.length; i++) if (typeof keys[i] !== "string") return false;
  return true;
}

function sortNumbers(numbers: Float64Array | Int32Array, indices: Uint32Array, ascending: boolean): void {
  const keys = numbers instanceof Int32Array || areInt32(numbers) ? intKeys(numbers) : doubleKeys(numbers);
  if (!ascending) invertKeys(keys);
  radixSort(keys, indices);
}

function areInt32(numbers: Float64Array): boolean {
  for (let i = 0; i < numbers.length; i++) if (((numbers[i] as number) | 0) !== numbers[i]) return false;
  return true;
}

/** Unsigned words in the order of the numbers. */
function intKeys(numbers: ArrayLike<number>): RadixKeys {
  const low = new Uint32Array(numbers.length);
  for (let i = 0; i < low.length; i++) low[i] = (numbers[i] as number) ^ 0x80000000;
  return { low };
}

/** Two words a number: positive ones with the sign bit set, negative ones with all bits turned. NaN comes last, -0 is 0. */
function doubleKeys(numbers: Float64Array): RadixKeys {
  const count = numbers.length;
  const low = new Uint32Array(count);
  const high = new Uint32Array(count);
  const double = new Float64Array(1);
  const words = new Uint32Array(double.buffer);
  double[0] = 1;
  const lowWord = words[0] === 0 ? 0 : 1;
  for (let i = 0; i < count; i++) {
    const value = numbers[i] as number;
    if (value !== value) {
      low[i] = 0xffffffff;
      high[i] = 0xffffffff;
      continue;
    }
    double[0] = value + 0; // -0 + 0 is 0
    const lowBits = words[lowWord] as number;
    const highBits = words[1 - lowWord] as number;
    const isNegative = highBits >>> 31 === 1;
    low[i] = isNegative ? ~lowBits : lowBits;
    high[i] = isNegative ? ~highBits : highBits | 0x80000000;
  }
  return { low, high };
}
