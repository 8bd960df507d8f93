/**
 * Column types as the schema message of an Arrow stream, and back.
 *
 * Arrow's own types say nearly all; what they cannot say stands in a field's metadata: `js` (the JavaScript kind, where it is not the usual
 * one of the Arrow type) and `nulls` (what a null stands for, where it is not null). The schema's metadata `volley` says what a row is:
 *   object, tuple   a row's elements are the columns
 *   value           a row is the one column
 *   variants        rows are of several types; the one column is a dense union of these, and all rows of one batch are of one of them
 */

import { MESSAGE_SCHEMA, METADATA_V5, messageOf } from "./arrow-message.js";
import type {
  BytesForm,
  ColumnType,
  NullKind,
  StructField,
  StructType,
  VectorElement,
  VectorType,
} from "./column-type.js";
import { corruptBlock, FlatbufferReader } from "./flatbuffer-reader.js";
import { FlatbufferWriter, type TableField } from "./flatbuffer-writer.js";

/** Arrow's `Type` union (Schema.fbs). */
const ARROW = {
  Null: 1,
  Int: 2,
  FloatingPoint: 3,
  Binary: 4,
  Utf8: 5,
  Bool: 6,
  Timestamp: 10,
  List: 12,
  Struct: 13,
  Union: 14,
  FixedSizeList: 16,
} as const;
const FIELD = { name: 0, nullable: 1, typeKind: 2, type: 3, children: 5, metadata: 6 } as const;
const SCHEMA = { fields: 1, metadata: 2 } as const;
const KEY_VALUE = { key: 0, value: 1 } as const;
const SINGLE = 1;
const DOUBLE = 2;
const MILLISECOND = 1;
const DENSE = 1;

/** No schema that we write comes near: a damaged one must not make us build millions of fields. */
const FIELDS_MAX = 200_000;
const DEPTH_MAX = 64;

/** Bits, signed and, for floats, precision of the elements of a typed array. */
const ELEMENTS: Readonly<
  Record<VectorElement, { readonly bits: number; readonly signed: boolean; readonly float: boolean }>
> = {
  Int8: { bits: 8, signed: true, float: false },
  Uint8Clamped: { bits: 8, signed: false, float: false },
  Int16: { bits: 16, signed: true, float: false },
  Uint16: { bits: 16, signed: false, float: false },
  Int32: { bits: 32, signed: true, float: false },
  Uint32: { bits: 32, signed: false, float: false },
  Float32: { bits: 32, signed: true, float: true },
  Float64: { bits: 64, signed: true, float: true },
  BigInt64: { bits: 64, signed: true, float: false },
  BigUint64: { bits: 64, signed: false, float: false },
};

/** What the rows of a block are. */
export interface BlockSchema {
  /** The row types of the block; a batch holds rows of one of them. */
  readonly variants: readonly ColumnType[];
  /** Are the rows' elements the columns of the stream (one variant, a struct that is never null)? */
  readonly isFlat: boolean;
}

/** Of plain objects and tuples that are never null, the elements are columns. */
export function isFlatType(type: ColumnType): type is StructType {
  return type.kind === "struct" && type.form !== "instance" && type.nulls === "none";
}

// Writing

/** The schema message of a block, ready to stand first in its stream. */
export function encodeSchema(schema: BlockSchema): Uint8Array {
  const writer = new FlatbufferWriter();
  const [first] = schema.variants;
  let form = "value";
  let fields: StructField[] = [];
  if (schema.variants.length > 1) form = "variants";
  else if (schema.isFlat) form = (first as StructType).form;
  else if (first !== undefined) fields = [{ name: "value", type: first }];
  if (schema.isFlat) fields = [...(first as StructType).fields];
  const writeFields =
    form === "variants"
      ? [() => writeUnion(writer, schema.variants)]
      : fields.map((field) => () => writeField(writer, field.name, field.type));
  const root = writer.table([
    { slot: 0, size: 2, value: METADATA_V5 },
    { slot: 1, size: 1, value: MESSAGE_SCHEMA },
    {
      slot: 2,
      write: () =>
        writer.table([
          { slot: SCHEMA.fields, write: () => writer.references(writeFields) },
          { slot: SCHEMA.metadata, write: () => writeMetadata(writer, [["volley", form]]) },
        ]),
    },
    { slot: 3, size: 8, value: 0 },
  ]);
  return messageOf(writer.finish(root));
}

function writeMetadata(writer: FlatbufferWriter, pairs: readonly (readonly [string, string])[]): number {
  return writer.references(
    pairs.map(
      ([key, value]) =>
        () =>
          writer.table([
            { slot: KEY_VALUE.key, write: () => writer.string(key) },
            { slot: KEY_VALUE.value, write: () => writer.string(value) },
          ]),
    ),
  );
}

interface ArrowShape {
  readonly arrow: number;
  readonly parameters?: readonly TableField[];
  readonly children?: readonly (() => number)[];
  readonly js?: string;
}

