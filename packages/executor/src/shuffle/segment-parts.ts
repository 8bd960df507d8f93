/** A segment of a map output as the chunks it is made of: what is read, sent and checked at once. */

import type { BlockPlace, LocalOutput } from "../task/slot-messages.js";

export interface SegmentPart {
  readonly place: BlockPlace;
  /** Within its segment, in bytes. */
  readonly offset: number;
  readonly crc32: number;
}

/** In their order; none when the segment is empty. */
export function segmentParts(
  output: Omit<LocalOutput, "mapPartition">,
  reducePartition: number,
): readonly SegmentPart[] {
  const { offsets, checksums, chunks } = output;
  const [from, until] = [offsets[reducePartition] as number, offsets[reducePartition + 1] as number];
  if (from === until) return [];
  if (chunks === undefined) return [partOf(output, from, from, until, checksums[reducePartition] as number)];
  const parts: SegmentPart[] = [];
  for (let at = chunkAt(chunks.offsets, from); (chunks.offsets[at] as number) < until; at++) {
    const [start, end] = [chunks.offsets[at] as number, chunks.offsets[at + 1] as number];
    parts.push(partOf(output, from, start, end, chunks.checksums[at] as number));
  }
  return parts;
}

function partOf(
  { place }: Pick<LocalOutput, "place">,
  segmentStart: number,
  start: number,
  end: number,
  crc32: number,
): SegmentPart {
  const offset = start - segmentStart;
  if (place.at === "memory") return { place: { at: "memory", bytes: place.bytes.subarray(start, end) }, offset, crc32 };
  return {
    place: { at: "disk", path: place.path, offset: place.offset + start, length: end - start, crc32 },
    offset,
    crc32,
  };
}

/** The index of the chunk that begins at `start`. */
function chunkAt(offsets: Float64Array, start: number): number {
  let [low, high] = [0, offsets.length - 1];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((offsets[middle] as number) < start) low = middle + 1;
    else high = middle;
  }
  return low;
}
