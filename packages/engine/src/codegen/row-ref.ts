/**
 * A row as the generated code knows it. An operator that needs one element reads it; only one that needs the whole builds it.
 *
 * - value:   in a variable
 * - tuple:   its elements lie in variables of their own; it was never built as an array
 * - vector:  in a variable too; unless somebody asks for it as a value, one array serves all rows
 * - columns: row `index` of a batch, or what lies in it at `path`; what is asked for is read from its column, what is not is never decoded
 */

import type { ColumnReads, ElementKey, Path } from "./column-reads.js";
import type { Scratch } from "./scratch.js";
import type { ValueType } from "./value-type.js";
import type { Need } from "./vector-reads.js";

/** A row, or an element of one, in an operator's code. `e.whole(row)` puts it into a variable: its `text` is a name or literal, to be repeated without cost. */
export type RowRef =
  | { readonly kind: "value"; readonly text: string; readonly type?: ValueType | undefined }
  | { readonly kind: "tuple"; readonly items: readonly RowRef[] }
  | VectorRef
  | { readonly kind: "columns"; readonly reads: ColumnReads; readonly path: Path };

export interface VectorRef {
  readonly kind: "vector";
  /** The variable. Who reads it has proved that it only reads. */
  readonly text: string;
  readonly scratch: Scratch;
}

/** `type`: what is known of the value. */
export function valueRef(text: string, type?: ValueType): RowRef {
  return { kind: "value", text, type };
}

export function tupleRef(...items: RowRef[]): RowRef {
  return { kind: "tuple", items };
}

/** An element of the row where it lies by itself, in a variable or a column; undefined where the row must be had as a value first. */
export function partOf(row: RowRef | undefined, key: ElementKey): RowRef | undefined {
  if (row?.kind === "tuple") return typeof key === "number" ? row.items[key] : undefined;
  if (row?.kind !== "columns" || !row.reads.opens(row.path, key)) return undefined;
  return { ...row, path: [...row.path, key] };
}

/** An expression that has the row as a JavaScript value. Evaluating it twice makes two arrays: put it in a variable first. */
export function wholeText(row: RowRef): string {
  switch (row.kind) {
    case "value":
      return row.text;
    case "tuple":
      return `[${row.items.map(wholeText).join(", ")}]`;
    case "vector":
      row.scratch.escapes = true;
      return row.text;
    case "columns":
      return row.reads.value(row.path);
  }
}

/** The same for the error handler, where cost does not matter and nothing may be asked of the loop. */
export function recordText(row: RowRef): string {
  switch (row.kind) {
    case "value":
    case "vector":
      return row.text;
    case "tuple":
      return `[${row.items.map(recordText).join(", ")}]`;
    case "columns":
      return row.reads.record(row.path);
  }
}

/** The row as a value to keep; a vector that the next row takes is copied. For places that few rows reach. */
export function keptText(row: RowRef): string {
  if (row.kind === "vector") return `${row.scratch.name}.own(${row.text})`;
  return row.kind === "tuple" ? `[${row.items.map(keptText).join(", ")}]` : wholeText(row);
}

/** The row as an argument of the user function `fn`; a vector may be the next row's when the function only reads it (`needs`: what must hold for that). */
export function lentText(row: RowRef, fn: string, needs: readonly Need[] | undefined): string {
  if (row.kind !== "vector" || needs === undefined) return wholeText(row);
  if (needs.length > 0) row.scratch.needs.push({ fn, needs });
  return row.text;
}
