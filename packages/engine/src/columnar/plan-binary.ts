/** Columns of typed arrays and of bytes. */
import { VolleyError } from "../wire/errors.js";
import { BatchTooLarge } from "./batch-too-large.js";
import { type ColumnPlan, plan } from "./column-plan.js";
import type { BytesForm, NullKind, VectorElement } from "./column-type.js";

const BYTES_MAX = 2 ** 31 - 1;
export const VECTORS = new Map<object, VectorElement>([
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
export const BYTES = new Map<object, BytesForm>([
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

export function planVectors(
  values: readonly unknown[],
  count: number,
  nulls: NullKind,
  nullCount: number,
  prototype: object,
  element: VectorElement,
): ColumnPlan | undefined {
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
  if (width === undefined || width < 1) width = -1;
  const isFixed = width > 0;
  const data = copyVectors(values, count, isFixed ? width * count : total, isFixed ? width : 0, element);
  return plan({ kind: "vector", element, width: isFixed ? width : undefined, nulls }, values, count, {
    data,
    offsets,
    nullCount,
  });
}

/** Arrays shorter than this are copied by a loop: `set` costs a call. */
const COPY_LOOP_MAX = 24;

/** `step`: room for each row, nulls too; 0: rows stand one after the other. */
function copyVectors(
  values: readonly unknown[],
  count: number,
  total: number,
  step: number,
  element: VectorElement,
): VectorArray {
  const data = new VECTOR_CLASSES[element](total);
  let copy = copies.get(element);
  if (copy === undefined) {
    copy = new Function(`return ${COPY}`)() as Copy;
    copies.set(element, copy);
  }
  copy(data, values, count, step);
  return data;
}

type Copy = (data: VectorArray, values: readonly unknown[], count: number, step: number) => void;

/** Compiled for each class of arrays apart: code that has met several is ten times slower. */
const copies = new Map<VectorElement, Copy>();
const COPY = `function copy(data, values, count, step) {
  let at = 0;
  for (let i = 0; i < count; i++) {
    const vector = values[i];
    if (typeof vector !== "object" || vector === null) {
      at += step;
      continue;
    }
    const length = vector.length;
    if (length < ${COPY_LOOP_MAX}) for (let j = 0; j < length; j++) data[at + j] = vector[j];
    else data.set(vector, at);
    at += length;
  }
}`;

export function planBytes(
  values: readonly unknown[],
  count: number,
  nulls: NullKind,
  nullCount: number,
  prototype: object,
  form: BytesForm,
): ColumnPlan | undefined {
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