function writeField(writer: FlatbufferWriter, name: string, type: ColumnType): number {
  const shape = arrowShape(writer, type);
  const metadata: [string, string][] = [];
  if (shape.js !== undefined) metadata.push(["js", shape.js]);
  if (type.nulls === "undefined" || type.nulls === "missing") metadata.push(["nulls", type.nulls]);
  return writeArrowField(writer, name, shape, metadata);
}

function writeArrowField(
  writer: FlatbufferWriter,
  name: string,
  shape: ArrowShape,
  metadata: readonly (readonly [string, string])[],
): number {
  const fields: TableField[] = [
    { slot: FIELD.name, write: () => writer.string(name) },
    { slot: FIELD.nullable, size: 1, value: 1 },
    { slot: FIELD.typeKind, size: 1, value: shape.arrow },
    { slot: FIELD.type, write: () => writer.table(shape.parameters ?? []) },
    { slot: FIELD.children, write: () => writer.references(shape.children ?? []) },
  ];
  if (metadata.length > 0) fields.push({ slot: FIELD.metadata, write: () => writeMetadata(writer, metadata) });
  return writer.table(fields);
}

function writeUnion(writer: FlatbufferWriter, variants: readonly ColumnType[]): number {
  const ids = variants.map((_, index) => index);
  const shape: ArrowShape = {
    arrow: ARROW.Union,
    parameters: [
      { slot: 0, size: 2, value: DENSE },
      { slot: 1, write: () => writer.int32s(ids) },
    ],
    children: variants.map((type, index) => () => writeField(writer, String(index), type)),
  };
  return writeArrowField(writer, "value", shape, []);
}

function intOf(bits: number, signed: boolean): ArrowShape {
  return {
    arrow: ARROW.Int,
    parameters: [
      { slot: 0, size: 4, value: bits },
      { slot: 1, size: 1, value: signed ? 1 : 0 },
    ],
  };
}

function floatOf(precision: number): ArrowShape {
  return { arrow: ARROW.FloatingPoint, parameters: [{ slot: 0, size: 2, value: precision }] };
}

function arrowShape(writer: FlatbufferWriter, type: ColumnType): ArrowShape {
  switch (type.kind) {
    case "null":
      return { arrow: ARROW.Null };
    case "bool":
      return { arrow: ARROW.Bool };
    case "int32":
      return intOf(32, true);
    case "float64":
      return floatOf(DOUBLE);
    case "bigint":
      return intOf(64, true);
    case "date":
      return {
        arrow: ARROW.Timestamp,
        parameters: [
          { slot: 0, size: 2, value: MILLISECOND },
          { slot: 1, write: () => writer.string("UTC") },
        ],
      };
    case "utf8":
      return { arrow: ARROW.Utf8 };
    case "any":
      return { arrow: ARROW.Binary, js: "any" };
    case "bytes":
      return type.form === "Uint8Array" ? { arrow: ARROW.Binary } : { arrow: ARROW.Binary, js: type.form };
    case "list":
      return { arrow: ARROW.List, children: [() => writeField(writer, "item", type.item)] };
    case "vector":
      return vectorShape(writer, type);
    case "struct": {
      const children = type.fields.map((field) => () => writeField(writer, field.name, field.type));
      if (type.form === "object") return { arrow: ARROW.Struct, children };
      return { arrow: ARROW.Struct, children, js: type.form === "tuple" ? "tuple" : `class:${type.classId}` };
    }
  }
}

function vectorShape(writer: FlatbufferWriter, type: VectorType): ArrowShape {
  const { bits, signed, float } = ELEMENTS[type.element];
  const item = float ? floatOf(bits === 64 ? DOUBLE : SINGLE) : intOf(bits, signed);
  const children = [() => writeArrowField(writer, "item", item, [])];
  const js = `${type.element}Array`;
  if (type.width === undefined) return { arrow: ARROW.List, children, js };
  return { arrow: ARROW.FixedSizeList, parameters: [{ slot: 0, size: 4, value: type.width }], children, js };
}

// Reading

/** The schema that a schema message's metadata (without its frame) holds. Throws BLOCK_CORRUPT. */
export function decodeSchema(metadata: Uint8Array): BlockSchema {
  return new SchemaParser(metadata).parse();
}

class SchemaParser {
  readonly #reader: FlatbufferReader;
  #fields = 0;

  constructor(metadata: Uint8Array) {
    this.#reader = new FlatbufferReader(metadata);
  }

