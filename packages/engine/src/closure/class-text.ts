/**
 * Turns a class's text into a factory. A class cannot simply be evaluated again: its heritage may be a call that would make another
 * parent, its computed names and static initializers have run once and must not run again, and private fields cannot be set from
 * outside. So the heritage and computed names become parameters, statics are cut (their present values are set afterwards), and a class
 * with private fields gets a static block that hands out a setter and a getter, and a constructor that returns at once while instances are remade.
 */

import type { FactoryRequest, FactoryText } from "./factory-text.js";
import { assemble, commonEdits, STAND_IN } from "./factory-text.js";
import type { FunctionAnalysis } from "./facts.js";
import type { AnyNode, ClassNode, FunctionNode } from "./syntax.js";
import type { Edit } from "./text-edit.js";
import { applyEdits, blankOf } from "./text-edit.js";

/** A member as the source writes it. Offsets are relative to the class's text. */
export interface ClassMember {
  readonly kind: "method" | "get" | "set" | "constructor" | "field" | "staticBlock";
  readonly isStatic: boolean;
  readonly isPrivate: boolean;
  /** The name of a member that is not computed (of private ones with the `#`). */
  readonly name: string | undefined;
  /** Where the computed name's expression stands. */
  readonly computed: { readonly start: number; readonly end: number } | undefined;
  readonly start: number;
  readonly end: number;
  /** As `toString()` of the member's function gives it. */
  readonly functionText: string;
  readonly node: AnyNode;
}

export interface ClassOutline {
  readonly hasHeritage: boolean;
  readonly members: readonly ClassMember[];
  /** Private fields of instances, in the order in which they are made. */
  readonly privateFields: readonly string[];
  readonly staticPrivateFields: readonly string[];
  /** It has anything private that an instance must carry (fields, methods, accessors). */
  readonly stamps: boolean;
}

const outlines = new WeakMap<FunctionAnalysis, ClassOutline>();

export function classOutline(analysis: FunctionAnalysis, text: string): ClassOutline {
  const known = outlines.get(analysis);
  if (known !== undefined) return known;
  const parsed = analysis.parsed as NonNullable<FunctionAnalysis["parsed"]>;
  const node = parsed.node as ClassNode;
  const members = node.body.body.map((member) => memberOf(member, parsed.base, text));
  const fields = members.filter((member) => member.kind === "field" && member.isPrivate);
  const outline: ClassOutline = {
    hasHeritage: node.superClass !== null,
    members,
    privateFields: fields.filter((field) => !field.isStatic).map((field) => field.name as string),
    staticPrivateFields: fields.filter((field) => field.isStatic).map((field) => field.name as string),
    stamps: members.some((member) => member.isPrivate && !member.isStatic),
  };
  outlines.set(analysis, outline);
  return outline;
}

function memberOf(member: AnyNode, base: number, text: string): ClassMember {
  const start = member.start - base;
  const end = member.end - base;
  if (member.type === "StaticBlock") {
    return {
      kind: "staticBlock",
      isStatic: true,
      isPrivate: false,
      name: undefined,
      computed: undefined,
      start,
      end,
      functionText: "",
      node: member,
    };
  }
  const key = member["key"] as AnyNode;
  const isPrivate = key.type === "PrivateIdentifier";
  const isComputed = member["computed"] === true;
  const isStatic = member["static"] === true;
  const kind = member.type === "MethodDefinition" ? (member["kind"] as ClassMember["kind"]) : "field";
  const name = isComputed ? undefined : isPrivate ? `#${key["name"] as string}` : String(key["name"] ?? key["value"]);
  return {
    kind,
    isStatic,
    isPrivate,
    name,
    computed: isComputed ? { start: key.start - base, end: key.end - base } : undefined,
    start,
    end,
    functionText: kind === "field" ? "" : text.slice(isStatic ? afterStatic(text, start) : start, end),
    node: member,
  };
}

