/**
 * Writes a function's body in place of its call: parameters and captured names as constants of a block, the result in variables. Where
 * a captured name may change while the task runs, a second branch calls the function and takes its result apart.
 */

import { bindPattern } from "./bind-pattern.js";
import type { Result } from "./body-text.js";
import type { CodeWriter } from "./code-writer.js";
import type { Path } from "./column-reads.js";
import type { InlineFunction } from "./inline-function.js";
import { elementsOf, namesOf, type Pattern } from "./param-pattern.js";
import type { PipelineDraft } from "./pipeline-draft.js";
import { partOf, type RowRef, recordText, tupleRef, valueRef } from "./row-ref.js";
import { placeText, type Scratch } from "./scratch.js";
import type { ValueType } from "./value-type.js";
import { type Given, vectorArguments } from "./vector-arguments.js";

/** A variable that takes part of a result: its text at each exit, and the indices to it in the result's array literals. */
interface Part {
  readonly name: string;
  readonly texts: readonly string[];
  readonly path: readonly number[];
}

export function emitInline(
  draft: PipelineDraft,
  w: CodeWriter,
  name: string,
  inline: InlineFunction,
  args: readonly RowRef[],
): RowRef {
  if (inline.openNames.length > 0) return emitInline(draft, w, name, opened(inline, args), args);
  const parts: Part[] = [];
  const given = vectorArguments(name, inline, args);
  const scratches = inline.scratches.map((use) => draft.scratch(name, use));
  const result = resultRef(draft, inline, inline.result, args, [], parts, given, scratches);
  // A result made of parameters and literals alone needs no code at all.
  const isExpression = inline.pieces.every((piece) => piece === "");
  if (isExpression && parts.length === 0) return result;
  const constants = inline.guard || inline.captures.length > 0 ? constantsOf(draft, name, inline) : undefined;
  const label = inline.endsAtExit && inline.pieces.length === 2 ? "" : draft.fresh("fn");
  const body = () => {
    for (const [index, capture] of inline.captures.entries())
      w.line(`const ${capture} = ${draft.constant(`${constants}?.[${index}]`)};`);
    for (const [index, param] of inline.params.entries())
      bindPattern(draft, w, param, args[index] as RowRef, keywordOf(inline, param), given);
    for (const [index, { names }] of inline.scratches.entries())
      for (const own of names) w.line(`const ${own} = ${placeText(scratches[index] as Scratch, own)};`);
    writeBody(w, inline, parts, label);
  };
  if (!inline.guard) w.block(label === "" ? "" : `${label}:`, body);
  else {
    w.branch(
      `${constants} !== undefined`,
      () => (label === "" ? body() : w.block(`${label}:`, body)),
      () => {
        const whole = draft.fresh("r");
        w.line(`const ${whole} = ${name}(${args.map(recordText).join(", ")});`);
        for (const { name: variable, path } of parts)
          w.line(`${variable} = ${whole}${path.map((index) => `[${index}]`).join("")};`);
      },
    );
  }
  return result;
}

function constantsOf(draft: PipelineDraft, name: string, inline: InlineFunction): string {
  return draft.constants(name, inline.captures, inline.mustBeStrict);
}

function keywordOf(inline: InlineFunction, param: Pattern): "let" | "const" {
  return namesOf(param).some((name) => inline.assigned.has(name)) ? "let" : "const";
}

/** The body's own text, with what each exit gives put into variables. */
function writeBody(w: CodeWriter, inline: InlineFunction, parts: readonly Part[], label: string): void {
  const { pieces } = inline;
  const last = pieces.length - 2;
  let text = "";
  for (const [index, piece] of pieces.entries()) {
    text += piece;
    if (index > last) break;
    const isEnd = index === last && inline.endsAtExit;
    const given = parts.map(({ name, texts }) => `${name} = (${texts[index]});`);
    const indentation = /[ \t]*$/.exec(text)?.[0] ?? "";
    text += isEnd ? given.join(`\n${indentation}`) : `{ ${[...given, `break ${label};`].join(" ")} }`;
  }
  for (const line of outdented(text)) w.line(line);
}

/** Lines without the indentation that all but the first have in common; tabs are two spaces. */
function outdented(text: string): readonly string[] {
  const lines = text
    .split(/\r?\n/)
    .map((line) => line.trimEnd().replace(/^[ \t]+/, (indentation) => indentation.replaceAll("\t", "  ")));
  const filled = lines.filter((line) => line !== "");
  const rest = filled.slice(lines[0] === "" ? 0 : 1);
  const depth = Math.min(...rest.map((line) => line.length - line.trimStart().length));
  return filled.map((line) => line.slice(Math.min(depth, line.length - line.trimStart().length)));
}

/** Where the result will be: parameters and literals as they are, the rest in variables. */
function resultRef(
  draft: PipelineDraft,
  inline: InlineFunction,
  result: Result,
  args: readonly RowRef[],
  path: readonly number[],
  parts: Part[],
  given: Given,
  scratches: readonly Scratch[],
): RowRef {
  if (result.kind === "tuple") {
    return tupleRef(
      ...result.items.map((item, index) =>
        resultRef(draft, inline, item, args, [...path, index], parts, given, scratches),
      ),
    );
  }
  const type = result.typeOf((of) => nameType(inline, args, of));
  if (result.isLiteral) return valueRef(result.texts[0] as string, type);
  const { name: exit } = result;
  if (exit !== undefined && !inline.assigned.has(exit) && !inline.declared.has(exit)) {
    for (const [index, param] of inline.params.entries()) {
      const forwarded = given.get(exit) ?? find(param, args[index] as RowRef, exit);
      if (forwarded !== undefined) return forwarded;
    }
  }
  const name = draft.local("v");
  parts.push({ name, texts: result.texts, path });
  const scratch = result.scratch === undefined ? undefined : scratches[result.scratch];
  return scratch === undefined ? valueRef(name, type) : { kind: "vector", text: name, scratch };
}

/** What is known of a name in the body: of parameters that are rows in variables. */
function nameType(inline: InlineFunction, args: readonly RowRef[], name: string): ValueType | undefined {
  if (inline.assigned.has(name) || inline.declared.has(name)) return undefined;
  for (const [index, param] of inline.params.entries()) {
    const found = find(param, args[index] as RowRef, name);
    if (found !== undefined) return found.kind === "value" ? found.type : undefined;
  }
  return undefined;
}

/** What a name of a parameter's pattern stands for, if that lies in a variable already. */
function find(pattern: Pattern, row: RowRef, name: string): RowRef | undefined {
  if (pattern.kind === "name") return pattern.name === name ? row : undefined;
  for (const { key, pattern: item } of elementsOf(pattern) ?? []) {
    const element = partOf(row, key);
    const found = element === undefined ? undefined : find(item, element, name);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The function with the fields of its parameters as parameters of their own, where they can be had one by one. */
function opened(inline: InlineFunction, args: readonly RowRef[]): InlineFunction {
  return {
    ...inline.open((name) => {
      const row = find(
        { kind: "fields", fields: inline.params.map((pattern, key) => ({ key, pattern })) },
        tupleRef(...args),
        name,
      );
      if (row === undefined) return undefined;
      return {
        opens: (path, key) => partAt(row, [...path, key]) !== undefined,
        isColumn: (path) => isColumn(partAt(row, path)),
      };
    }),
    openNames: [],
  };
}

function isColumn(row: RowRef | undefined): boolean {
  return row?.kind === "columns" && row.path.length > 0;
}

function partAt(row: RowRef, path: Path): RowRef | undefined {
  return path.reduce<RowRef | undefined>(partOf, row);
}
