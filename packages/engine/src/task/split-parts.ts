/** Parts of text splits from all over them: for estimates, which need not see every line. */

import type { Prng } from "../lib/prng.js";
import type { FileSplit } from "./task-io.js";

/** Parts of a partition: lines that lie together may be alike, so ranges found from them are off by a 64th of it at worst, mostly by far less. */
const PARTS = 64;
/** Bytes of a part: some hundred lines. */
export const PART_BYTES = 16 << 10;
/** Less is read whole: finding places costs more than reading on. */
const WHOLE_BYTES_MAX = 4 * PARTS * PART_BYTES;

/** Parts of the splits, and what share of their bytes these are. Splits that cannot be cut are kept whole, and so are small ones. */
export function splitParts(
  splits: readonly FileSplit[],
  random: Prng,
): { splits: readonly FileSplit[]; share: number } {
  const bytes = splits.reduce((sum, { length }) => sum + length, 0);
  if (bytes < WHOLE_BYTES_MAX || splits.some(({ codec }) => codec !== undefined)) return { splits, share: 1 };
  const parts: FileSplit[] = [];
  for (const split of splits) {
    const count = Math.ceil((PARTS * split.length) / bytes);
    const step = Math.floor(split.length / count);
    for (let index = 0; index < count; index++) {
      const length = Math.min(PART_BYTES, step);
      const start = split.start + index * step + Math.floor(random.nextDouble() * (step - length));
      parts.push({ ...split, start, length, chunkBytes: PART_BYTES + CHUNK_SLACK });
    }
  }
  return { splits: parts, share: parts.reduce((sum, { length }) => sum + length, 0) / bytes };
}

/** The last line of a part ends behind it. */
const CHUNK_SLACK = 1 << 10;
