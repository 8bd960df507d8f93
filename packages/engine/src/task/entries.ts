/**
 * What a key table holds for its keys, in the order of their slots. While all of it is numbers it lies in a Float64Array that is longer than needed: an
 * array of the heap that grows to a million entries is copied, swept and marked again and again.
 */

export type Entries = Float64Array<ArrayBuffer> | unknown[];

const FIRST_ENTRIES = 64;

export function noEntries(): Entries {
  return new Float64Array(FIRST_ENTRIES);
}

/** These `size` entries where `entry` can be put behind them, or in place of one: themselves, or a copy. */
export function roomFor(entries: Entries, size: number, entry: unknown): Entries {
  if (!(entries instanceof Float64Array)) return entries;
  if (typeof entry !== "number") return Array.from(entries.subarray(0, size));
  if (size < entries.length) return entries;
  const larger = new Float64Array(entries.length * 2);
  larger.set(entries);
  return larger;
}
