/**
 * Looks at the values of a column and finds the narrowest type that gives all of them back as they were. On the way it already makes what
 * the column will be written from (typed arrays, UTF-8), since that costs little more than looking.
 *
 * When changing this: a value may only enter a typed column if nothing of it is lost. -0 is no int32; an array with properties besides its
 * elements, a Date with properties, a subclass, a symbol property are for kind any, whose encoder keeps or refuses them.
 */
import { isPlainObject } from "../lib/plain-object.js";
import { BatchTooLarge } from "./batch-too-large.js";
import { type BytesForm, type ColumnType, type NullKind, type StructField, TYPE_DEPTH_MAX, type VectorElement } from "./column-type.js";
import { gatherOptional, MISSING, structGather, tupleGather } from "./gather.js";
import { classIdOf } from "./row-classes.js";
import type { ClassRegistry } from "./types.js";
import { encodeStrings } from "./utf8-encode.js";
import { VolleyError } from "../wire/errors.js";

/** A column taken apart, ready to be written as its own type or as a wider one. */
export interface ColumnPlan {
  readonly type: ColumnType;
  /** One entry a row: null, undefined or MISSING where the column has a null. */
  readonly values: readonly unknown[];
  readonly count: number;
  readonly nullCount: number;
  /** Fields of a struct, item of a list. */
  readonly children: readonly ColumnPlan[];
  /** Of strings, bytes, lists and vectors of several lengths: count + 1 positions. */
  readonly offsets: Int32Array | undefined;
  /** Fixed-width data, UTF-8 or bytes, or a vector's elements. */
  readonly data: ArrayBufferView | undefined;
  /** Kind any: are there objects among the values? */
  readonly hasObjects: boolean;
}

/** Arrays of one length up to this are tuples (a column an element); longer ones are lists. */
const TUPLE_WIDTH_MAX = 8;
/** Objects of more properties are dictionaries to V8 and slow in generated code. */
const STRUCT_FIELDS_MAX = 500;
/** Elements of all lists of a batch; more and the batch is halved. */
const LIST_ITEMS_MAX = 1 << 24;
/** Elements of one single list row beyond which kind any takes over: the flattened copy would not fit in an array of V8. */
const LIST_ROW_MAX = 1 << 26;
const BYTES_MAX = 2 ** 31 - 1;

const IS_NUMBER = 1;
const IS_STRING = 2;
const IS_BOOLEAN = 4;
const IS_BIGINT = 8;
const IS_OBJECT = 16;
const IS_REFUSED = 32;
const IS_NULL = 64;
const IS_UNDEFINED = 128;
const IS_MISSING = 256;
const ANY_NULL = IS_NULL | IS_UNDEFINED | IS_MISSING;

const VECTORS = new Map<object, VectorElement>([
  [Int8Array.prototype, "Int8"],
  [Uint8ClampedArray.prototype, "Uint8Clamped"],
  [Int16Array.prototype, "Int16"],
  [Uint16Array.prototype, "Uint16"],
  [Int32Array.prototype, "Int32"],
  [Uint32Array.prototype, "Uint32"],
  [Float32Array.prototype, "Float32"],
  [Float64Array.prototype, "Float64"],
  [BigInt64Array.prototype, "BigInt64"],
  [BigUint64Array.prototype, "BigUint64"],
]);
const BYTES = new Map<object, BytesForm>([
  [Uint8Array.prototype, "Uint8Array"],
  [Buffer.prototype, "Buffer"],
  [ArrayBuffer.prototype, "ArrayBuffer"],
]);

/** How a typed array is made. */
export interface ArrayOf<T> {
  readonly BYTES_PER_ELEMENT: number;
  new (length: number): T;
  new (buffer: ArrayBufferLike, byteOffset: number, length: number): T;
}
type VectorArray = Float64Array;
/** Constructors of vectors' arrays. All are treated as one class, for the types only: elements are copied, never looked at. */
export const VECTOR_CLASSES = {
  Int8: Int8Array,
  Uint8Clamped: Uint8ClampedArray,
  Int16: Int16Array,
  Uint16: Uint16Array,
  Int32: Int32Array,
  Uint32: Uint32Array,
  Float32: Float32Array,
  Float64: Float64Array,
  BigInt64: BigInt64Array,
  BigUint64: BigUint64Array,
} as unknown as Readonly<Record<VectorElement, ArrayOf<Float64Array>>>;