  parse(): BlockSchema {
    const reader = this.#reader;
    const message = reader.root();
    if (reader.uint8(message, 1, 0) !== MESSAGE_SCHEMA) throw corruptBlock("it does not begin with a schema");
    const schema = reader.reference(message, 2);
    const fields = this.#elements(reader.reference(schema, SCHEMA.fields));
    const form = this.#metadata(reader.reference(schema, SCHEMA.metadata)).get("volley");
    switch (form) {
      case "object":
      case "tuple":
        return {
          isFlat: true,
          variants: [
            { kind: "struct", form, classId: 0, nulls: "none", fields: fields.map((field) => this.#field(field, 0)) },
          ],
        };
      case "value":
        return { isFlat: false, variants: fields.slice(0, 1).map((field) => this.#field(field, 0).type) };
      case "variants":
        return { isFlat: false, variants: this.#variants(fields) };
      default:
        throw corruptBlock("a schema that does not say what a row is");
    }
  }

  #elements(vector: number): number[] {
    if (vector === 0) return [];
    const length = this.#reader.vectorLength(vector, 4);
    this.#fields += length;
    if (this.#fields > FIELDS_MAX) throw corruptBlock("too many fields");
    return Array.from({ length }, (_, index) => this.#reader.element(vector, index));
  }

  #metadata(vector: number): Map<string, string> {
    const reader = this.#reader;
    const pairs = new Map<string, string>();
    for (const pair of this.#elements(vector))
      pairs.set(this.#text(reader.reference(pair, KEY_VALUE.key)), this.#text(reader.reference(pair, KEY_VALUE.value)));
    return pairs;
  }

  #text(at: number): string {
    return at === 0 ? "" : this.#reader.string(at);
  }

  #variants(fields: readonly number[]): ColumnType[] {
    const [union] = fields;
    if (union === undefined || this.#reader.uint8(union, FIELD.typeKind, 0) !== ARROW.Union)
      throw corruptBlock("variants without a union");
    return this.#children(union).map((child) => this.#field(child, 0).type);
  }

  #children(field: number): number[] {
    return this.#elements(this.#reader.reference(field, FIELD.children));
  }

  #field(field: number, depth: number): StructField {
    if (depth > DEPTH_MAX) throw corruptBlock("types nested too deep");
    const metadata = this.#metadata(this.#reader.reference(field, FIELD.metadata));
    const nulls = nullKind(metadata.get("nulls"));
    return {
      name: this.#text(this.#reader.reference(field, FIELD.name)),
      type: this.#type(field, metadata.get("js"), nulls, depth),
    };
  }

  #type(field: number, js: string | undefined, nulls: NullKind, depth: number): ColumnType {
    const reader = this.#reader;
    const parameters = reader.reference(field, FIELD.type);
    switch (reader.uint8(field, FIELD.typeKind, 0)) {
      case ARROW.Null:
        return { kind: "null", nulls };
      case ARROW.Bool:
        return { kind: "bool", nulls };
      case ARROW.Int:
        return { kind: reader.int32(parameters, 0, 0) === 32 ? "int32" : "bigint", nulls };
      case ARROW.FloatingPoint:
        return { kind: "float64", nulls };
      case ARROW.Timestamp:
        return { kind: "date", nulls };
      case ARROW.Utf8:
        return { kind: "utf8", nulls };
      case ARROW.Binary:
        return js === "any" ? { kind: "any", nulls } : { kind: "bytes", form: bytesForm(js), nulls };
      case ARROW.List:
        if (js !== undefined) return { kind: "vector", element: vectorElement(js), width: undefined, nulls };
        return { kind: "list", item: this.#field(this.#child(field), depth + 1).type, nulls };
      case ARROW.FixedSizeList:
        return { kind: "vector", element: vectorElement(js), width: reader.int32(parameters, 0, 0), nulls };
      case ARROW.Struct:
        return this.#struct(field, js, nulls, depth);
      default:
        throw corruptBlock("a type that is not known");
    }
  }

  #child(field: number): number {
    const [child] = this.#children(field);
    if (child === undefined) throw corruptBlock("a list without items");
    return child;
  }

  #struct(field: number, js: string | undefined, nulls: NullKind, depth: number): StructType {
    const fields = this.#children(field).map((child) => this.#field(child, depth + 1));
    if (js === undefined || js === "tuple") return { kind: "struct", form: js ?? "object", classId: 0, fields, nulls };
    const classId = /^class:(\d{1,15})$/.exec(js)?.[1];
    if (classId === undefined) throw corruptBlock("a struct of unknown form");
    return { kind: "struct", form: "instance", classId: Number(classId), fields, nulls };
  }
}

function nullKind(text: string | undefined): NullKind {
  if (text === undefined) return "null";
  if (text === "undefined" || text === "missing") return text;
  throw corruptBlock("nulls of unknown kind");
}

function bytesForm(js: string | undefined): BytesForm {
  if (js === undefined) return "Uint8Array";
  if (js === "Buffer" || js === "ArrayBuffer") return js;
  throw corruptBlock("bytes of unknown form");
}

function vectorElement(js: string | undefined): VectorElement {
  const element = js?.replace(/Array$/, "");
  if (element === undefined || !Object.hasOwn(ELEMENTS, element)) throw corruptBlock("a typed array of unknown class");
  return element as VectorElement;
}
