/** Which names of a function's parameters stand for vectors that it only reads, and where these lie. */

import type { InlineFunction } from "./inline-function.js";
import { elementsOf, type Pattern } from "./param-pattern.js";
import { partOf, type RowRef, type VectorRef } from "./row-ref.js";

export type Given = ReadonlyMap<string, VectorRef>;

/** `fn` is the name of the function in the emitted code. */
export function vectorArguments(
  fn: string,
  inline: Pick<InlineFunction, "params" | "vectors">,
  args: readonly RowRef[],
): Given {
  const given = new Map<string, VectorRef>();
  const visit = (pattern: Pattern, row: RowRef | undefined): void => {
    if (pattern.kind === "name") {
      const needs = inline.vectors.get(pattern.name);
      const vector = needs === undefined ? undefined : vectorOf(row);
      if (needs === undefined || vector === undefined) return;
      if (needs.length > 0) vector.scratch.needs.push({ fn, needs });
      given.set(pattern.name, vector);
      return;
    }
    for (const { key, pattern: inner } of elementsOf(pattern) ?? []) visit(inner, partOf(row, key));
  };
  for (const [index, param] of inline.params.entries()) visit(param, args[index]);
  return given;
}

function vectorOf(row: RowRef | undefined): VectorRef | undefined {
  switch (row?.kind) {
    case "vector":
      return row;
    case "columns":
      return row.reads.vector(row.path);
    default:
      return undefined;
  }
}
