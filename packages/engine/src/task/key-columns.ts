/** A table's keys as columns of batches, and what belongs to them beside each: strings as the bytes that the table holds, int32 keys as they lie. */

import { BATCH_ROWS } from "../columnar/block-writer.js";
import type { ColumnPlan } from "../columnar/column-plan.js";
import type { KeyIndex } from "../columnar/key-index.js";
import { planTyped } from "../columnar/plan-values.js";
import { textPlans } from "../columnar/text-plan.js";

/** A pair of numbers takes 12 or 16 bytes. */
const INT_ROW_BITS = 4;

/** Whether all keys are of one kind that goes to a column as it lies. */
export function haveColumns({ texts, ints }: KeyIndex): boolean {
  return texts === undefined ? ints !== undefined : !texts.hasBroken;
}

/**
 * Calls `push` for batches of about `batchBytes` of the keys with these slots, in their order. `valuesAt`: what belongs to the keys of some
 * slots. The keys have columns.
 */
export function pushKeyColumns(
  keys: KeyIndex,
  slots: Uint32Array,
  batchBytes: number,
  valuesAt: ((slots: Uint32Array) => ArrayLike<unknown>) | undefined,
  push: (column: ColumnPlan, values: ArrayLike<unknown> | undefined) => void,
): void {
  let from = 0;
  for (const column of columnsOf(keys, slots, batchBytes)) {
    const until = from + column.count;
    push(column, valuesAt?.(slots.subarray(from, until)));
    from = until;
  }
}

function columnsOf({ texts, ints }: KeyIndex, slots: Uint32Array, batchBytes: number): Iterable<ColumnPlan> {
  if (texts !== undefined) return textPlans(texts, slots, BATCH_ROWS, batchBytes);
  return intPlans(ints as Int32Array, slots, Math.max(1, Math.min(BATCH_ROWS, batchBytes >> INT_ROW_BITS)));
}

function* intPlans(ints: Int32Array, slots: Uint32Array, rowsMax: number): Generator<ColumnPlan> {
  for (let from = 0; from < slots.length; from += rowsMax) {
    const count = Math.min(rowsMax, slots.length - from);
    const own = new Int32Array(count);
    for (let i = 0; i < count; i++) own[i] = ints[slots[from + i] as number] as number;
    yield planTyped(own) as ColumnPlan;
  }
}
