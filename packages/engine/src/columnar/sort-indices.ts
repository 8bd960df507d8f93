/** The order of keys as indices: stable. */

import { compareValues } from "../lib/ordering.js";

export function sortIndices(keys: ArrayLike<unknown>, compare: ((a: unknown, b: unknown) => number) | undefined, ascending: boolean): Uint32Array {
  const order = compare ?? compareValues;
  const sign = ascending ? 1 : -1;
  const indices = Array.from({ length: keys.length }, (_, index) => index);
  indices.sort((a, b) => sign * order(keys[a], keys[b]) || a - b);
  return Uint32Array.from(indices);
}
