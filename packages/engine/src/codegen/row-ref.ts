/**
 * A row as the generated code knows it: a value in a variable, or a tuple whose elements lie in variables of their own and which was
 * never built as an array. An operator that needs one element reads it; only one that needs the whole builds it.
 */

export type RowRef =
  /** `text` is a name or literal: it may be repeated without cost or effect. */
  | { readonly kind: "value"; readonly text: string }
  | { readonly kind: "tuple"; readonly items: readonly RowRef[] };

export function valueRef(text: string): RowRef {
  return { kind: "value", text };
}

export function tupleRef(...items: RowRef[]): RowRef {
  return { kind: "tuple", items };
}

/** An expression that has the row as a JavaScript value. Evaluating it twice makes two arrays: put it in a variable first. */
export function wholeText(row: RowRef): string {
  return row.kind === "value" ? row.text : `[${row.items.map(wholeText).join(", ")}]`;
}
