/**
 * The order of texts, found from their bytes: by radix over eight bytes at a time, each run of those equal so far by the next eight. Small runs
 * are merged by comparison.
 */
import { mergeSort } from "./merge-sort.js";
import { invertKeys, type RadixKeys, radixSort } from "./radix-sort.js";

/** UTF-8 whose bytes are in the order of the texts (`orderTexts`): the i-th is `bytes` from `offsets[i]` to `offsets[i + 1]`. */
export interface SortTexts {
  readonly bytes: Uint8Array;
  readonly offsets: Uint32Array;
  /** Whether a text has a byte 0: then zeros after its end cannot tell the order. */
  readonly hasZeros: boolean;
}

/** Fewer texts are sorted by comparison: counting buckets costs more. */
const RADIX_MIN = 256;
/** Bytes that make one radix key. */
const PREFIX_BYTES = 8;
/** Lead bytes of characters of four bytes, of which UTF-16 makes two units from 0xD800 on. */
const FOUR_BYTES_FROM = 0xf0;
/** Lead bytes of characters from U+E000 on, which UTF-16 puts behind those of four bytes. */
const LATE_FROM = 0xee;
const LATE_SHIFT = 8;

/**
 * Makes the order of the bytes that of UTF-16 code units, in place. They differ only where texts have characters of four bytes beside some from U+E000 to
 * U+FFFF: the lead bytes of the latter become larger than all others. Bytes without lone surrogates only.
 */
export function orderTexts(bytes: Uint8Array, offsets: Uint32Array): SortTexts {
  let [hasZeros, hasFour] = [false, false];
  if (!areAsciiWithoutZeros(bytes)) {
    for (let i = 0; i < bytes.length; i++) {
      const byte = bytes[i] as number;
      if (byte === 0) hasZeros = true;
      else if (byte >= FOUR_BYTES_FROM) hasFour = true;
    }
    if (hasFour) {
      for (let i = 0; i < bytes.length; i++) {
        const byte = bytes[i] as number;
        if (byte >= LATE_FROM && byte < FOUR_BYTES_FROM) bytes[i] = byte + LATE_SHIFT;
      }
    }
  }
  return { bytes, offsets, hasZeros };
}

/** Four bytes at a time. `bytes` starts at a multiple of 4. */
function areAsciiWithoutZeros(bytes: Uint8Array): boolean {
  const words = new Int32Array(bytes.buffer, bytes.byteOffset, bytes.length >> 2);
  let bad = 0;
  for (let i = 0; i < words.length; i++) {
    const word = words[i] as number;
    bad |= word | ((word - 0x01010101) & ~word);
  }
  for (let i = words.length * 4; i < bytes.length; i++) bad |= bytes[i] === 0 ? 0x80 : (bytes[i] as number);
  return (bad & 0x80808080) === 0;
}

/** Sorts indices (of all texts) by them; equal ones keep their order. */
export function sortTexts(texts: SortTexts, indices: Uint32Array, ascending: boolean): void {
  const compare = ascending
    ? (a: number, b: number): number => compareTexts(texts, a, b)
    : (a: number, b: number): number => compareTexts(texts, b, a);
  if (texts.hasZeros) return mergeSort(indices, 0, indices.length, compare);
  // Runs wait on a list: texts may be long and alike.
  const runs: [start: number, end: number, from: number][] = [[0, indices.length, commonPrefix(texts)]];
  for (let run = runs.pop(); run !== undefined; run = runs.pop()) {
    const [start, end, from] = run;
    if (end - start < RADIX_MIN) {
      mergeSort(indices, start, end, compare);
      continue;
    }
    const part = indices.subarray(start, end);
    const { keys, hasMore } = prefixKeys(texts, part, from);
    if (!hasMore) continue;
    if (!ascending) invertKeys(keys);
    pushRuns(keys, sortPart(keys, part), start, from, runs);
  }
}

/** Sorts a part by its keys; returns the places in which they stand then. */
function sortPart(keys: RadixKeys, part: Uint32Array): Uint32Array {
  const places = new Uint32Array(part.length);
  for (let i = 0; i < places.length; i++) places[i] = i;
  radixSort(keys, places);
  const sorted = new Uint32Array(part.length);
  for (let i = 0; i < places.length; i++) sorted[i] = part[places[i] as number] as number;
  part.set(sorted);
  return places;
}

/** Runs of equal prefixes that have more bytes to come. */
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
    if (i - runStart > 1) runs.push([start + runStart, start + i, from + PREFIX_BYTES]);
    runStart = i;
  }
}

/** Eight bytes of each text from `from` on as two words, the first in the highest byte, zeros after a text's end. `hasMore`: some text is longer than `from`. */
function prefixKeys(
  { bytes, offsets }: SortTexts,
  indices: Uint32Array,
  from: number,
): { keys: RadixKeys; hasMore: boolean } {
  const count = indices.length;
  const low = new Uint32Array(count);
  const high = new Uint32Array(count);
  let hasMore = false;
  for (let i = 0; i < count; i++) {
    const index = indices[i] as number;
    const start = (offsets[index] as number) + from;
    const end = offsets[index + 1] as number;
    if (start >= end) continue;
    hasMore = true;
    let first = 0;
    let second = 0;
    if (start + PREFIX_BYTES <= end) {
      first = wordAt(bytes, start);
      second = wordAt(bytes, start + 4);
    } else {
      for (let at = start, shift = 56; at < end; at++, shift -= 8) {
        if (shift >= 32) first |= (bytes[at] as number) << (shift - 32);
        else second |= (bytes[at] as number) << shift;
      }
    }
    high[i] = first;
    low[i] = second;
  }
  return { keys: { low, high }, hasMore };
}

function wordAt(bytes: Uint8Array, at: number): number {
  return (
    ((bytes[at] as number) << 24) |
    ((bytes[at + 1] as number) << 16) |
    ((bytes[at + 2] as number) << 8) |
    (bytes[at + 3] as number)
  );
}

/** Bytes with which all texts begin. */
function commonPrefix({ bytes, offsets }: SortTexts): number {
  const count = offsets.length - 1;
  let length = count === 0 ? 0 : (offsets[1] as number);
  for (let i = 1; i < count && length > 0; i++) {
    const start = offsets[i] as number;
    const most = Math.min(length, (offsets[i + 1] as number) - start);
    let same = 0;
    while (same < most && bytes[start + same] === bytes[same]) same++;
    length = same;
  }
  return length;
}

function compareTexts({ bytes, offsets }: SortTexts, a: number, b: number): number {
  const aStart = offsets[a] as number;
  const bStart = offsets[b] as number;
  const aLength = (offsets[a + 1] as number) - aStart;
  const bLength = (offsets[b + 1] as number) - bStart;
  const shared = Math.min(aLength, bLength);
  for (let i = 0; i < shared; i++) {
    const difference = (bytes[aStart + i] as number) - (bytes[bStart + i] as number);
    if (difference !== 0) return difference;
  }
  return aLength - bLength;
}
