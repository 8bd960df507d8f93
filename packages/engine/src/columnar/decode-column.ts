/**
 * Columns of a record batch as JavaScript values. Every length and offset is checked against the bytes before it is followed: a damaged
 * batch throws BLOCK_CORRUPT, and costs no more than a sound one of its size.
 */

import type { BatchHead } from "./arrow-message.js";
import type { BytesType, ColumnType, ListType, NullKind, StructType, VectorType } from "./column-type.js";
import { asArray, cutNumbers } from "./cut-lists.js";
import type { FlatVectors } from "./flat-vectors.js";
import { corruptBlock } from "./flatbuffer-reader.js";
import { type ArrayOf, VECTOR_CLASSES } from "./plan-binary.js";
import { instanceBuilder, objectBuilder, type RowBuilder, tupleBuilder } from "./row-builder.js";
import type { ClassRegistry, TextColumn } from "./types.js";
import { checkOffsets, decodeStrings } from "./utf8-decode.js";
import { ValueDecoder } from "./value-decoder.js";

/** Where a column's parts stand among a batch's nodes and buffers. */
export interface ColumnPlace {
  readonly type: ColumnType;
  /** Its node; -1 for the row itself when its elements are the columns. */
  readonly node: number;
  readonly buffer: number;
  readonly children: readonly ColumnPlace[];
  /** Where the next column's parts begin. */
  readonly nextNode: number;
  readonly nextBuffer: number;
}

/** Lays out a type whose parts begin at `node` and `buffer`. */
export function placeColumn(type: ColumnType, node: number, buffer: number, isFlat = false): ColumnPlace {
  let nextNode = isFlat ? node : node + 1;
  let nextBuffer = isFlat ? buffer : buffer + ownBuffers(type);
  const children: ColumnPlace[] = [];
  for (const child of childTypes(type)) {
    const place = placeColumn(child, nextNode, nextBuffer);
    children.push(place);
    nextNode = place.nextNode;
    nextBuffer = place.nextBuffer;
  }
  if (type.kind === "vector") {
    nextNode += 1;
    nextBuffer += 2;
  }
  return { type, node: isFlat ? -1 : node, buffer, children, nextNode, nextBuffer };
}

function childTypes(type: ColumnType): readonly ColumnType[] {
  if (type.kind === "struct") return type.fields.map((field) => field.type);
  return type.kind === "list" ? [type.item] : [];
}

function ownBuffers(type: ColumnType): number {
  switch (type.kind) {
    case "null":
      return 0;
    case "struct":
      return 1;
    case "vector":
      return type.width === undefined ? 2 : 1;
    case "utf8":
    case "bytes":
    case "any":
      return 3;
    default:
      return 2;
  }
}

const INT64_MIN_HIGH = -0x80000000;

export class ColumnDecoder {
  readonly #block: Uint8Array;
  readonly #bodyStart: number;
  readonly #head: BatchHead;
  readonly #classes: ClassRegistry;

  /** `block` starts at a multiple of 8 in its buffer, and so does the body in the block. */
  constructor(block: Uint8Array, bodyStart: number, head: BatchHead, classes: ClassRegistry) {
    this.#block = block;
    this.#bodyStart = bodyStart;
    this.#head = head;
    this.#classes = classes;
  }

  /** The values of a column that must have `count` rows. A typed array where all are numbers, otherwise an array. */
  decode(place: ColumnPlace, count: number): ArrayLike<unknown> {
    this.#checkLength(place, count);
    const { type } = place;
    switch (type.kind) {
      case "struct":
        return this.#struct(place, type, count);
      case "null":
        return new Array<unknown>(count).fill(nullValue(type.nulls));
      case "utf8":
        return this.#withNulls(this.#strings(place, count), place, count);
      case "int32":
        return this.#withNulls(this.#array(Int32Array, place.buffer + 1, count), place, count);
      case "float64":
        return this.#withNulls(this.#array(Float64Array, place.buffer + 1, count), place, count);
      case "bool":
        return this.#withNulls(this.#booleans(place, count), place, count);
      case "bigint":
        return this.#withNulls(Array.from(this.#array(BigInt64Array, place.buffer + 1, count)), place, count);
      case "date":
        return this.#withNulls(this.#dates(place, count), place, count);
      case "any":
        return this.#any(place, count);
      case "list":
        return this.#withNulls(this.#lists(place, type, count), place, count);
      case "vector":
        return this.#withNulls(this.#vectors(place, type, count), place, count);
      case "bytes":
        return this.#withNulls(this.#bytesValues(place, type, count), place, count);
    }
  }

