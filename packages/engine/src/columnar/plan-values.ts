/** Columns of primitives and Dates. */

import { type ColumnPlan, countNulls, plan, planAny } from "./column-plan.js";
import type { NullKind } from "./column-type.js";
import { numbersGather } from "./gather.js";
import { encodeStrings } from "./utf8-encode.js";

/** Undefined when not all are numbers. */
export function planNumbers(values: readonly unknown[], count: number): ColumnPlan | undefined {
  let ints = 0;
  while (ints < count && isInt(values[ints])) ints++;
  if (ints === count) return plan({ kind: "int32", nulls: "none" }, values, count, { data: intsOf(values, count) });
  const doubles = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    const value = values[i];
    if (typeof value !== "number") return undefined;
    doubles[i] = value;
  }
  return plan({ kind: "float64", nulls: "none" }, values, count, { data: doubles });
}

function isInt(value: unknown): boolean {
  if (typeof value !== "number") return false;
  const int = value | 0;
  return int === value && (int !== 0 || 1 / value > 0);
}

function intsOf(values: readonly unknown[], count: number): Int32Array {
  const ints = new Int32Array(count);
  for (let i = 0; i < count; i++) ints[i] = values[i] as number;
  return ints;
}

/** The items of lists, `total` of them, as one column; undefined when not all are numbers. Rows that are no lists have none. */
export function planItems(rows: readonly unknown[], count: number, total: number): ColumnPlan | undefined {
  const first = rows.find((row) => Array.isArray(row) && row.length > 0);
  if (first === undefined || typeof (first as readonly unknown[])[0] !== "number") return undefined;
  const doubles = new Float64Array(total);
  let at = 0;
  let areInts = true;
  for (let i = 0; i < count; i++) {
    const row = rows[i];
    if (!Array.isArray(row)) continue;
    for (let j = 0; j < row.length; j++) {
      const item: unknown = row[j];
      if (typeof item !== "number") return undefined;
      doubles[at++] = item;
      areInts &&= isInt(item);
    }
  }
  return numbersPlan(doubles, areInts);
}

/** Tuples of `width` numbers as a column for each place; undefined when they are not all that. Undefined is not an error: other plans fit. */
export function planNumberTuples(rows: readonly unknown[], count: number, width: number): ColumnPlan[] | undefined {
  if (!(rows[0] as readonly unknown[]).every((value) => typeof value === "number")) return undefined;
  const columns = Array.from({ length: width }, () => new Float64Array(count));
  if (numbersGather(width)(rows, count, columns) < count) return undefined;
  return columns.map((column) => numbersPlan(column, areInts(column)));
}

/** Numbers that lie in a typed array already; undefined for other values. */
export function planTyped(values: ArrayLike<unknown>): ColumnPlan | undefined {
  if (values instanceof Int32Array)
    return plan({ kind: "int32", nulls: "none" }, asValues(values), values.length, { data: values });
  return values instanceof Float64Array ? numbersPlan(values, areInts(values)) : undefined;
}

function areInts(column: Float64Array): boolean {
  for (let i = 0; i < column.length; i++) if (!isInt(column[i])) return false;
  return true;
}

/** A typed array does as a list of the values that it holds. */
function numbersPlan(doubles: Float64Array, areInts: boolean): ColumnPlan {
  const count = doubles.length;
  if (!areInts) return plan({ kind: "float64", nulls: "none" }, asValues(doubles), count, { data: doubles });
  const ints = new Int32Array(doubles);
  return plan({ kind: "int32", nulls: "none" }, asValues(ints), count, { data: ints });
}

function asValues(numbers: Float64Array | Int32Array): readonly unknown[] {
  return numbers as unknown as readonly unknown[];
}

export function planNullableNumbers(values: readonly unknown[], count: number, nulls: NullKind): ColumnPlan {
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

export function planStrings(values: readonly unknown[], count: number, nulls: NullKind): ColumnPlan {
  const encoded = encodeStrings(values, count);
  if (encoded === undefined) return planAny(values, count, false);
  const nullCount = nulls === "none" ? 0 : countNulls(values, count);
  return plan({ kind: "utf8", nulls }, values, count, { offsets: encoded.offsets, data: encoded.bytes, nullCount });
}

export function planBooleans(values: readonly unknown[], count: number, nulls: NullKind): ColumnPlan {
  const bits = new Uint8Array(Math.ceil(count / 8));
  for (let i = 0; i < count; i++) {
    if (values[i] === true) bits[i >> 3] = (bits[i >> 3] as number) | (1 << (i & 7));
  }
  return plan({ kind: "bool", nulls }, values, count, {
    data: bits,
    nullCount: nulls === "none" ? 0 : countNulls(values, count),
  });
}

export function planBigints(values: readonly unknown[], count: number, nulls: NullKind): ColumnPlan {
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

export function planDates(
  values: readonly unknown[],
  count: number,
  nulls: NullKind,
  nullCount: number,
): ColumnPlan | undefined {
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
