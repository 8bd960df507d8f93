/**
 * A row as the generated code knows it. An operator that needs one element reads it; only one that needs the whole builds it.
 *
 * - value:   in a variable
 * - tuple:   its elements lie in variables of their own; it was never built as an array
 * - columns: row `index` of a batch; what is asked for is read from its column, what is not asked for is never decoded
 */

import type { ColumnReads } from "./column-reads.js";

export type RowRef =
  /** `text` is a name or literal: it may be repeated without cost or effect. */
  | { readonly kind: "value"; readonly text: string }
  | { readonly kind: "tuple"; readonly items: readonly RowRef[] }
  | { readonly kind: "columns"; readonly reads: ColumnReads };

export function valueRef(text: string): RowRef {
  return { kind: "value", text };
}

export function tupleRef(...items: RowRef[]): RowRef {
  return { kind: "tuple", items };
}

/** An expression that has the row as a JavaScript value. Evaluating it twice makes two arrays: put it in a variable first. */
export function wholeText(row: RowRef): string {
  switch (row.kind) {
    case "value":
      return row.text;
    case "tuple":
      return `[${row.items.map(wholeText).join(", ")}]`;
    case "columns":
      return row.reads.whole();
  }
}

/** The same for the error handler, where cost does not matter and nothing may be asked of the loop. */
export function recordText(row: RowRef): string {
  switch (row.kind) {
    case "value":
      return row.text;
    case "tuple":
      return `[${row.items.map(recordText).join(", ")}]`;
    case "columns":
      return row.reads.record();
  }
}