/** Analyzes the rows of a batch as one column. Throws BatchTooLarge. */
export function analyzeColumn(values: readonly unknown[], count: number, classes: ClassRegistry): ColumnPlan {
  return new Analyzer(classes).column(values, count, 0, false);
}

/** The same values as one column of kind any. */
export function planAny(values: readonly unknown[], count: number, hasObjects: boolean): ColumnPlan {
  let missing = 0;
  for (let i = 0; i < count; i++) if (values[i] === MISSING) missing++;
  return plan({ kind: "any", nulls: missing > 0 ? "missing" : "none" }, values, count, { nullCount: missing, hasObjects });
}

function plan(
  type: ColumnType,
  values: readonly unknown[],
  count: number,
  parts: Partial<Pick<ColumnPlan, "nullCount" | "children" | "offsets" | "data" | "hasObjects">>,
): ColumnPlan {
  const { nullCount = 0, children = [], offsets, data, hasObjects = false } = parts;
  return { type, values, count, nullCount, children, offsets, data, hasObjects };
}

class Analyzer {
  readonly #classes: ClassRegistry;

  constructor(classes: ClassRegistry) {
    this.#classes = classes;
  }

  /** `inList`: lengths of lists' items are not bounded by the batch's rows, so each must take some bytes. */
  column(values: readonly unknown[], count: number, depth: number, inList: boolean): ColumnPlan {
    const first = values[0];
    if (typeof first === "number") {
      const numbers = planNumbers(values, count);
      if (numbers !== undefined) return numbers;
    }
    const kinds = kindsOf(values, count);
    const nulls = nullKindOf(kinds & ANY_NULL);
    const kind = kinds & ~ANY_NULL;
    if (nulls === undefined) return planAny(values, count, (kind & IS_OBJECT) !== 0);
    switch (kind) {
      case 0:
        if (count === 0) return plan({ kind: "null", nulls }, values, 0, {});
        return plan({ kind: inList ? "bool" : "null", nulls }, values, count, { nullCount: count, data: inList ? new Uint8Array(Math.ceil(count / 8)) : undefined });
      case IS_NUMBER:
        return planNullableNumbers(values, count, nulls);
      case IS_STRING:
        return planStrings(values, count, nulls);
      case IS_BOOLEAN:
        return planBooleans(values, count, nulls);
      case IS_BIGINT:
        return planBigints(values, count, nulls);
      case IS_OBJECT:
        return this.#objects(values, count, nulls, depth, inList) ?? planAny(values, count, true);
      default:
        return planAny(values, count, (kind & IS_OBJECT) !== 0);
    }
  }

