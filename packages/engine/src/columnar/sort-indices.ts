/**
 * The order of keys, as their indices. Stable: equal keys keep their order, whichever way the sort goes.
 *
 * Under the default order, numbers and strings are sorted by radix: of numbers the bits, of strings eight characters at a time. All else is
 * merged by comparison. Tuples of these are sorted by their last element first.
 */
import { compareValues } from "../lib/ordering.js";
import { mergeSort } from "./merge-sort.js";
import { type RadixKeys, radixSort } from "./radix-sort.js";

/** Fewer keys are sorted by comparison: counting buckets costs more. */
const RADIX_MIN = 256;
/** Keys that are longer arrays are sorted by comparison: their first elements decide, most likely. */
const TUPLE_WIDTH_MAX = 4;
/** Characters that make one radix key. */
const PREFIX_UNITS = 8;

type Order = (a: unknown, b: unknown) => number;

/** Indices of `keys` in ascending (or descending) order. Throws what `compare` throws; the default order throws UNSUPPORTED_KEY. */
export function sortIndices(keys: ArrayLike<unknown>, compare?: Order, ascending = true): Uint32Array {
  const count = keys.length;
  const indices = new Uint32Array(count);
  for (let i = 0; i < count; i++) indices[i] = i;
  if (count < 2) return indices;
  if (compare === undefined && count >= RADIX_MIN) {
    const passes = radixPasses(keys);
    if (passes !== undefined) {
      for (const pass of passes) pass(indices, ascending);
      return indices;
    }
  }
  const order = compare ?? compareValues;
  mergeSort(indices, 0, count, ascending ? (a, b) => order(keys[a], keys[b]) : (a, b) => order(keys[b], keys[a]));
  return indices;
}

/** Sorts indices by one element of the keys; what is equal keeps its order. */
type Pass = (indices: Uint32Array, ascending: boolean) => void;

/** The passes that sort these keys, the least significant first, or undefined when radix does not serve. */
function radixPasses(keys: ArrayLike<unknown>): Pass[] | undefined {
  const single = radixPass(keys);
  if (single !== undefined) return [single];
  const columns = tupleColumns(keys);
  if (columns === undefined) return undefined;
  const passes = columns.map(radixPass).reverse();
  return passes.every((pass) => pass !== undefined) ? passes : undefined;
}

function radixPass(keys: ArrayLike<unknown>): Pass | undefined {
  const numbers = numbersOf(keys);
  if (numbers !== undefined) return (indices, ascending) => sortNumbers(numbers, indices, ascending);
  if (areStrings(keys)) return (indices, ascending) => sortStrings(keys as ArrayLike<string>, indices, ascending);
  return undefined;
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
  if (!ascending) invert(keys);
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

function invert({ low, high }: RadixKeys): void {
  for (let i = 0; i < low.length; i++) low[i] = ~(low[i] as number);
  if (high !== undefined) for (let i = 0; i < high.length; i++) high[i] = ~(high[i] as number);
}

/** Sorts by eight characters, then each run of those equal so far by the next eight. Runs wait on a list: texts may be long and alike. */
function sortStrings(keys: ArrayLike<string>, indices: Uint32Array, ascending: boolean): void {
  const compare = (a: number, b: number): number => {
    const [first, second] = ascending ? [keys[a] as string, keys[b] as string] : [keys[b] as string, keys[a] as string];
    return first < second ? -1 : first > second ? 1 : 0;
  };
  const runs: [start: number, end: number, from: number][] = [[0, indices.length, commonPrefix(keys)]];
  for (let run = runs.pop(); run !== undefined; run = runs.pop()) {
    const [start, end, from] = run;
    const part = indices.subarray(start, end);
    const prefixes = end - start < RADIX_MIN ? undefined : prefixKeys(keys, part, from);
    if (prefixes === undefined) {
      mergeSort(indices, start, end, compare);
      continue;
    }
    if (!ascending) invert(prefixes);
    const places = Uint32Array.from({ length: part.length }, (_, index) => index);
    radixSort(prefixes, places);
    const sorted = places.map((place) => part[place] as number);
    part.set(sorted);
    pushRuns(prefixes, places, start, from, runs);
  }
}

/** Runs of equal prefixes that have more characters to come. */
function pushRuns(
  { low, high = low }: RadixKeys,
  places: Uint32Array,
  start: number,
  from: number,
  runs: [number, number, number][],
): void {
  let runStart = 0;
  for (let i = 1; i <= places.length; i++) {
    const first = places[runStart] as number;
    const next = i < places.length ? (places[i] as number) : -1;
    if (next >= 0 && low[first] === low[next] && high[first] === high[next]) continue;
    if (i - runStart > 1) runs.push([start + runStart, start + i, from + PREFIX_UNITS]);
    runStart = i;
  }
}

/** Characters that all keys begin with. */
function commonPrefix(keys: ArrayLike<string>): number {
  const first = keys[0] as string;
  let length = first.length;
  for (let i = 1; i < keys.length && length > 0; i++) {
    const key = keys[i] as string;
    if (key.length < length) length = key.length;
    let same = 0;
    while (same < length && key.charCodeAt(same) === first.charCodeAt(same)) same++;
    length = same;
  }
  return length;
}

/**
 * Eight characters from `from` on as two words, the first in the highest byte, zeros after a string's end. Undefined when a character is
 * not ASCII, or when a string ends in this part or before, among strings with U+0000: then bytes cannot tell the order.
 */
function prefixKeys(keys: ArrayLike<string>, indices: Uint32Array, from: number): RadixKeys | undefined {
  const count = indices.length;
  const low = new Uint32Array(count);
  const high = new Uint32Array(count);
  let longest = 0;
  for (let i = 0; i < count; i++) {
    const key = keys[indices[i] as number] as string;
    if (key.length > longest) longest = key.length;
    const end = Math.min(key.length, from + PREFIX_UNITS);
    let first = 0;
    let second = 0;
    for (let at = from; at < end; at++) {
      const unit = key.charCodeAt(at);
      if (unit === 0 || unit > 127) return undefined;
      const place = at - from;
      if (place < 4) first |= unit << (24 - place * 8);
      else second |= unit << (56 - place * 8);
    }
    high[i] = first;
    low[i] = second;
  }
  return longest <= from ? undefined : { low, high };
}