/** Past `static` and what follows it up to the member itself. */
function afterStatic(text: string, start: number): number {
  const found = /^static(?:\s|\/\*[\s\S]*?\*\/|\/\/[^\n]*\n)*/.exec(text.slice(start));
  return start + (found?.[0].length ?? 0);
}

export interface ClassRequest
  extends Pick<FactoryRequest, "analysis" | "text" | "name" | "early" | "late" | "selfNames" | "cells"> {
  readonly outline: ClassOutline;
  /** Members whose computed names are parameters; the name of each parameter. */
  readonly computedKeys: ReadonlyMap<ClassMember, string>;
  /** Texts of factories that must stand inside the class, for its private names. */
  readonly nested: readonly string[];
}

export function classFactory(request: ClassRequest): FactoryText {
  const { analysis, outline, text } = request;
  const parsed = analysis.parsed as NonNullable<FunctionAnalysis["parsed"]>;
  const node = parsed.node as ClassNode;
  const edits = [...commonEdits(analysis, request.cells)];
  if (node.superClass !== null) {
    const { start, end } = heritageSpan(node, parsed.base, text);
    edits.push({ start, end, text: STAND_IN.parent });
  }
  for (const member of outline.members) edits.push(...memberEdits(member, request));
  if (outline.stamps) edits.push(...constructorEdits(node, parsed.base, outline));
  const closing = text.length - 1;
  const nested = request.nested.length === 0 ? "" : `;static{$volleyNested=[${request.nested.join(",")}];}`;
  const blocks = setters(outline) + nested;
  if (blocks !== "") edits.push({ start: closing, end: closing, text: blocks });
  const body = applyEdits(text, edits);
  const [open, close] = node.id === null ? nameless(request.name) : ["(", ")"];
  const image = `{quiet:$volleyQuiet,setPrivate:$volleySet,getPrivate:$volleyGet,setStaticPrivate:$volleySetStatic,nested:$volleyNested,setLate:$volleyLate,stamps:${outline.stamps},privateNames:${JSON.stringify(outline.privateFields)},made:`;
  return assembleClass(request, { before: open, body, after: close }, image);
}

/** What gives a class that is written without a name the one it has; a comma keeps the variable that holds it from giving it another. */
function nameless(name: string): readonly [string, string] {
  const key = `[${JSON.stringify(name)}]`;
  return name === "" ? ["(0,", ")"] : [`({${key}:`, `})${key}`];
}

function assembleClass(
  request: ClassRequest,
  own: { readonly before: string; readonly body: string; readonly after: string },
  image: string,
): FactoryText {
  const late = request.late.map((name, index) => `${name}=$v[${index}];`).join("");
  const lets = [...request.late, ...request.selfNames].map((name) => `let ${name};`).join("");
  const selves = request.selfNames.map((name) => `${name}=`).join("");
  const head =
    `{"use strict";${lets}let $volleySet,$volleyGet,$volleySetStatic,$volleyNested;const $volleyQuiet={on:false};` +
    `const $volleyLate=${request.late.length === 0 ? "undefined" : `($v)=>{${late}}`};const $volleyClass=${selves}`;
  const wrapped = assemble(
    { early: request.early, late: [], selfNames: [], strict: false },
    { before: head + own.before, body: own.body, after: `${own.after};return ${image}$volleyClass}}` },
  );
  return wrapped;
}

function heritageSpan(node: ClassNode, base: number, text: string): { start: number; end: number } {
  const heritage = node.superClass as AnyNode;
  let start = heritage.start - base;
  let end = heritage.end - base;
  // The tree leaves out parentheses around the heritage; they are part of what is replaced.
  const body = node.body.start - base;
  const keyword = text.lastIndexOf("extends", start);
  if (keyword >= 0 && /^[\s(]*$/.test(text.slice(keyword + 7, start)))
    start = keyword + 7 + leadingSpace(text.slice(keyword + 7, start));
  if (/^[\s)]*$/.test(text.slice(end, body))) end = body - trailingSpace(text.slice(end, body));
  return { start, end };
}

