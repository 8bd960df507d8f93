/**
 * Columns of a record batch as JavaScript values. Every length and offset is checked against the bytes before it is followed: a damaged
 * batch throws BLOCK_CORRUPT, and costs no more than a sound one of its size.
 */

import { ColumnParts, isSet } from "./column-parts.js";
import type { ColumnPlace } from "./column-place.js";
import type { ColumnSource } from "./column-source.js";
import type { BytesType, ColumnType, NullKind, StructType, VectorType } from "./column-type.js";
import { asArray, cutNumbers } from "./cut-lists.js";
import type { FlatVectors } from "./flat-vectors.js";
import { corruptBlock } from "./flatbuffer-reader.js";
import { type ArrayOf, VECTOR_CLASSES } from "./plan-binary.js";
import { instanceBuilder, objectBuilder, type RowBuilder, tupleBuilder } from "./row-builder.js";
import type { ClassRegistry, TextColumn } from "./types.js";
import { decodeStrings } from "./utf8-decode.js";
import { ValueDecoder } from "./value-decoder.js";

export class ColumnDecoder {
  readonly parts: ColumnParts;
  readonly #classes: ClassRegistry;

  constructor(source: ColumnSource, classes: ClassRegistry) {
    this.parts = new ColumnParts(source);
    this.#classes = classes;
  }

  /** The values of a column that must have `count` rows. A typed array where all are numbers, otherwise an array. */
  decode(place: ColumnPlace, count: number): ArrayLike<unknown> {
    this.parts.checkLength(place, count);
    const { type } = place;
    switch (type.kind) {
      case "struct":
        return this.#struct(place, type, count);
      case "null":
        return new Array<unknown>(count).fill(nullValue(type.nulls));
      case "utf8":
        return this.#withNulls(this.#strings(place, count), place, count);
      case "int32":
        return this.#withNulls(this.parts.array(Int32Array, place.buffer + 1, count), place, count);
      case "float64":
        return this.#withNulls(this.parts.array(Float64Array, place.buffer + 1, count), place, count);
      case "bool":
        return this.#withNulls(this.#booleans(place, count), place, count);
      case "bigint":
        return this.#withNulls(Array.from(this.parts.array(BigInt64Array, place.buffer + 1, count)), place, count);
      case "date":
        return this.#withNulls(this.#dates(place, count), place, count);
      case "any":
        return this.#any(place, count);
      case "list":
        return this.#withNulls(this.#lists(place, count), place, count);
      case "vector":
        return this.#withNulls(this.#vectors(place, type, count), place, count);
      case "bytes":
        return this.#withNulls(this.#bytesValues(place, type, count), place, count);
    }
  }

  /** The values of a column as vectors that are not made yet; undefined where they are anything else, nulls among them. */
  vectors(place: ColumnPlace, count: number): FlatVectors | undefined {
    this.parts.checkLength(place, count);
    const { type } = place;
    if (this.parts.hasNulls(place)) return undefined;
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
    if (!isNumbers(child.type) || this.parts.hasNulls(child)) return undefined;
    const { offsets, total } = this.parts.listOf(place, count);
    return { kind: "flat", data: this.decode(child, total) as Float64Array, offsets, width: 0, made: undefined };
  }

