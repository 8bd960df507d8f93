/**
 * What a function's text says about it, found once for each text. Capture asks for free names, the stage compiler for what a function
 * reads of its row and whether its body may be put in place of the call.
 */

import { findFreeVariables } from "./free-variables.js";
import type { FreeVariables, NameUse } from "./name-use.js";
import type { ParsedFunction } from "./parse-function.js";
import { parseFunctionText } from "./parse-function.js";
import type { AnyNode, FunctionNode, IdentifierNode } from "./syntax.js";
import { childrenOf, isClassNode } from "./syntax.js";

export interface FunctionFacts {
  /** `native`: no source (builtins, bound functions). `unknown`: the text is not JavaScript that the parser knows. */
  readonly kind: "function" | "arrow" | "class" | "method" | "get" | "set" | "native" | "unknown";
  readonly isAsync: boolean;
  readonly isGenerator: boolean;
  /** Parameters with a plain name give it; patterns, defaults and rest parameters are undefined. */
  readonly params: readonly (string | undefined)[];
  /** Sorted. */
  readonly freeNames: readonly string[];
  /** Free names that are assigned to: `count += x`. */
  readonly assignedNames: readonly string[];
  /** Free names whose object is written into: `seen[x] = 1`, `list.push(x)`, `delete cache.x`. */
  readonly mutatedNames: readonly string[];
  readonly usesThis: boolean;
  /** Members of `this` that are touched (`this.a`), where `this` is used in no other way. */
  readonly thisMembers?: readonly string[] | undefined;
  readonly usesArguments: boolean;
  readonly usesNewTarget: boolean;
  readonly usesSuper: boolean;
  readonly usesEval: boolean;
  /** Fields of parameter 0 that are read when it does not escape whole. */
  readonly reads: { readonly whole: boolean; readonly fields: readonly (string | number)[] };
  /** Of an arrow `x => expression`: where the expression stands in the text. */
  readonly expression?: { readonly start: number; readonly end: number } | undefined;
}

/** Facts and what capture needs to rewrite the text. */
export interface FunctionAnalysis {
  readonly facts: FunctionFacts;
  readonly parsed: ParsedFunction | undefined;
  readonly free: FreeVariables | undefined;
}

/** Texts whose analysis is kept; a program has as many as it has functions, generated ones could have more. */
const ANALYSES_MAX = 20_000;
const analyses = new Map<string, FunctionAnalysis>();

const MUTATORS = new Set([
  "push",
  "pop",
  "shift",
  "unshift",
  "splice",
  "sort",
  "reverse",
  "fill",
  "copyWithin",
  "set",
  "add",
  "delete",
  "clear",
  "append",
]);

/** The facts of a function's text (`Function.prototype.toString`). Never throws; an unreadable text has kind `unknown`. */
export function functionFacts(text: string): FunctionFacts {
  return analyzeFunction(text).facts;
}

export function analyzeFunction(text: string): FunctionAnalysis {
  const known = analyses.get(text);
  if (known !== undefined) return known;
  const made = analyze(text);
  if (analyses.size >= ANALYSES_MAX) analyses.delete(analyses.keys().next().value as string);
  analyses.set(text, made);
  return made;
}

function analyze(text: string): FunctionAnalysis {
  if (text.endsWith("{ [native code] }")) return { facts: opaque("native"), parsed: undefined, free: undefined };
  const parsed = parseFunctionText(text);
  if (parsed === undefined) return { facts: opaque("unknown"), parsed: undefined, free: undefined };
  const free = findFreeVariables(parsed);
  return { facts: Object.freeze(describe(parsed, free)), parsed, free };
}

function opaque(kind: "native" | "unknown"): FunctionFacts {
  return Object.freeze({
    kind,
    isAsync: false,
    isGenerator: false,
    params: [],
    freeNames: [],
    assignedNames: [],
    mutatedNames: [],
    usesThis: true,
    usesArguments: true,
    usesNewTarget: true,
    usesSuper: false,
    usesEval: false,
    reads: { whole: true, fields: [] },
  });
}

