/**
 * Writes a function's body in place of its call: parameters and captured names as constants of a block, the result in variables. Where
 * a captured name may change while the task runs, a second branch calls the function and takes its result apart.
 */

import type { CodeWriter } from "./code-writer.js";
import type { InlineFunction, Pattern, Result } from "./inline-function.js";
import type { PipelineDraft } from "./pipeline-draft.js";
import { type RowRef, recordText, tupleRef, valueRef, wholeText } from "./row-ref.js";

/** A variable that takes part of a result: `path` are the indices to it in the result's array literals. */
interface Part {
  readonly name: string;
  readonly text: string;
  readonly path: readonly number[];
}

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
  const parts: Part[] = [];
  const result = resultRef(draft, inline, inline.result, args, [], parts);
  // A result made of parameters and literals alone needs no code at all.
  if (parts.length === 0) return result;
  const constants = inline.captures.length === 0 ? undefined : draft.constants(name, inline.captures);
  const body = () => {
    for (const [index, capture] of inline.captures.entries())
      w.line(`const ${capture} = ${draft.constant(`${constants}?.[${index}]`)};`);
    for (const [index, param] of inline.params.entries()) bind(draft, w, param, args[index] as RowRef);
    for (const { name: variable, text } of parts) w.line(`${variable} = (${text});`);
  };
  if (!inline.guard) w.block("", body);
  else {
    w.branch(`${constants} !== undefined`, body, () => {
      const whole = draft.fresh("r");
      w.line(`const ${whole} = ${name}(${args.map(recordText).join(", ")});`);
      for (const { name: variable, path } of parts)
        w.line(`${variable} = ${whole}${path.map((index) => `[${index}]`).join("")};`);
    });
  }
  return result;
}

/** Where the result will be: parameters and literals as they are, the rest in variables. */
function resultRef(
  draft: PipelineDraft,
  inline: InlineFunction,
  result: Result,
  args: readonly RowRef[],
  path: readonly number[],
  parts: Part[],
): RowRef {
  if (result.kind === "tuple") {
    return tupleRef(
      ...result.items.map((item, index) => resultRef(draft, inline, item, args, [...path, index], parts)),
    );
  }
  if (result.isLiteral) return valueRef(result.text);
  for (const [index, param] of inline.params.entries()) {
    const forwarded = find(param, args[index] as RowRef, result.text);
    if (forwarded !== undefined) return forwarded;
  }
  const name = draft.let("v");
  parts.push({ name, text: result.text, path });
  return valueRef(name);
}

/** What a name of a parameter's pattern stands for, if that lies in a variable already. */
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
  switch (pattern.kind) {
    case "name":
      return w.line(`const ${pattern.name} = ${wholeText(row)};`);
    case "fields":
      for (const field of pattern.fields) w.line(`const ${field.name} = ${elementText(row, field.key)};`);
      return;
    case "object":
      return w.line(`const ${pattern.text} = ${wholeText(row)};`);
    case "array":
      return bindArray(draft, w, pattern, row);
  }
}

function bindArray(draft: PipelineDraft, w: CodeWriter, pattern: Pattern & { kind: "array" }, row: RowRef): void {
  const names = pattern.items.map((item) => (item?.kind === "name" ? item.name : undefined));
  const isFlat = pattern.items.every((item) => item === undefined || item.kind === "name");
  if (row.kind === "tuple" && pattern.items.length <= row.items.length) {
    for (const [index, item] of pattern.items.entries()) {
      if (item !== undefined) bind(draft, w, item, row.items[index] as RowRef);
    }
  } else if (row.kind === "columns" && isFlat) {
    for (const [index, name] of names.entries()) {
      if (name !== undefined) w.line(`const ${name} = ${row.reads.element(index)};`);
    }
  } else if (isFlat) bindElements(draft, w, names, wholeText(row));
  else w.line(`const ${pattern.text} = ${wholeText(row)};`);
}

/** `[a, b]` of a value: by index where it is an array, which costs a tenth of the iterator that the language asks for. */
function bindElements(
  draft: PipelineDraft,
  w: CodeWriter,
  names: readonly (string | undefined)[],
  value: string,
): void {
  const elements = draft.fresh("e");
  w.line(
    `const ${elements} = Array.isArray(${value}) ? ${value} : ${draft.constant("t.elements")}(${value}, ${names.length});`,
  );
  for (const [index, name] of names.entries()) {
    if (name !== undefined) w.line(`const ${name} = ${elements}[${index}];`);
  }
}