  /** Undefined when the objects are not of one kind that has a column type. */
  #objects(values: readonly unknown[], count: number, nulls: NullKind, depth: number, inList: boolean): ColumnPlan | undefined {
    if (depth >= TYPE_DEPTH_MAX) return undefined;
    const nullCount = nulls === "none" ? 0 : countNulls(values, count);
    const first = values.find((value) => typeof value === "object" && value !== null) as object;
    const filled = nullCount === 0 ? values : fill(values, count, first);
    const prototype = Object.getPrototypeOf(first) as object | null;
    if (prototype === null) return undefined;
    if (Array.isArray(first)) return this.#arrays(values, filled, count, nulls, nullCount, depth, inList);
    if (prototype === Date.prototype) return planDates(values, count, nulls, nullCount);
    const vector = VECTORS.get(prototype);
    if (vector !== undefined) return planVectors(values, count, nulls, nullCount, prototype, vector, inList);
    const bytes = BYTES.get(prototype);
    if (bytes !== undefined) return planBytes(values, count, nulls, nullCount, prototype, bytes);
    return this.#structs(values, filled, count, nulls, nullCount, prototype, depth, inList);
  }

  #structs(values: readonly unknown[], filled: readonly unknown[], count: number, nulls: NullKind, nullCount: number, prototype: object, depth: number, inList: boolean): ColumnPlan | undefined {
    const first = filled[0] as object;
    const isPlain = prototype === Object.prototype || isPlainObject(first);
    const classId = isPlain ? 0 : this.#classId(first, prototype);
    if (classId === undefined || Object.getOwnPropertySymbols(first).length > 0) return undefined;
    const gathered = gatherStructs(filled, count, prototype);
    if (gathered === undefined || gathered.names.length > STRUCT_FIELDS_MAX || (inList && gathered.names.length === 0)) return undefined;
    blankTexts(gathered.columns, values, nullCount);
    const children = gathered.columns.map((column) => this.column(column, count, depth + 1, inList));
    const fields = gathered.names.map((name, index): StructField => ({ name, type: (children[index] as ColumnPlan).type }));
    return plan({ kind: "struct", form: isPlain ? "object" : "instance", classId, fields, nulls }, values, count, { nullCount, children });
  }

  /** The id of a class whose instances are no more than their properties; undefined leaves the matter to kind any. */
  #classId(first: object, prototype: object): number | undefined {
    if (isBuiltin(first)) return undefined;
    try {
      return classIdOf(prototype, this.#classes);
    } catch (error) {
      if (VolleyError.is(error, "ROW_NOT_TRANSFERABLE")) return undefined;
      throw error;
    }
  }

  #arrays(values: readonly unknown[], filled: readonly unknown[], count: number, nulls: NullKind, nullCount: number, depth: number, inList: boolean): ColumnPlan | undefined {
    const width = (filled[0] as readonly unknown[]).length;
    if (width > 0 && width <= TUPLE_WIDTH_MAX) {
      const columns = emptyColumns(width, count);
      if (tupleGather(width)(filled, count, Array.prototype, columns) === count) {
        if (columns.some((column, index) => hasHole(filled, column, count, index))) return undefined;
        blankTexts(columns, values, nullCount);
        const children = columns.map((column) => this.column(column, count, depth + 1, inList));
        const fields = children.map((child, index): StructField => ({ name: String(index), type: child.type }));
        return plan({ kind: "struct", form: "tuple", classId: 0, fields, nulls }, values, count, { nullCount, children });
      }
    }
    return this.#lists(values, count, nulls, nullCount, depth);
  }

  #lists(values: readonly unknown[], count: number, nulls: NullKind, nullCount: number, depth: number): ColumnPlan | undefined {
    const offsets = new Int32Array(count + 1);
    let total = 0;
    for (let i = 0; i < count; i++) {
      const row = values[i];
      if (Array.isArray(row)) {
        if (!isBareArray(row)) return undefined;
        total += row.length;
        if (total > LIST_ITEMS_MAX && count > 1) throw new BatchTooLarge();
        if (total > LIST_ROW_MAX) return undefined;
      } else if (typeof row === "object" && row !== null) {
        return undefined;
      }
      offsets[i + 1] = total;
    }
    const items = flatten(values, count, total);
    const child = this.column(items, total, depth + 1, true);
    return plan({ kind: "list", item: child.type, nulls }, values, count, { nullCount, children: [child], offsets });
  }
}

/** Without a class or properties of its own. (Results of `match` have `index`, template strings `raw`; others are not looked for.) */
function isBareArray(row: unknown[]): boolean {
  return row.constructor === Array && (row as { index?: unknown }).index === undefined && (row as { raw?: unknown }).raw === undefined;
}

function flatten(values: readonly unknown[], count: number, total: number): unknown[] {
  const items = new Array<unknown>(total);
  let at = 0;
  for (let i = 0; i < count; i++) {
    const row = values[i];
    if (!Array.isArray(row)) continue;
    const length = row.length;
    for (let j = 0; j < length; j++) {
      const item: unknown = row[j];
      items[at++] = item === undefined && !(j in row) ? MISSING : item;
    }
  }
  return items;
}

function emptyColumns(width: number, count: number): unknown[][] {
  return Array.from({ length: width }, () => new Array<unknown>(count));
}

function hasHole(rows: readonly unknown[], column: readonly unknown[], count: number, index: number): boolean {
  for (let i = 0; i < count; i++) {
    if (column[i] === undefined && !(index in (rows[i] as unknown[]))) return true;
  }
  return false;
}

function gatherStructs(rows: readonly unknown[], count: number, prototype: object): { names: string[]; columns: unknown[][] } | undefined {
  const names = Object.keys(rows[0] as object);
  if (names.length > STRUCT_FIELDS_MAX) return undefined;
  const columns = emptyColumns(names.length, count);
  if (structGather(names)(rows, count, prototype, columns) === count) return { names, columns };
  return gatherOptional(rows, count, prototype);
}

/** Children of a null row repeat those of the first row; its texts need not be repeated. */
function blankTexts(columns: readonly unknown[][], values: readonly unknown[], nullCount: number): void {
  if (nullCount === 0) return;
  for (const column of columns) {
    for (let i = 0; i < column.length; i++) {
      if (typeof column[i] === "string" && isNull(values[i])) column[i] = "";
    }
  }
}