  /** Whether a column has entries without a value. */
  hasNulls({ node }: ColumnPlace): boolean {
    return node >= 0 && this.#head.nodeNulls(node) > 0;
  }

  /** The values of a column as vectors that are not made yet; undefined where they are anything else, nulls among them. */
  vectors(place: ColumnPlace, count: number): FlatVectors | undefined {
    this.#checkLength(place, count);
    const { type } = place;
    if (this.hasNulls(place)) return undefined;
    switch (type.kind) {
      case "list":
        return this.#flatList(place, count);
      case "vector":
        return this.#flatVectors(place, type, count);
      case "bytes":
        return type.form === "Uint8Array" ? this.#flatBytes(place, count) : undefined;
      case "struct":
        return type.form === "tuple" ? this.#flatTuple(place, count) : undefined;
      default:
        return undefined;
    }
  }

  #flatList(place: ColumnPlace, count: number): FlatVectors | undefined {
    const child = place.children[0] as ColumnPlace;
    const total = this.#head.nodeLength(child.node);
    if (!isNumbers(child.type) || this.#head.nodeNulls(child.node) > 0) return undefined;
    this.#checkItems(child.type, child, total);
    const offsets = this.#offsets(place.buffer + 1, count, total);
    return { kind: "flat", data: this.decode(child, total) as Float64Array, offsets, width: 0, made: undefined };
  }

  #flatTuple(place: ColumnPlace, count: number): FlatVectors | undefined {
    const { children } = place;
    const areNumbers = children.every(({ type, node }) => isNumbers(type) && this.#head.nodeNulls(node) === 0);
    if (!areNumbers || children.length === 0) return undefined;
    return { kind: "columns", columns: children.map((child) => this.decode(child, count) as ArrayLike<number>) };
  }

  /** A column of strings without nulls as it lies there; undefined for any other. */
  texts(place: ColumnPlace, count: number): TextColumn | undefined {
    if (place.type.kind !== "utf8" || this.#validity(place, count) !== undefined) return undefined;
    this.#checkLength(place, count);
    return { ...this.#textBytes(place, count), count };
  }

  /** Type ids of a union's rows: all of one batch are the same. Returns it. */
  variant(count: number): number {
    if (this.#head.nodeLength(0) !== count) throw corruptBlock("a column of another length than its batch");
    const ids = this.#array(Int8Array, 0, count);
    const [first = 0] = ids;
    for (const id of ids) if (id !== first) throw corruptBlock("a batch of several row types");
    return first;
  }

  #checkLength(place: ColumnPlace, count: number): void {
    if (place.node >= 0 && this.#head.nodeLength(place.node) !== count)
      throw corruptBlock("a column of another length than its rows");
  }

  /** The elements of a buffer in place. */
  #array<T>(constructor: ArrayOf<T>, buffer: number, count: number): T {
    const start = this.#head.bufferStart(buffer);
    if (count * constructor.BYTES_PER_ELEMENT > this.#head.bufferBytes(buffer))
      throw corruptBlock("a column with too few bytes");
    return new constructor(this.#block.buffer, this.#block.byteOffset + this.#bodyStart + start, count);
  }

  #offsets(buffer: number, count: number, byteLength: number): Int32Array {
    // Arrow allows a column of no rows to come without its one offset.
    if (count === 0 && this.#head.bufferBytes(buffer) === 0) return new Int32Array(1);
    const offsets = this.#array(Int32Array, buffer, count + 1);
    checkOffsets(offsets, count, byteLength);
    return offsets;
  }

  /** The validity bitmap, or undefined when there are no nulls. */
  #validity(place: ColumnPlace, count: number): Uint8Array | undefined {
    if (!this.hasNulls(place)) return undefined;
    return this.#array(Uint8Array, place.buffer, Math.ceil(count / 8));
  }

  #withNulls(values: ArrayLike<unknown>, place: ColumnPlace, count: number): ArrayLike<unknown> {
    const bits = this.#validity(place, count);
    if (bits === undefined) return values;
    const filler = nullValue(place.type.nulls);
    const withNulls = new Array<unknown>(count);
    for (let i = 0; i < count; i++) withNulls[i] = isSet(bits, i) ? values[i] : filler;
    return withNulls;
  }

  /** For columns whose nulls are missing: 1 where there is a value. */
  #presence(place: ColumnPlace, count: number): Uint8Array | undefined {
    const bits = place.type.nulls === "missing" ? this.#validity(place, count) : undefined;
    if (bits === undefined) return undefined;
    const present = new Uint8Array(count);
    for (let i = 0; i < count; i++) present[i] = isSet(bits, i) ? 1 : 0;
    return present;
  }

  #strings(place: ColumnPlace, count: number): string[] {
    const { bytes, offsets } = this.#textBytes(place, count);
    return decodeStrings(bytes, offsets, count);
  }

