/**
 * What the values of a column are, in JavaScript's terms, and when a column of one type can hold the values of another.
 *
 *   kind      Arrow type                  values
 *   null      Null                        all null, or all undefined (`nulls`)
 *   bool      Bool                        booleans
 *   int32     Int32                       numbers that are int32, no -0
 *   float64   Float64                     numbers
 *   bigint    Int64                       bigints that fit
 *   date      Timestamp(ms)               Dates; an invalid one is the least int64
 *   utf8      Utf8                        strings without lone surrogates
 *   struct    Struct                      plain objects, arrays of one small length (tuple), instances of one class
 *   list      List                        arrays
 *   vector    FixedSizeList or List       typed arrays of one class, of one length or several
 *   bytes     Binary                      Uint8Array, Buffer or ArrayBuffer
 *   any       Binary                      whatever else: value-tags.ts; null and undefined are among its values, "missing" is not
 */

/** What a missing entry of the validity bitmap stands for. "missing" is a hole in an array, or a property that an object has not. */
export type NullKind = "none" | "null" | "undefined" | "missing";

interface Nullable {
  /** "none" until the first null is seen; widened in place, since no block is written before its last row is known. */
  nulls: NullKind;
}

export type LeafKind = "null" | "bool" | "int32" | "float64" | "bigint" | "date" | "utf8" | "any";
export interface LeafType extends Nullable {
  readonly kind: LeafKind;
}
export interface StructField {
  readonly name: string;
  readonly type: ColumnType;
}
export interface StructType extends Nullable {
  readonly kind: "struct";
  readonly form: "object" | "tuple" | "instance";
  /** Of instances; otherwise 0. */
  readonly classId: number;
  readonly fields: readonly StructField[];
}
export interface ListType extends Nullable {
  readonly kind: "list";
  readonly item: ColumnType;
}
export type VectorElement =
  | "Int8"
  | "Uint8Clamped"
  | "Int16"
  | "Uint16"
  | "Int32"
  | "Uint32"
  | "Float32"
  | "Float64"
  | "BigInt64"
  | "BigUint64";
export interface VectorType extends Nullable {
  readonly kind: "vector";
  readonly element: VectorElement;
  /** Length of every array, or undefined when they vary. */
  readonly width: number | undefined;
}
export type BytesForm = "Uint8Array" | "Buffer" | "ArrayBuffer";
export interface BytesType extends Nullable {
  readonly kind: "bytes";
  readonly form: BytesForm;
}
export type ColumnType = LeafType | StructType | ListType | VectorType | BytesType;

/** Nested columns deeper than this become one column of kind any. */
export const TYPE_DEPTH_MAX = 12;

/** The null kind that covers both, or undefined when there is none. */
function mergeNulls(a: NullKind, b: NullKind): NullKind | undefined {
  if (a === b || b === "none") return a;
  return a === "none" ? b : undefined;
}

/**
 * A type whose columns can hold the values of both, or undefined. It is `a` itself when `a` can: so `merged === a` means that a column of
 * type `a` takes the values of `b`. Neither is changed; the caller applies `widenNulls` once it has chosen.
 */
export function mergeTypes(a: ColumnType, b: ColumnType): ColumnType | undefined {
  if (a.kind === "any") return a;
  if (b.kind === "any") return { kind: "any", nulls: a.nulls === "missing" ? "missing" : b.nulls };
  const nulls = mergeNulls(a.nulls, b.nulls);
  if (nulls === undefined) return undefined;
  if (b.kind === "null") return a;
  if (a.kind === "null") return { ...b, nulls };
  if (a.kind === "int32" && b.kind === "float64") return { ...b, nulls };
  if (a.kind === "float64" && b.kind === "int32") return a;
  if (a.kind !== b.kind) return undefined;
  switch (a.kind) {
    case "struct":
      return mergeStructs(a, b as StructType, nulls);
    case "list": {
      const item = mergeTypes(a.item, (b as ListType).item);
      return item === undefined ? undefined : item === a.item ? a : { kind: "list", item, nulls };
    }
    case "vector":
      return mergeVectors(a, b as VectorType, nulls);
    case "bytes":
      return a.form === (b as BytesType).form ? a : undefined;
    default:
      return a;
  }
}

function mergeStructs(a: StructType, b: StructType, nulls: NullKind): ColumnType | undefined {
  if (a.form !== b.form || a.classId !== b.classId || a.fields.length !== b.fields.length) return undefined;
  let isSame = true;
  const fields: StructField[] = [];
  for (let i = 0; i < a.fields.length; i++) {
    const own = a.fields[i] as StructField;
    const other = b.fields[i] as StructField;
    const type = own.name === other.name ? mergeTypes(own.type, other.type) : undefined;
    if (type === undefined) return undefined;
    isSame &&= type === own.type;
    fields.push(type === own.type ? own : { name: own.name, type });
  }
  return isSame ? a : { ...a, nulls, fields };
}

function mergeVectors(a: VectorType, b: VectorType, nulls: NullKind): ColumnType | undefined {
  if (a.element !== b.element) return undefined;
  if (a.width === undefined || a.width === b.width) return a;
  return { ...a, nulls, width: undefined };
}

/** Lets a type that holds `other`'s values (see mergeTypes) also stand for its nulls. */
export function widenNulls(type: ColumnType, other: ColumnType): void {
  if (other.nulls !== "none" && (type.kind !== "any" || other.nulls === "missing")) type.nulls = other.nulls;
  if (type.kind === "struct" && other.kind === "struct") {
    for (let i = 0; i < type.fields.length; i++)
      widenNulls((type.fields[i] as StructField).type, (other.fields[i] as StructField).type);
  } else if (type.kind === "list" && other.kind === "list") {
    widenNulls(type.item, other.item);
  }
}

/** A text that two types share exactly when their Arrow schemas are the same. */
export function typeKey(type: ColumnType): string {
  const nulls = type.nulls === "none" ? "null" : type.nulls;
  const head = nulls === "null" ? type.kind : `${type.kind}!${nulls}`;
  switch (type.kind) {
    case "struct": {
      const names = type.form === "tuple" ? "" : JSON.stringify(type.fields.map((field) => field.name));
      return `${head} ${type.form}${type.classId}${names}(${type.fields.map((field) => typeKey(field.type)).join()})`;
    }
    case "list":
      return `${head}(${typeKey(type.item)})`;
    case "vector":
      return `${head}(${type.element}${type.width ?? ""})`;
    case "bytes":
      return `${head}(${type.form})`;
    default:
      return head;
  }
}

/** A copy that may be widened without changing the plan it came from. */
export function ownType(type: ColumnType): ColumnType {
  if (type.kind === "struct")
    return { ...type, fields: type.fields.map(({ name, type: inner }) => ({ name, type: ownType(inner) })) };
  if (type.kind === "list") return { ...type, item: ownType(type.item) };
  return { ...type };
}
