/** A column plan as Arrow buffers, of its own type or of a wider one (mergeTypes says which are). */

import { BatchTooLarge } from "./batch-too-large.js";
import type { ColumnPlan } from "./column-plan.js";
import type { ColumnType, StructField, VectorType } from "./column-type.js";
import { MISSING } from "./gather.js";
import { VECTOR_CLASSES } from "./plan-binary.js";
import type { ClassRegistry } from "./types.js";
import { ValueEncoder } from "./value-encoder.js";

/** The columns of one batch in the order in which Arrow wants them: parents before children. */
export interface EncodedColumns {
  /** Length and null count of each column. */
  readonly nodes: number[];
  readonly buffers: ArrayBufferView[];
}

const NOTHING = new Uint8Array(0);
/** A column's bytes stay below what int32 offsets can say. */
const ANY_BYTES_MAX = 2 ** 31 - 1;

/** Encodes a plan as `type`, which must hold its values. Throws BatchTooLarge, ROW_NOT_TRANSFERABLE, RECORD_TOO_LARGE. */
export function encodeColumn(plan: ColumnPlan, type: ColumnType, classes: ClassRegistry): EncodedColumns {
  const columns: EncodedColumns = { nodes: [], buffers: [] };
  encode(plan, type, columns, classes);
  return columns;
}

function encode(plan: ColumnPlan, type: ColumnType, out: EncodedColumns, classes: ClassRegistry): void {
  if (type.kind === "any") return encodeAny(plan, out, classes);
  if (plan.type.kind !== type.kind && plan.nullCount === plan.count) return encodeNulls(plan.count, type, out);
  out.nodes.push(plan.count, plan.nullCount);
  if (type.kind === "null") return;
  out.buffers.push(validity(plan));
  switch (type.kind) {
    case "struct":
      for (const [index, child] of plan.children.entries())
        encode(child, (type.fields[index] as StructField).type, out, classes);
      return;
    case "list":
      out.buffers.push(plan.offsets as Int32Array);
      return encode(plan.children[0] as ColumnPlan, type.item, out, classes);
    case "vector":
      return encodeVector(plan, type, out);
    case "utf8":
    case "bytes":
      out.buffers.push(plan.offsets as Int32Array, plan.data as Uint8Array);
      return;
    case "float64":
      out.buffers.push(plan.data instanceof Int32Array ? Float64Array.from(plan.data) : (plan.data as Float64Array));
      return;
    default:
      out.buffers.push(plan.data as ArrayBufferView);
  }
}

function validity(plan: ColumnPlan): Uint8Array {
  if (plan.nullCount === 0) return NOTHING;
  const bits = new Uint8Array(Math.ceil(plan.count / 8));
  for (let i = 0; i < plan.count; i++) {
    const value = plan.values[i];
    if (value !== null && value !== undefined && value !== MISSING)
      bits[i >> 3] = (bits[i >> 3] as number) | (1 << (i & 7));
  }
  return bits;
}

function encodeVector(plan: ColumnPlan, type: VectorType, out: EncodedColumns): void {
  const data = plan.data as Float64Array;
  const ownWidth = (plan.type as VectorType).width;
  if (type.width === undefined) {
    const offsets =
      ownWidth === undefined
        ? (plan.offsets as Int32Array)
        : Int32Array.from({ length: plan.count + 1 }, (_, index) => index * ownWidth);
    out.buffers.push(offsets);
  }
  out.nodes.push(data.length, 0);
  out.buffers.push(NOTHING, data);
}

function encodeAny(plan: ColumnPlan, out: EncodedColumns, classes: ClassRegistry): void {
  const encoder = new ValueEncoder(classes);
  const offsets = new Int32Array(plan.count + 1);
  let missing = 0;
  for (let i = 0; i < plan.count; i++) {
    const value = plan.values[i];
    if (value === MISSING) missing++;
    else encoder.encode(value);
    if (encoder.sink.length > ANY_BYTES_MAX) throw new BatchTooLarge();
    offsets[i + 1] = encoder.sink.length;
  }
  out.nodes.push(plan.count, missing);
  out.buffers.push(
    missing === 0 ? NOTHING : presence(plan),
    offsets,
    encoder.sink.bytes.subarray(0, encoder.sink.length),
  );
}

/** The validity bitmap of kind any, where null and undefined are values. */
function presence(plan: ColumnPlan): Uint8Array {
  const bits = new Uint8Array(Math.ceil(plan.count / 8));
  for (let i = 0; i < plan.count; i++) {
    if (plan.values[i] !== MISSING) bits[i >> 3] = (bits[i >> 3] as number) | (1 << (i & 7));
  }
  return bits;
}

/** A column of any type with nothing but nulls in it. */
function encodeNulls(count: number, type: ColumnType, out: EncodedColumns): void {
  out.nodes.push(count, count);
  if (type.kind === "null") return;
  out.buffers.push(new Uint8Array(Math.ceil(count / 8)));
  switch (type.kind) {
    case "struct":
      for (const field of type.fields) encodeNulls(count, field.type, out);
      return;
    case "list":
      out.buffers.push(new Int32Array(count + 1));
      return encodeNulls(0, type.item, out);
    case "vector":
      if (type.width === undefined) out.buffers.push(new Int32Array(count + 1));
      out.nodes.push((type.width ?? 0) * count, 0);
      out.buffers.push(NOTHING, new VECTOR_CLASSES[type.element]((type.width ?? 0) * count));
      return;
    case "utf8":
    case "bytes":
    case "any":
      out.buffers.push(new Int32Array(count + 1), NOTHING);
      return;
    case "bool":
      out.buffers.push(new Uint8Array(Math.ceil(count / 8)));
      return;
    case "int32":
      out.buffers.push(new Int32Array(count));
      return;
    default:
      out.buffers.push(new Float64Array(count));
  }
}

/** How many nodes and buffers a column of a type has: 0 rows of a type are that many zeros. */
export function columnParts(type: ColumnType): { nodes: number; buffers: number } {
  switch (type.kind) {
    case "null":
      return { nodes: 1, buffers: 0 };
    case "struct":
      return type.fields.reduce(
        (sum, field) => {
          const own = columnParts(field.type);
          return { nodes: sum.nodes + own.nodes, buffers: sum.buffers + own.buffers };
        },
        { nodes: 1, buffers: 1 },
      );
    case "list": {
      const item = columnParts(type.item);
      return { nodes: 1 + item.nodes, buffers: 2 + item.buffers };
    }
    case "vector":
      return { nodes: 2, buffers: type.width === undefined ? 4 : 3 };
    case "utf8":
    case "bytes":
    case "any":
      return { nodes: 1, buffers: 3 };
    default:
      return { nodes: 1, buffers: 2 };
  }
}