function isNull(value: unknown): boolean {
  return value === null || value === undefined || value === MISSING;
}

function fill(values: readonly unknown[], count: number, filler: object): unknown[] {
  const filled = new Array<unknown>(count);
  for (let i = 0; i < count; i++) filled[i] = isNull(values[i]) ? filler : values[i];
  return filled;
}

function countNulls(values: readonly unknown[], count: number): number {
  let nulls = 0;
  for (let i = 0; i < count; i++) if (isNull(values[i])) nulls++;
  return nulls;
}

function kindsOf(values: readonly unknown[], count: number): number {
  let kinds = 0;
  for (let i = 0; i < count; i++) {
    const value = values[i];
    switch (typeof value) {
      case "string":
        kinds |= IS_STRING;
        break;
      case "number":
        kinds |= IS_NUMBER;
        break;
      case "object":
        kinds |= value === null ? IS_NULL : IS_OBJECT;
        break;
      case "undefined":
        kinds |= IS_UNDEFINED;
        break;
      case "boolean":
        kinds |= IS_BOOLEAN;
        break;
      case "bigint":
        kinds |= IS_BIGINT;
        break;
      default:
        kinds |= value === MISSING ? IS_MISSING : IS_REFUSED;
    }
  }
  return kinds;
}

/** Undefined: nulls of several kinds. */
function nullKindOf(kinds: number): NullKind | undefined {
  switch (kinds) {
    case 0:
      return "none";
    case IS_NULL:
      return "null";
    case IS_UNDEFINED:
      return "undefined";
    case IS_MISSING:
      return "missing";
    default:
      return undefined;
  }
}

/** Undefined when not all are numbers. */
function planNumbers(values: readonly unknown[], count: number): ColumnPlan | undefined {
  const ints = new Int32Array(count);
  let i = 0;
  for (; i < count; i++) {
    const value = values[i];
    if (typeof value !== "number") return undefined;
    const int = value | 0;
    if (int !== value || (int === 0 && 1 / value < 0)) break;
    ints[i] = int;
  }
  if (i === count) return plan({ kind: "int32", nulls: "none" }, values, count, { data: ints });
  const doubles = new Float64Array(count);
  for (let j = 0; j < i; j++) doubles[j] = ints[j] as number;
  for (; i < count; i++) {
    const value = values[i];
    if (typeof value !== "number") return undefined;
    doubles[i] = value;
  }
  return plan({ kind: "float64", nulls: "none" }, values, count, { data: doubles });
}

function planNullableNumbers(values: readonly unknown[], count: number, nulls: NullKind): ColumnPlan {
  const doubles = new Float64Array(count);
  let nullCount = 0;
  let areInts = true;
  for (let i = 0; i < count; i++) {
    const value = values[i];
    if (typeof value === "number") {
      doubles[i] = value;
      areInts &&= (value | 0) === value && (value !== 0 || 1 / value > 0);
    } else {
      nullCount++;
    }
  }
  if (areInts) return plan({ kind: "int32", nulls }, values, count, { data: Int32Array.from(doubles), nullCount });
  return plan({ kind: "float64", nulls }, values, count, { data: doubles, nullCount });
}

function planStrings(values: readonly unknown[], count: number, nulls: NullKind): ColumnPlan {
  const encoded = encodeStrings(values, count);
  if (encoded === undefined) return planAny(values, count, false);
  const nullCount = nulls === "none" ? 0 : countNulls(values, count);
  return plan({ kind: "utf8", nulls }, values, count, { offsets: encoded.offsets, data: encoded.bytes, nullCount });
}

function planBooleans(values: readonly unknown[], count: number, nulls: NullKind): ColumnPlan {
  const bits = new Uint8Array(Math.ceil(count / 8));
  for (let i = 0; i < count; i++) {
    if (values[i] === true) bits[i >> 3] = (bits[i >> 3] as number) | (1 << (i & 7));
  }
  return plan({ kind: "bool", nulls }, values, count, { data: bits, nullCount: nulls === "none" ? 0 : countNulls(values, count) });
}

function planBigints(values: readonly unknown[], count: number, nulls: NullKind): ColumnPlan {
  const data = new BigInt64Array(count);
  let nullCount = 0;
  for (let i = 0; i < count; i++) {
    const value = values[i];
    if (typeof value !== "bigint") {
      nullCount++;
      continue;
    }
    data[i] = value;
    if (data[i] !== value) return planAny(values, count, false);
  }
  return plan({ kind: "bigint", nulls }, values, count, { data, nullCount });
}