  #textBytes(place: ColumnPlace, count: number): { bytes: Uint8Array; offsets: Int32Array } {
    const byteLength = this.#head.bufferStart(place.buffer + 2) >= 0 ? this.#head.bufferBytes(place.buffer + 2) : 0;
    const offsets = this.#offsets(place.buffer + 1, count, byteLength);
    return { bytes: this.#array(Uint8Array, place.buffer + 2, byteLength), offsets };
  }

  #booleans(place: ColumnPlace, count: number): boolean[] {
    const bits = this.#array(Uint8Array, place.buffer + 1, Math.ceil(count / 8));
    const values = new Array<boolean>(count);
    for (let i = 0; i < count; i++) values[i] = isSet(bits, i);
    return values;
  }

  #dates(place: ColumnPlace, count: number): Date[] {
    const words = this.#array(Int32Array, place.buffer + 1, count * 2);
    const values = new Array<Date>(count);
    for (let i = 0; i < count; i++) {
      const low = (words[i * 2] as number) >>> 0;
      const high = words[i * 2 + 1] as number;
      values[i] = new Date(high === INT64_MIN_HIGH && low === 0 ? Number.NaN : high * 4294967296 + low);
    }
    return values;
  }

  #any(place: ColumnPlace, count: number): unknown[] {
    const byteLength = this.#head.bufferStart(place.buffer + 2) >= 0 ? this.#head.bufferBytes(place.buffer + 2) : 0;
    const offsets = this.#offsets(place.buffer + 1, count, byteLength);
    const bits = this.#validity(place, count);
    const decoder = new ValueDecoder(this.#classes);
    decoder.attach(this.#array(Uint8Array, place.buffer + 2, byteLength));
    const values = new Array<unknown>(count);
    for (let i = 0; i < count; i++) {
      values[i] =
        bits !== undefined && !isSet(bits, i)
          ? undefined
          : decoder.decode(offsets[i] as number, offsets[i + 1] as number);
    }
    return values;
  }

  #struct(place: ColumnPlace, type: StructType, count: number): unknown[] {
    const columns = place.children.map((child) => this.decode(child, count));
    const present = place.children.map((child) => this.#presence(child, count));
    const rows = this.#builder(type, columns)(columns, count, present);
    const bits = this.#validity(place, count);
    if (bits === undefined) return rows;
    const filler = nullValue(type.nulls);
    for (let i = 0; i < count; i++) if (!isSet(bits, i)) rows[i] = filler;
    return rows;
  }

  #builder(type: StructType, columns: readonly ArrayLike<unknown>[]): RowBuilder {
    if (type.form === "tuple") return tupleBuilder(columns);
    const names = type.fields.map((field) => field.name);
    const isOptional = type.fields.map((field) => field.type.nulls === "missing");
    if (type.form === "object") return objectBuilder(names, isOptional, columns);
    return instanceBuilder(this.#classes.byId(type.classId).prototype as object, names, isOptional, columns);
  }

  #lists(place: ColumnPlace, type: ListType, count: number): unknown[][] {
    const child = place.children[0] as ColumnPlace;
    const total = this.#head.nodeLength(child.node);
    this.#checkItems(type.item, child, total);
    const offsets = this.#offsets(place.buffer + 1, count, total);
    const decoded = this.decode(child, total);
    if (decoded instanceof Float64Array || decoded instanceof Int32Array) return cutNumbers(decoded, offsets, count);
    const items = asArray(decoded);
    const present = this.#presence(child, total);
    const lists = new Array<unknown[]>(count);
    for (let i = 0; i < count; i++) {
      const start = offsets[i] as number;
      const end = offsets[i + 1] as number;
      lists[i] = present === undefined ? items.slice(start, end) : withHoles(items, present, start, end);
    }
    return lists;
  }

  /** Lists' items are not bounded by the batch's rows: each must have bytes in the body, or a few bytes could ask for billions. */
  #checkItems(type: ColumnType, place: ColumnPlace, total: number): void {
    const isUnbounded =
      type.kind === "null" ||
      (type.kind === "struct" && type.fields.length === 0) ||
      (type.kind === "vector" && type.width === 0);
    if ((isUnbounded && total > 0) || total > this.#head.bodyBytes * 8) throw corruptBlock("more items than bytes");
    if (type.kind === "struct")
      for (const [index, child] of place.children.entries())
        this.#checkItems((type.fields[index] as { type: ColumnType }).type, child, total);
  }

  #vectors(place: ColumnPlace, type: VectorType, count: number): unknown[] {
    const { data, offsets, width, made } = this.#flatVectors(place, type, count);
    return cutVectors(made, data, count, offsets === undefined ? (i) => i * width : (i) => offsets[i] as number);
  }

  #flatVectors(place: ColumnPlace, type: VectorType, count: number) {
    const made = VECTOR_CLASSES[type.element];
    const isFixed = type.width !== undefined;
    const itemNode = place.node + 1;
    const total = this.#head.nodeLength(itemNode);
    const data = this.#array(made, place.buffer + (isFixed ? 2 : 3), total);
    const width = type.width ?? 0;
    if (isFixed && (width < 0 || total !== width * count))
      throw corruptBlock("arrays of another length than they should have");
    const offsets = isFixed ? undefined : this.#offsets(place.buffer + 1, count, total);
    return { kind: "flat" as const, data, offsets, width, made };
  }

  #bytesValues(place: ColumnPlace, type: BytesType, count: number): unknown[] {
    const { data, offsets } = this.#flatBytes(place, count);
    const values = new Array<unknown>(count);
    for (let i = 0; i < count; i++) {
      const copy = new Uint8Array((offsets[i + 1] as number) - (offsets[i] as number));
      copy.set(data.subarray(offsets[i], offsets[i + 1]));
      values[i] = type.form === "Uint8Array" ? copy : type.form === "Buffer" ? Buffer.from(copy.buffer) : copy.buffer;
    }
    return values;
  }

  #flatBytes(place: ColumnPlace, count: number) {
    const byteLength = this.#head.bufferStart(place.buffer + 2) >= 0 ? this.#head.bufferBytes(place.buffer + 2) : 0;
    const offsets = this.#offsets(place.buffer + 1, count, byteLength);
    // Of the kinds of vectors only the class says which one it is.
    const made = Uint8Array as unknown as ArrayOf<Float64Array>;
    return { kind: "flat" as const, data: this.#array(made, place.buffer + 2, byteLength), offsets, width: 0, made };
  }
}