function describe(parsed: ParsedFunction, free: FreeVariables): FunctionFacts {
  const isClass = isClassNode(parsed.node);
  const node = parsed.node as FunctionNode;
  const own = isClass ? NOTHING : ownUses(node);
  const names = [...free.names.keys()].sort();
  const isExpression = parsed.kind === "arrow" && node.expression;
  return {
    kind: parsed.kind,
    isAsync: !isClass && node.async,
    isGenerator: !isClass && node.generator,
    params: isClass
      ? []
      : node.params.map((param) => (param.type === "Identifier" ? (param["name"] as string) : undefined)),
    freeNames: names,
    assignedNames: names.filter((name) => free.names.get(name)?.some((use) => use.access !== "read")),
    mutatedNames: names.filter((name) => free.names.get(name)?.some(isMutation)),
    usesThis: own.usesThis || free.thisUses.length > 0,
    thisMembers: own.thisMembers,
    usesArguments: own.usesArguments || free.argumentsUses.length > 0,
    usesNewTarget: own.usesNewTarget || free.newTargetUses.length > 0,
    usesSuper: free.superUses.length > 0,
    usesEval: free.usesEval,
    reads: isClass ? { whole: true, fields: [] } : readsOfFirst(node, free, own.usesArguments),
    expression: isExpression ? { start: node.body.start - parsed.base, end: node.body.end - parsed.base } : undefined,
  };
}

function isMutation(use: NameUse): boolean {
  return use.memberWritten === true || (use.memberCalled === true && MUTATORS.has(String(use.member)));
}

interface OwnUses {
  readonly usesThis: boolean;
  readonly usesArguments: boolean;
  readonly usesNewTarget: boolean;
  readonly thisMembers: readonly string[] | undefined;
}

const NOTHING: OwnUses = { usesThis: false, usesArguments: false, usesNewTarget: false, thisMembers: undefined };

/** `this`, `arguments` and `new.target` of the function itself: in it and in the arrows below it. */
function ownUses(root: FunctionNode): OwnUses {
  const found = { usesThis: false, usesArguments: false, usesNewTarget: false };
  const members = new Set<string>();
  let escapes = false;
  const pending: AnyNode[] = [...root.params, root.body];
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    const member = memberOfThis(node);
    if (member !== undefined) {
      found.usesThis = true;
      members.add(member);
      continue;
    }
    if (node.type === "ThisExpression" || node.type === "Super") {
      found.usesThis = true;
      escapes = true;
    }
    if (node.type === "Identifier" && node["name"] === "arguments") found.usesArguments = true;
    if (node.type === "MetaProperty") found.usesNewTarget = true;
    if (node.type === "FunctionExpression" || node.type === "FunctionDeclaration" || isClassNode(node)) continue;
    pending.push(...childrenOf(node));
  }
  return { ...found, thisMembers: escapes ? undefined : [...members] };
}

function memberOfThis(node: AnyNode): string | undefined {
  if (node.type !== "MemberExpression" || node["computed"] === true) return undefined;
  if ((node["object"] as AnyNode).type !== "ThisExpression") return undefined;
  return (node["property"] as AnyNode)["name"] as string;
}

function readsOfFirst(node: FunctionNode, free: FreeVariables, usesArguments: boolean): FunctionFacts["reads"] {
  const whole = { whole: true, fields: [] } as const;
  if (usesArguments || free.usesEval) return whole;
  const first = node.params[0];
  if (first === undefined) return { whole: false, fields: [] };
  if (first.type === "ObjectPattern") return objectPatternReads(first) ?? whole;
  if (first.type === "ArrayPattern") return arrayPatternReads(first) ?? whole;
  if (first.type !== "Identifier") return whole;
  const fields = new Set<string | number>();
  for (const use of free.parameterUses.get((first as IdentifierNode).name) ?? []) {
    if (use.member === undefined || use.memberCalled === true || use.memberWritten === true || use.access !== "read")
      return whole;
    fields.add(use.member);
  }
  return { whole: false, fields: [...fields] };
}

function objectPatternReads(pattern: AnyNode): FunctionFacts["reads"] | undefined {
  const fields: (string | number)[] = [];
  for (const property of pattern["properties"] as AnyNode[]) {
    if (property.type === "RestElement" || property["computed"] === true) return undefined;
    const key = property["key"] as AnyNode;
    fields.push((key.type === "Identifier" ? key["name"] : key["value"]) as string | number);
  }
  return { whole: false, fields };
}

function arrayPatternReads(pattern: AnyNode): FunctionFacts["reads"] | undefined {
  const fields: number[] = [];
  for (const [index, element] of (pattern["elements"] as (AnyNode | null)[]).entries()) {
    if (element?.type === "RestElement") return undefined;
    if (element !== null) fields.push(index);
  }
  return { whole: false, fields };
}