function planDates(values: readonly unknown[], count: number, nulls: NullKind, nullCount: number): ColumnPlan | undefined {
  const words = new Int32Array(count * 2);
  for (let i = 0; i < count; i++) {
    const value = values[i];
    if (typeof value !== "object" || value === null) continue;
    if (Object.getPrototypeOf(value) !== Date.prototype || Object.keys(value).length > 0) return undefined;
    const time = (value as Date).getTime();
    words[i * 2] = Number.isNaN(time) ? 0 : time % 4294967296;
    words[i * 2 + 1] = Number.isNaN(time) ? -0x80000000 : Math.floor(time / 4294967296);
  }
  return plan({ kind: "date", nulls }, values, count, { data: words, nullCount });
}

function planVectors(values: readonly unknown[], count: number, nulls: NullKind, nullCount: number, prototype: object, element: VectorElement, inList: boolean): ColumnPlan | undefined {
  const offsets = new Int32Array(count + 1);
  let total = 0;
  let width: number | undefined;
  for (let i = 0; i < count; i++) {
    const value = values[i];
    if (typeof value === "object" && value !== null) {
      if (Object.getPrototypeOf(value) !== prototype) return undefined;
      const length = (value as VectorArray).length;
      width = width === undefined || width === length ? length : -1;
      total += length;
      if (total > BYTES_MAX / 8) {
        if (count > 1) throw new BatchTooLarge();
        return undefined;
      }
    }
    offsets[i + 1] = total;
  }
  if (width === undefined || width < 1 || (inList && nullCount > 0)) width = -1;
  const isFixed = width > 0;
  const data = copyVectors(values, count, isFixed ? width * count : total, isFixed ? width : 0, element);
  return plan({ kind: "vector", element, width: isFixed ? width : undefined, nulls }, values, count, { data, offsets, nullCount });
}

/** Arrays shorter than this are copied by a loop: `set` costs a call. */
const COPY_LOOP_MAX = 24;

/** `step`: room for each row, nulls too; 0: rows stand one after the other. */
function copyVectors(values: readonly unknown[], count: number, total: number, step: number, element: VectorElement): VectorArray {
  const data = new VECTOR_CLASSES[element](total);
  let at = 0;
  for (let i = 0; i < count; i++) {
    const value = values[i];
    if (typeof value !== "object" || value === null) {
      at += step;
      continue;
    }
    const vector = value as VectorArray;
    const length = vector.length;
    if (length < COPY_LOOP_MAX) for (let j = 0; j < length; j++) data[at + j] = vector[j] as number;
    else data.set(vector, at);
    at += length;
  }
  return data;
}

function planBytes(values: readonly unknown[], count: number, nulls: NullKind, nullCount: number, prototype: object, form: BytesForm): ColumnPlan | undefined {
  const offsets = new Int32Array(count + 1);
  let total = 0;
  for (let i = 0; i < count; i++) {
    const value = values[i];
    if (typeof value === "object" && value !== null) {
      if (Object.getPrototypeOf(value) !== prototype) return undefined;
      total += (value as Uint8Array).byteLength;
      if (total > BYTES_MAX) {
        if (count > 1) throw new BatchTooLarge();
        throw new VolleyError("RECORD_TOO_LARGE", "a record takes more than 2 GiB");
      }
    }
    offsets[i + 1] = total;
  }
  const data = new Uint8Array(total);
  for (let i = 0; i < count; i++) {
    const value = values[i];
    if (typeof value !== "object" || value === null) continue;
    data.set(form === "ArrayBuffer" ? new Uint8Array(value as ArrayBuffer) : (value as Uint8Array), offsets[i]);
  }
  return plan({ kind: "bytes", form, nulls }, values, count, { data, offsets, nullCount });
}

/** Objects with state besides their properties: kind any has encodings for some, and refuses the others. */
function isBuiltin(value: object): boolean {
  return (
    value instanceof Map || value instanceof Set || value instanceof Error || value instanceof Date || value instanceof RegExp || ArrayBuffer.isView(value) ||
    value instanceof ArrayBuffer || value instanceof Number || value instanceof String || value instanceof Boolean || value instanceof BigInt || value instanceof URL
  );
}