  #flatTuple(place: ColumnPlace, count: number): FlatVectors | undefined {
    const { children } = place;
    const areNumbers = children.every((child) => isNumbers(child.type) && !this.parts.hasNulls(child));
    if (!areNumbers || children.length === 0) return undefined;
    return { kind: "columns", columns: children.map((child) => this.decode(child, count) as ArrayLike<number>) };
  }

  /** A column of strings without nulls as it lies there; undefined for any other. */
  texts(place: ColumnPlace, count: number): TextColumn | undefined {
    if (place.type.kind !== "utf8" || this.parts.validity(place, count) !== undefined) return undefined;
    this.parts.checkLength(place, count);
    return { ...this.parts.bytesOf(place, count), count };
  }

  /** Type ids of a union's rows: all of one batch are the same. Returns it. */
  variant(count: number): number {
    if (this.parts.source.nodeLength(0) !== count) throw corruptBlock("a column of another length than its batch");
    const ids = this.parts.array(Int8Array, 0, count);
    const [first = 0] = ids;
    for (const id of ids) if (id !== first) throw corruptBlock("a batch of several row types");
    return first;
  }

  #withNulls(values: ArrayLike<unknown>, place: ColumnPlace, count: number): ArrayLike<unknown> {
    const bits = this.parts.validity(place, count);
    if (bits === undefined) return values;
    const filler = nullValue(place.type.nulls);
    const withNulls = new Array<unknown>(count);
    for (let i = 0; i < count; i++) withNulls[i] = isSet(bits, i) ? values[i] : filler;
    return withNulls;
  }

  /** For columns whose nulls are missing: 1 where there is a value. */
  #presence(place: ColumnPlace, count: number): Uint8Array | undefined {
    const bits = place.type.nulls === "missing" ? this.parts.validity(place, count) : undefined;
    if (bits === undefined) return undefined;
    const present = new Uint8Array(count);
    for (let i = 0; i < count; i++) present[i] = isSet(bits, i) ? 1 : 0;
    return present;
  }

  #strings(place: ColumnPlace, count: number): string[] {
    const { bytes, offsets } = this.parts.bytesOf(place, count);
    return decodeStrings(bytes, offsets, count);
  }

  #booleans(place: ColumnPlace, count: number): boolean[] {
    const bits = this.parts.array(Uint8Array, place.buffer + 1, Math.ceil(count / 8));
    const values = new Array<boolean>(count);
    for (let i = 0; i < count; i++) values[i] = isSet(bits, i);
    return values;
  }

  #dates(place: ColumnPlace, count: number): Date[] {
    const times = this.parts.timesOf(place, count);
    const values = new Array<Date>(count);
    for (let i = 0; i < count; i++) values[i] = new Date(times[i] as number);
    return values;
  }

  #any(place: ColumnPlace, count: number): unknown[] {
    const { bytes, offsets } = this.parts.bytesOf(place, count);
    const bits = this.parts.validity(place, count);
    const decoder = new ValueDecoder(this.#classes);
    decoder.attach(bytes);
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
    const bits = this.parts.validity(place, count);
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

  #lists(place: ColumnPlace, count: number): unknown[][] {
    const child = place.children[0] as ColumnPlace;
    const { offsets, total } = this.parts.listOf(place, count);
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

  #vectors(place: ColumnPlace, type: VectorType, count: number): unknown[] {
    const { data, offsets, width, made } = this.#flatVectors(place, type, count);
    return cutVectors(made, data, count, offsets === undefined ? (i) => i * width : (i) => offsets[i] as number);
  }

  #flatVectors(place: ColumnPlace, type: VectorType, count: number) {
    const made = VECTOR_CLASSES[type.element];
    const isFixed = type.width !== undefined;
    const itemNode = place.node + 1;
    const total = this.parts.source.nodeLength(itemNode);
    const data = this.parts.array(made, place.buffer + (isFixed ? 2 : 3), total);
    const width = type.width ?? 0;
    if (isFixed && (width < 0 || total !== width * count))
      throw corruptBlock("arrays of another length than they should have");
    const offsets = isFixed ? undefined : this.parts.offsets(place.buffer + 1, count, total);
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
    const { bytes, offsets } = this.parts.bytesOf(place, count);
    // Of the kinds of vectors only the class says which one it is.
    const made = Uint8Array as unknown as ArrayOf<Float64Array>;
    return { kind: "flat" as const, data: bytes as unknown as Float64Array, offsets, width: 0, made };
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

function nullValue(nulls: NullKind): null | undefined {
  return nulls === "null" || nulls === "none" ? null : undefined;
}
