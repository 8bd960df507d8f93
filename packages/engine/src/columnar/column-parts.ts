/** The parts of a batch's columns: lengths, validity, offsets. All are checked: a damaged batch throws BLOCK_CORRUPT. */
import type { ColumnPlace } from "./column-place.js";
import type { ColumnSource } from "./column-source.js";
import type { ColumnType } from "./column-type.js";
import { corruptBlock } from "./flatbuffer-reader.js";
import type { ArrayOf } from "./plan-binary.js";
import { checkOffsets } from "./utf8-decode.js";

/** The least int64, an invalid Date, has this word and a zero. */
const INT64_MIN_HIGH = -0x80000000;

export class ColumnParts {
  readonly source: ColumnSource;

  constructor(source: ColumnSource) {
    this.source = source;
  }

  /** The elements of a buffer in place. */
  array<T>(constructor: ArrayOf<T>, buffer: number, count: number): T {
    return this.source.array(constructor, buffer, count);
  }

  checkLength(place: ColumnPlace, count: number): void {
    if (place.node >= 0 && this.source.nodeLength(place.node) !== count)
      throw corruptBlock("a column of another length than its rows");
  }

  hasNulls(place: ColumnPlace): boolean {
    return place.node >= 0 && this.source.nodeNulls(place.node) > 0;
  }

  /** The validity bitmap, or undefined when there are no nulls. */
  validity(place: ColumnPlace, count: number): Uint8Array | undefined {
    return this.hasNulls(place) ? this.array(Uint8Array, place.buffer, Math.ceil(count / 8)) : undefined;
  }

  /** `count + 1` offsets, in order, none beyond `byteLength`. */
  offsets(buffer: number, count: number, byteLength: number): Int32Array {
    // Arrow allows a column of no rows to come without its one offset.
    if (count === 0 && this.source.bufferBytes(buffer) === 0) return new Int32Array(1);
    const offsets = this.array(Int32Array, buffer, count + 1);
    checkOffsets(offsets, count, byteLength);
    return offsets;
  }

  /** Texts, bytes and values of kind any as they lie there. */
  bytesOf(place: ColumnPlace, count: number): { bytes: Uint8Array; offsets: Int32Array } {
    const byteLength = this.source.bufferBytes(place.buffer + 2);
    const offsets = this.offsets(place.buffer + 1, count, byteLength);
    return { bytes: this.array(Uint8Array, place.buffer + 2, byteLength), offsets };
  }

  /** The times of Dates, which lie there as int64: NaN for an invalid one. */
  timesOf(place: ColumnPlace, count: number): Float64Array {
    const words = this.array(Int32Array, place.buffer + 1, count * 2);
    const times = new Float64Array(count);
    for (let i = 0; i < count; i++) {
      const low = (words[i * 2] as number) >>> 0;
      const high = words[i * 2 + 1] as number;
      times[i] = high === INT64_MIN_HIGH && low === 0 ? Number.NaN : high * 4294967296 + low;
    }
    return times;
  }

  /** Offsets of lists, and how many items there are. */
  listOf(place: ColumnPlace, count: number): { offsets: Int32Array; total: number } {
    const child = place.children[0] as ColumnPlace;
    const total = this.source.nodeLength(child.node);
    this.#checkItems(child, total);
    return { offsets: this.offsets(place.buffer + 1, count, total), total };
  }

  /** Lists' items are not bounded by the batch's rows: each must have bytes in the body, or a few bytes could ask for billions. */
  #checkItems({ type, children }: ColumnPlace, total: number): void {
    if ((isUnbounded(type) && total > 0) || total > this.source.bodyBytes * 8)
      throw corruptBlock("more items than bytes");
    if (type.kind === "struct") for (const child of children) this.#checkItems(child, total);
  }
}

function isUnbounded(type: ColumnType): boolean {
  return (
    type.kind === "null" ||
    (type.kind === "struct" && type.fields.length === 0) ||
    (type.kind === "vector" && type.width === 0)
  );
}

export function isSet(bits: Uint8Array, index: number): boolean {
  return ((bits[index >> 3] as number) & (1 << (index & 7))) !== 0;
}