function isNumbers(type: ColumnType): boolean {
  return type.kind === "int32" || type.kind === "float64";
}

/** Arrays up to this length are copied by a loop; see COPY_LOOP_MAX. */
const CUT_LOOP_MAX = 24;

/** Copies: rows are the user's to change, blocks are not. */
function cutVectors(
  constructor: ArrayOf<Float64Array>,
  data: Float64Array,
  count: number,
  offsetOf: (index: number) => number,
): unknown[] {
  const values = new Array<unknown>(count);
  for (let i = 0; i < count; i++) {
    const start = offsetOf(i);
    const length = offsetOf(i + 1) - start;
    const copy = new constructor(length);
    if (length < CUT_LOOP_MAX) for (let j = 0; j < length; j++) copy[j] = data[start + j] as number;
    else copy.set(data.subarray(start, start + length));
    values[i] = copy;
  }
  return values;
}

function withHoles(items: readonly unknown[], present: Uint8Array, start: number, end: number): unknown[] {
  const list: unknown[] = [];
  list.length = end - start;
  for (let j = start; j < end; j++) if (present[j] === 1) list[j - start] = items[j];
  return list;
}

function isSet(bits: Uint8Array, index: number): boolean {
  return ((bits[index >> 3] as number) & (1 << (index & 7))) !== 0;
}

function nullValue(nulls: NullKind): null | undefined {
  return nulls === "null" || nulls === "none" ? null : undefined;
}
