/**
 * A row for a function that is called: where the function reads some elements or fields of its row and nothing else of it, it gets a row
 * that has just these, so that the columns of the others are not decoded.
 */

import { functionFacts } from "../closure/facts.js";
import type { ElementKey } from "./column-reads.js";
import { partOf, type RowRef, valueRef, wholeText } from "./row-ref.js";

/** Gaps in an array that are worth a literal: `(row) => row[9]` of wide rows. */
const ELEMENTS_MAX = 32;

export function narrowRow(f: unknown, row: RowRef): RowRef {
  if (row.kind !== "columns" || typeof f !== "function") return row;
  const { whole, fields } = functionFacts(Function.prototype.toString.call(f)).reads;
  if (whole || fields.length === 0) return row;
  if (!fields.every((field) => partOf(row, field) !== undefined)) return row;
  const textOf = (field: ElementKey) => wholeText(partOf(row, field) as RowRef);
  const indices = fields.filter((field) => typeof field === "number");
  if (indices.length === fields.length) {
    const width = Math.max(...indices) + 1;
    if (!indices.every((index) => Number.isSafeInteger(index) && index >= 0) || width > ELEMENTS_MAX) return row;
    const elements = Array.from({ length: width }, (_, index) =>
      indices.includes(index) ? textOf(index) : "undefined",
    );
    return valueRef(`[${elements.join(", ")}]`);
  }
  const names = fields.filter((field) => typeof field === "string");
  // In a literal it would be the prototype.
  if (names.length !== fields.length || names.includes("__proto__")) return row;
  return valueRef(`{ ${names.map((name) => `${JSON.stringify(name)}: ${textOf(name)}`).join(", ")} }`);
}
