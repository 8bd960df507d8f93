/** A column that has been looked at: what type it has, and what it will be written from. */
import type { ColumnType } from "./column-type.js";
import { MISSING } from "./gather.js";

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

/** The same values as one column of kind any. */
export function planAny(values: readonly unknown[], count: number, hasObjects: boolean): ColumnPlan {
  let missing = 0;
  for (let i = 0; i < count; i++) if (values[i] === MISSING) missing++;
  return plan({ kind: "any", nulls: missing > 0 ? "missing" : "none" }, values, count, {
    nullCount: missing,
    hasObjects,
  });
}

export function plan(
  type: ColumnType,
  values: readonly unknown[],
  count: number,
  parts: Partial<Pick<ColumnPlan, "nullCount" | "children" | "offsets" | "data" | "hasObjects">>,
): ColumnPlan {
  const { nullCount = 0, children = [], offsets, data, hasObjects = false } = parts;
  return { type, values, count, nullCount, children, offsets, data, hasObjects };
}

export function isNull(value: unknown): boolean {
  return value === null || value === undefined || value === MISSING;
}

export function countNulls(values: readonly unknown[], count: number): number {
  let nulls = 0;
  for (let i = 0; i < count; i++) if (isNull(values[i])) nulls++;
  return nulls;
}
