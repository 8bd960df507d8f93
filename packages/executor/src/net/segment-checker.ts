import { crc32 as zlibCrc32 } from "node:zlib";
import { VolleyError } from "@volley/engine/wire/errors.js";
import type { MapOutputIndex } from "@volley/engine/wire/messages.js";

const crc32 = zlibCrc32 as (bytes: Uint8Array, before?: number) => number;

type Parts = Pick<MapOutputIndex, "offsets" | "checksums">;

/** Checks a map output that comes piece by piece: each segment, or chunk of one, against its checksum in the index. Throws BLOCK_CORRUPT. */
export class SegmentChecker {
  readonly #index: Parts;
  #segment = 0;
  #at = 0;
  #checksum = 0;

  constructor(index: MapOutputIndex) {
    this.#index = index.chunks ?? index;
  }

  take(piece: Uint8Array): void {
    const { offsets } = this.#index;
    for (let from = 0; from < piece.byteLength; ) {
      const end = offsets[this.#segment + 1];
      if (end === undefined) throw damaged("is longer than its index says");
      const until = Math.min(piece.byteLength, from + end - this.#at);
      this.#checksum = crc32(piece.subarray(from, until), this.#checksum);
      this.#at += until - from;
      from = until;
      this.#endSegments();
    }
  }

  /** After the last piece. */
  end(): void {
    this.#endSegments();
    if (this.#segment !== this.#index.checksums.length) throw damaged("is shorter than its index says");
  }

  /** Past the segment that is full, and the empty ones after it. */
  #endSegments(): void {
    const { offsets, checksums } = this.#index;
    while (this.#segment < checksums.length && offsets[this.#segment + 1] === this.#at) {
      if (offsets[this.#segment] !== this.#at && checksums[this.#segment] !== this.#checksum)
        throw damaged("has a segment that does not fit its checksum");
      this.#segment++;
      this.#checksum = 0;
    }
  }
}

/** Do its numbers make an index, of so many bytes? */
export function isIndexOf({ offsets, checksums, chunks }: MapOutputIndex, bytes: number): boolean {
  return isPartition({ offsets, checksums }, bytes) && (chunks === undefined || isPartition(chunks, bytes));
}

function isPartition({ offsets, checksums }: Parts, bytes: number): boolean {
  if (offsets.length !== checksums.length + 1 || offsets[0] !== 0 || offsets.at(-1) !== bytes) return false;
  return offsets.every((offset, at) => at === 0 || offset >= (offsets[at - 1] as number));
}

function damaged(what: string): VolleyError {
  return new VolleyError("BLOCK_CORRUPT", `a map output ${what}`);
}
