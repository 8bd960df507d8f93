/** Names for what a parameter's pattern takes from an argument. Elements of a row that lies in variables or columns are read there. */

import type { CodeWriter } from "./code-writer.js";
import { elementsOf, type Field, type Pattern } from "./param-pattern.js";
import type { PipelineDraft } from "./pipeline-draft.js";
import { partOf, type RowRef, valueRef, wholeText } from "./row-ref.js";
import type { Given } from "./vector-arguments.js";

type Keyword = "const" | "let";

export function bindPattern(
  draft: PipelineDraft,
  w: CodeWriter,
  pattern: Pattern,
  row: RowRef,
  keyword: Keyword,
  given: Given,
): void {
  if (bindGiven(w, pattern, given)) return;
  switch (pattern.kind) {
    case "name":
      return w.line(`${keyword} ${pattern.name} = ${wholeText(row)};`);
    case "default":
      return bindDefault(draft, w, pattern, row, keyword, given);
    case "tests":
      for (const { name, value } of pattern.tests) w.line(`${keyword} ${name} = ${testText(row, value)};`);
      return;
    case "fields":
      for (const field of pattern.fields) bindElement(draft, w, field, row, keyword, given);
      return;
    case "object":
      if (row.kind === "columns" && pattern.fields.length > 0 && opensAll(row, pattern.fields))
        return bindPattern(draft, w, { kind: "fields", fields: pattern.fields }, row, keyword, given);
      return w.line(`${keyword} ${pattern.text} = ${wholeText(row)};`);
    case "array":
      return bindArray(draft, w, pattern, row, keyword, given);
  }
}

/** A vector that is only read is had from its variable, whatever the row is. */
function bindGiven(w: CodeWriter, pattern: Pattern, given: Given): boolean {
  const vector = pattern.kind === "name" ? given.get(pattern.name) : undefined;
  if (vector !== undefined) w.line(`const ${(pattern as { name: string }).name} = ${vector.text};`);
  return vector !== undefined;
}

function bindElement(
  draft: PipelineDraft,
  w: CodeWriter,
  field: Field,
  row: RowRef,
  keyword: Keyword,
  given: Given,
): void {
  if (!bindGiven(w, field.pattern, given)) bindPattern(draft, w, field.pattern, elementOf(row, field), keyword, given);
}

function bindDefault(
  draft: PipelineDraft,
  w: CodeWriter,
  { pattern, text }: Pattern & { kind: "default" },
  row: RowRef,
  keyword: Keyword,
  given: Given,
): void {
  const element = draft.fresh("e");
  w.line(`const ${element} = ${wholeText(row)};`);
  if (pattern.kind === "name")
    return w.line(`${keyword} ${pattern.name} = ${element} === undefined ? (${text}) : ${element};`);
  const value = draft.fresh("e");
  w.line(`const ${value} = ${element} === undefined ? (${text}) : ${element};`);
  bindPattern(draft, w, pattern, valueRef(value), keyword, given);
}

function elementOf(row: RowRef, { key }: Field): RowRef {
  return partOf(row, key) ?? valueRef(`${wholeText(row)}[${JSON.stringify(key)}]`);
}

function testText(row: RowRef, value: string): string {
  if (row.kind === "columns" && row.path.length > 0) return row.reads.test(row.path, value);
  return `${wholeText(row)} === ${JSON.stringify(value)}`;
}

function opensAll(row: RowRef, fields: readonly Field[]): boolean {
  return fields.every(({ key }) => partOf(row, key) !== undefined);
}

function bindArray(
  draft: PipelineDraft,
  w: CodeWriter,
  pattern: Pattern & { kind: "array" },
  row: RowRef,
  keyword: Keyword,
  given: Given,
): void {
  const { items } = pattern;
  if (row.kind === "tuple" && items.length > row.items.length)
    return w.line(`${keyword} ${pattern.text} = ${wholeText(row)};`);
  if (row.kind === "columns" && !opensAll(row, elementsOf(pattern) ?? []))
    return bindArray(draft, w, pattern, valueRef(wholeText(row)), keyword, given);
  if (row.kind === "value") {
    const isName = /^\$\w+$/.test(row.text);
    const value = isName ? row.text : draft.fresh("e");
    if (!isName) w.line(`const ${value} = ${row.text};`);
    return bindElements(draft, w, items, value, keyword, given);
  }
  // An empty pattern reads nothing, but it wants an array.
  if (row.kind === "columns" && items.length === 0) return w.line(`${keyword} ${pattern.text} = ${wholeText(row)};`);
  for (const [key, item] of items.entries()) {
    if (item !== undefined) bindElement(draft, w, { key, pattern: item }, row, keyword, given);
  }
}

/** `[a, b]` of a value: by index where it is an array, which costs a tenth of the iterator that the language asks for. */
function bindElements(
  draft: PipelineDraft,
  w: CodeWriter,
  items: readonly (Pattern | undefined)[],
  value: string,
  keyword: Keyword,
  given: Given,
): void {
  const elements = draft.fresh("e");
  w.line(
    `const ${elements} = Array.isArray(${value}) ? ${value} : ${draft.constant("t.elements")}(${value}, ${items.length});`,
  );
  for (const [index, item] of items.entries()) {
    if (item !== undefined) bindPattern(draft, w, item, valueRef(`${elements}[${index}]`), keyword, given);
  }
}
