/** Stable sort of indices by unsigned words, least significant digits first. */

/** The key of each index: `high`, if there is one, decides before `low`. */
export interface RadixKeys {
  readonly low: Uint32Array;
  readonly high?: Uint32Array | undefined;
}

/** Bits of a digit: its 2,048 counters stay in the first-level cache. */
const DIGIT_BITS = 11;
const DIGIT_COUNT = 1 << DIGIT_BITS;
const DIGIT_MASK = DIGIT_COUNT - 1;

/** Sorts `indices` (any selection of key positions) in place by their keys. */
export function radixSort(keys: RadixKeys, indices: Uint32Array): void {
  let from = indices;
  let to: Uint32Array = new Uint32Array(indices.length);
  for (const word of keys.high === undefined ? [keys.low] : [keys.low, keys.high]) {
    for (let shift = 0; shift < 32; shift += DIGIT_BITS) {
      if (!scatter(word, shift, from, to)) continue;
      [from, to] = [to, from];
    }
  }
  if (from !== indices) indices.set(from);
}

/** One pass; false, with nothing moved, when all keys have the same digit. */
function scatter(word: Uint32Array, shift: number, from: Uint32Array, to: Uint32Array): boolean {
  const starts = new Uint32Array(DIGIT_COUNT);
  const count = from.length;
  for (let i = 0; i < count; i++) {
    const digit = ((word[from[i] as number] as number) >>> shift) & DIGIT_MASK;
    starts[digit] = (starts[digit] as number) + 1;
  }
  const sample = ((word[from[0] as number] as number) >>> shift) & DIGIT_MASK;
  if (starts[sample] === count) return false;
  let start = 0;
  for (let digit = 0; digit < DIGIT_COUNT; digit++) {
    const size = starts[digit] as number;
    starts[digit] = start;
    start += size;
  }
  for (let i = 0; i < count; i++) {
    const index = from[i] as number;
    const digit = ((word[index] as number) >>> shift) & DIGIT_MASK;
    const at = starts[digit] as number;
    starts[digit] = at + 1;
    to[at] = index;
  }
  return true;
}

/** Turns the order of keys round. */
export function invertKeys({ low, high }: RadixKeys): void {
  for (let i = 0; i < low.length; i++) low[i] = ~(low[i] as number);
  if (high !== undefined) for (let i = 0; i < high.length; i++) high[i] = ~(high[i] as number);
}