function leadingSpace(text: string): number {
  return text.length - text.trimStart().length;
}

function trailingSpace(text: string): number {
  return text.length - text.trimEnd().length;
}

function memberEdits(member: ClassMember, request: ClassRequest): Edit[] {
  const { text, outline } = request;
  if (member.kind === "staticBlock" || (member.kind === "field" && member.isStatic && !member.isPrivate)) {
    return [{ start: member.start, end: member.end, text: blankOf(text.slice(member.start, member.end)) }];
  }
  const edits: Edit[] = [];
  const key = request.computedKeys.get(member);
  if (member.computed !== undefined && key !== undefined) edits.push({ ...member.computed, text: key });
  const value = member.node["value"] as AnyNode | null;
  if (member.kind !== "field" || value === null) return edits;
  const base = (request.analysis.parsed as NonNullable<FunctionAnalysis["parsed"]>).base;
  const start = value.start - base;
  const end = member.end;
  if (member.isStatic) {
    const key = member.node["key"] as AnyNode;
    edits.push({ start: key.end - base, end, text: `${blankOf(text.slice(key.end - base, end - 1))};` });
  } else if (outline.stamps) {
    edits.push({ start, end: start, text: "$volleyQuiet.on?undefined:(" });
    const valueEnd = value.end - base;
    const closing = closingParens(text.slice(valueEnd, end));
    edits.push({ start: valueEnd + closing, end: valueEnd + closing, text: ")" });
    const opening = openingParens(text.slice(member.start, start));
    if (opening > 0)
      edits[edits.length - 2] = { start: start - opening, end: start - opening, text: "$volleyQuiet.on?undefined:(" };
  }
  return edits;
}

/** `= (x)`: the tree leaves out parentheses around a value. */
function closingParens(after: string): number {
  return /^(?:\s*\))*/.exec(after)?.[0].length ?? 0;
}

function openingParens(before: string): number {
  return /(?:\(\s*)*$/.exec(before)?.[0].length ?? 0;
}

function constructorEdits(node: ClassNode, base: number, outline: ClassOutline): Edit[] {
  const quiet = outline.hasHeritage ? "if($volleyQuiet.on){super();return;}" : "if($volleyQuiet.on)return;";
  const found = outline.members.find((member) => member.kind === "constructor");
  if (found === undefined) {
    if (!outline.hasHeritage) return [];
    const open = node.body.start - base + 1;
    return [{ start: open, end: open, text: `constructor(...$a){${quiet}super(...$a);}` }];
  }
  const value = found.node["value"] as FunctionNode;
  const open = value.body.start - base + 1;
  const isSimple = value.params.every(
    (param) =>
      param.type === "Identifier" ||
      (param.type === "RestElement" && (param["argument"] as AnyNode).type === "Identifier"),
  );
  if (isSimple) return [{ start: open, end: open, text: quiet }];
  // Default values and patterns would run before the first statement: they move behind it.
  const first = value.params[0] as AnyNode;
  const last = value.params[value.params.length - 1] as AnyNode;
  return [
    { start: first.start - base, end: first.start - base, text: "...$a){" + quiet + "var [" },
    { start: last.end - base, end: open, text: "]=$a;" },
  ];
}

/** What reaches the private fields from outside. */
function setters(outline: ClassOutline): string {
  const assign = (names: readonly string[], target: string) =>
    names.map((name, index) => `${target}.${name}=$v[${index}];`).join("");
  const read = outline.privateFields.map((name) => `$o.${name}`).join();
  const own =
    outline.privateFields.length === 0
      ? ""
      : `$volleySet=($o,$v)=>{${assign(outline.privateFields, "$o")}};$volleyGet=($o)=>[${read}];`;
  const statics = outline.staticPrivateFields;
  const ofClass = statics.length === 0 ? "" : `$volleySetStatic=($v)=>{${assign(statics, "this")}};`;
  return own === "" && ofClass === "" ? "" : `;static{${own}${ofClass}}`;
}
