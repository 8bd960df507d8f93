/**
 * Turns a function's text into a factory: an expression that takes the captured values and gives the function.
 *
 *     x => x * k + helper(x)     becomes     (k,helper)=>(x => x * k + helper(x))
 *
 * The text keeps its place and almost all of its characters, so that stack traces stay true. Where a construct cannot work outside its
 * file or object it is replaced by a name of the same length: `this` of an arrow, `import(...)`, `import.meta`.
 */

import type { Template } from "./envelope-format.js";
import type { FunctionAnalysis } from "./facts.js";
import type { NameUse, Span } from "./name-use.js";
import type { Edit } from "./text-edit.js";
import { applyEdits, blankOf } from "./text-edit.js";

/** Names that stand for what is no variable. Same length as what they replace, where that is in the user's text. */
export const STAND_IN = {
  this: "$ths",
  arguments: "$argument",
  newTarget: "$newTarget",
  import: "$impor",
  importMeta: "$importMeta",
  home: "$volleyHome",
  key: "$volleyKey",
  parent: "$volleyParent",
} as const;

export interface FactoryRequest {
  readonly analysis: FunctionAnalysis;
  readonly text: string;
  /** The function's `name`. */
  readonly name: string;
  readonly strict: boolean;
  /** Values given at once, by name; then those given later. */
  readonly early: readonly string[];
  readonly late: readonly string[];
  /** Free names that mean the function itself. */
  readonly selfNames: readonly string[];
  /** Free names that lie in a cell, shared with other functions and assigned to. */
  readonly cells: ReadonlySet<string>;
  /** The function's own name does not mean itself: the outer variable was given another value. */
  readonly dropOwnName: boolean;
}

export interface FactoryText {
  readonly text: string;
  readonly bodyStart: number;
  readonly bodyEnd: number;
}

export function functionFactory(request: FactoryRequest): FactoryText {
  const { analysis } = request;
  const body = applyEdits(request.text, functionEdits(request));
  const [before, after] = wrapFunction(request, analysis);
  const own = { before, body, after };
  return assemble(request, own);
}

/** Puts `(early) => ...` around an expression; shared with classes. */
export function assemble(
  request: Pick<FactoryRequest, "early" | "late" | "selfNames" | "strict">,
  own: { readonly before: string; readonly body: string; readonly after: string },
): FactoryText {
  const params = `(${request.early.join(",")})=>`;
  const finish = (head: string, tail: string): FactoryText => {
    const start = head.length + own.before.length;
    return {
      text: head + own.before + own.body + own.after + tail,
      bodyStart: start,
      bodyEnd: start + own.body.length,
    };
  };
  if (request.late.length === 0 && request.selfNames.length === 0) {
    return request.strict ? finish(`${params}{"use strict";return `, "}") : finish(params, "");
  }
  const declared = [...request.late, ...request.selfNames];
  const setLate = `($v)=>{${request.late.map((name, index) => `${name}=$v[${index}];`).join("")}}`;
  const selves = request.selfNames.map((name) => `${name}=`).join("");
  const result = request.late.length === 0 ? "$volleyMade" : `[$volleyMade,${setLate}]`;
  const strict = request.strict ? '"use strict";' : "";
  return finish(`${params}{${strict}let ${declared.join(",")};const $volleyMade=${selves}`, `;return ${result}}`);
}

function wrapFunction(request: FactoryRequest, { parsed, free, facts }: FunctionAnalysis): readonly [string, string] {
  if (parsed === undefined || free === undefined) return ["(", ")"];
  if (parsed.form !== "expression") return wrapMethod(parsed, free.superUses.length > 0, request.text);
  const isAnonymous = parsed.node.id === null || parsed.node.id === undefined || request.dropOwnName;
  // A comma keeps the variable that holds the function from giving it a name.
  const [open, close] = !isAnonymous ? ["(", ")"] : request.name === "" ? ["(0,", ")"] : named(request.name);
  if (facts.kind === "arrow" && free.superUses.length > 0) {
    return [`({__proto__:${STAND_IN.home},$m(){return ${open}`, `${close}}}).$m.call(${STAND_IN.this})`];
  }
  return [open, close];
}

/** An anonymous function takes its name from where it stands. */
function named(name: string): readonly [string, string] {
  const key = `[${JSON.stringify(name)}]`;
  return [`({${key}:`, `})${key}`];
}

function wrapMethod(
  parsed: NonNullable<FunctionAnalysis["parsed"]>,
  usesSuper: boolean,
  text: string,
): readonly [string, string] {
  const { key } = parsed;
  const name =
    key === undefined ? '""' : key.computed ? STAND_IN.key : keyText(key.node.type, text.slice(key.start, key.end));
  const home = usesSuper ? `__proto__:${STAND_IN.home},` : "";
  if (parsed.kind === "method") return [`({${home}`, `})[${name}]`];
  return [`Object.getOwnPropertyDescriptor({${home}`, `},${name}).${parsed.kind}`];
}

function keyText(type: string, source: string): string {
  return type === "Identifier" ? JSON.stringify(source) : source;
}

function functionEdits(request: FactoryRequest): Edit[] {
  const { free, parsed, facts } = request.analysis;
  if (free === undefined || parsed === undefined) return [];
  const edits = commonEdits(request.analysis, request.cells);
  const keepThis = facts.kind === "arrow" && free.superUses.length > 0;
  if (!keepThis) edits.push(...free.thisUses.map((span) => replaced(span, STAND_IN.this)));
  edits.push(...free.argumentsUses.map((span) => replaced(span, STAND_IN.arguments)));
  edits.push(...free.newTargetUses.map((span) => replaced(span, STAND_IN.newTarget)));
  if (parsed.key?.computed === true) edits.push({ start: parsed.key.start, end: parsed.key.end, text: STAND_IN.key });
  const { id } = parsed.node;
  if (request.dropOwnName && id !== null && id !== undefined) {
    const span = { start: id.start - parsed.base, end: id.end - parsed.base };
    edits.push(replaced(span, blankOf(id.name)));
  }
  return edits;
}

/** Edits that functions and classes share: names in cells, `import`. */
export function commonEdits(analysis: FunctionAnalysis, cells: ReadonlySet<string>): Edit[] {
  const { free } = analysis;
  if (free === undefined) return [];
  const edits = free.dynamicImports.map((span) => replaced(span, STAND_IN.import));
  edits.push(...free.importMetas.map((span) => replaced(span, STAND_IN.importMeta)));
  for (const name of cells) edits.push(...(free.names.get(name) ?? []).map((use) => cellEdit(name, use)));
  return edits;
}

function replaced(span: Span, text: string): Edit {
  return { start: span.start, end: span.end, text };
}

function cellEdit(name: string, use: NameUse): Edit {
  const value = `${name}.v`;
  if (use.shorthand === true) return replaced(use, `${name}:${value}`);
  return replaced(use, use.called === true ? `(0,${value})` : value);
}

/** The place of the factory's first character, from the place of the function's text. */
export function factoryTemplate(
  made: FactoryText,
  place: { readonly file: string; readonly line: number; readonly column: number },
  names: readonly string[],
  lateCount: number,
  said: Pick<Template, "kind" | "readerParams" | "assignsNothing">,
): Template {
  return {
    text: made.text,
    file: place.file,
    line: place.line,
    column: place.column - made.bodyStart,
    names,
    lateCount,
    ...said,
    bodyStart: made.bodyStart,
    bodyEnd: made.bodyEnd,
  };
}
