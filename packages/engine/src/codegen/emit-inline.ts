/** Writes a function's body in place of its call: parameters and captured globals as constants of a block, the result in variables. */

import type { CodeWriter } from "./code-writer.js";
import type { InlineFunction, Pattern, Result } from "./inline-function.js";
import type { PipelineDraft } from "./pipeline-draft.js";
import { type RowRef, tupleRef, valueRef, wholeText } from "./row-ref.js";

export function emitInline(
  draft: PipelineDraft,
  w: CodeWriter,
  name: string,
  inline: InlineFunction,
  args: readonly RowRef[],
): RowRef {
  const byFields = args[0]?.kind === "columns" || args[0]?.kind === "tuple" ? inline.byFields : undefined;
  if (byFields !== undefined && fieldsFit(byFields, args[0] as RowRef))
    return emitInline(draft, w, name, byFields, args);
  // A body that is only its parameter, or an element of it, needs no code at all.
  const forwarded = forwardedRef(inline, args);
  if (forwarded !== undefined) return forwarded;
  let result: RowRef = valueRef("undefined");
  w.block("", () => {
    for (const global of inline.globals) w.line(`const ${global} = ${draft.captured(name, global)};`);
    for (const [index, param] of inline.params.entries()) bind(draft, w, param, args[index] as RowRef);
    result = emitResult(draft, w, inline, inline.result, args);
  });
  return result;
}

function forwardedRef({ params, result }: InlineFunction, args: readonly RowRef[]): RowRef | undefined {
  if (result.kind !== "value") return undefined;
  for (const [index, param] of params.entries()) {
    const found = find(param, args[index] as RowRef, result.text);
    if (found !== undefined) return found;
  }
  return undefined;
}

function find(pattern: Pattern, row: RowRef, name: string): RowRef | undefined {
  if (pattern.kind === "name") return pattern.name === name ? row : undefined;
  if (pattern.kind !== "array" || row.kind !== "tuple" || pattern.items.length > row.items.length) return undefined;
  for (const [index, item] of pattern.items.entries()) {
    const found = item === undefined ? undefined : find(item, row.items[index] as RowRef, name);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Whether the fields that a function reads can be had one by one from a row. */
function fieldsFit(inline: InlineFunction, row: RowRef): boolean {
  const [first] = inline.params;
  if (first?.kind !== "fields") return false;
  if (row.kind === "columns") return true;
  return row.kind === "tuple" && first.fields.every(({ key }) => typeof key === "number" && key < row.items.length);
}

function elementText(row: RowRef, key: number | string): string {
  if (row.kind === "columns") return row.reads.element(key);
  return row.kind === "tuple"
    ? wholeText(row.items[key as number] as RowRef)
    : `${wholeText(row)}[${JSON.stringify(key)}]`;
}

/** Constants for the names of a pattern. Elements of a row that lies in variables are read there. */
function bind(draft: PipelineDraft, w: CodeWriter, pattern: Pattern, row: RowRef): void {
  if (pattern.kind === "name") w.line(`const ${pattern.name} = ${wholeText(row)};`);
  else if (pattern.kind === "fields") {
    for (const field of pattern.fields) w.line(`const ${field.name} = ${elementText(row, field.key)};`);
  } else if (pattern.kind === "object") w.line(`const ${pattern.text} = ${wholeText(row)};`);
  else if (row.kind === "tuple" && pattern.items.length <= row.items.length) {
    pattern.items.forEach((item, index) => {
      if (item !== undefined) bind(draft, w, item, row.items[index] as RowRef);
    });
  } else if (row.kind === "columns" && pattern.items.every((item) => item === undefined || item.kind === "name")) {
    pattern.items.forEach((item, index) => {
      if (item?.kind === "name") w.line(`const ${item.name} = ${row.reads.element(index)};`);
    });
  } else bindElements(draft, w, pattern, wholeText(row));
}

/** `[a, b]` of a value: by index where it is an array, which costs a tenth of the iterator that the language asks for. */
function bindElements(draft: PipelineDraft, w: CodeWriter, pattern: Pattern & { kind: "array" }, value: string): void {
  const names = pattern.items.map((item) => (item?.kind === "name" ? item.name : undefined));
  if (pattern.items.some((item) => item !== undefined && item.kind !== "name")) {
    w.line(`const ${pattern.text} = ${value};`);
    return;
  }
  const elements = draft.fresh("e");
  w.line(`const ${elements} = Array.isArray(${value}) ? ${value} : t.elements(${value}, ${names.length});`);
  names.forEach((name, index) => {
    if (name !== undefined) w.line(`const ${name} = ${elements}[${index}];`);
  });
}

function emitResult(
  draft: PipelineDraft,
  w: CodeWriter,
  inline: InlineFunction,
  result: Result,
  args: readonly RowRef[],
): RowRef {
  if (result.kind === "tuple") return tupleRef(...result.items.map((item) => emitResult(draft, w, inline, item, args)));
  if (result.isLiteral) return valueRef(result.text);
  const forwarded = forwardedRef({ ...inline, result }, args);
  if (forwarded !== undefined) return forwarded;
  const name = draft.let("v");
  w.line(`${name} = (${result.text});`);
  return valueRef(name);
}
