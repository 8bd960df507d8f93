/**
 * A user's arrow function whose body is one expression, put in place of its call. What is gained: `([k, v]) => [v, k]` between two
 * operators builds no array, since the elements stay in variables.
 *
 * Only what provably means the same in another place is put there: no `this`, no assignment, no function inside. What it captures is read
 * once a task, when it cannot change; where it may, the emitted code calls the function instead (`guard`).
 */

import { analyzeFunction } from "../closure/facts.js";
import type { FreeVariables } from "../closure/name-use.js";
import type { ParsedFunction } from "../closure/parse-function.js";
import { type AnyNode, childrenOf, type FunctionNode, type IdentifierNode } from "../closure/syntax.js";

/** Longer bodies are called: copying them makes the loop's function too long to be optimized as one. */
const EXPRESSION_LENGTH_MAX = 600;

/** Names that mean themselves in any place: not worth asking for. */
const LITERAL_NAMES = new Set(["undefined", "NaN", "Infinity"]);
const GLOBAL_NAMES = new Set([
  "Math",
  "Number",
  "String",
  "Boolean",
  "Array",
  "Object",
  "JSON",
  "BigInt",
  "Date",
  "Map",
  "Set",
  "parseInt",
  "parseFloat",
  "isNaN",
  "isFinite",
  "Symbol",
  "RegExp",
  "Float64Array",
  "Int32Array",
  "Uint8Array",
]);

/** A parameter's shape: a name, or elements and fields taken from it. */
export type Pattern =
  | { readonly kind: "name"; readonly name: string }
  | { readonly kind: "array"; readonly items: readonly (Pattern | undefined)[]; readonly text: string }
  | { readonly kind: "object"; readonly text: string }
  /** The fields of a row that is used in no other way, each under a name of its own. */
  | { readonly kind: "fields"; readonly fields: readonly { readonly key: number | string; readonly name: string }[] };

/** What the body gives: one expression, or an array literal's elements. */
export type Result =
  | { readonly kind: "value"; readonly text: string; readonly isLiteral: boolean }
  | { readonly kind: "tuple"; readonly items: readonly Result[] };

export interface InlineFunction {
  readonly params: readonly Pattern[];
  /** Free names, to be constants around the body. */
  readonly captures: readonly string[];
  /** Whether these are more than the language's own globals: then they may turn out not to be constant. */
  readonly guard: boolean;
  readonly result: Result;
  /** The same where the first parameter is used by its fields only: they are parameters of their own. */
  readonly byFields?: InlineFunction | undefined;
}

const inlined = new Map<string, InlineFunction | undefined>();
const INLINED_MAX = 10_000;

/** How to put a function in place of its call; undefined when it must be called. Kept by text. */
export function inlineFunction(f: unknown): InlineFunction | undefined {
  if (typeof f !== "function") return undefined;
  const text = Function.prototype.toString.call(f);
  if (inlined.has(text)) return inlined.get(text);
  const made = analyze(text);
  if (inlined.size >= INLINED_MAX) inlined.clear();
  inlined.set(text, made);
  return made;
}

function analyze(text: string): InlineFunction | undefined {
  const { facts, parsed, free } = analyzeFunction(text);
  if (parsed === undefined || free === undefined || facts.kind !== "arrow") return undefined;
  if (
    facts.isAsync ||
    facts.usesThis ||
    facts.usesArguments ||
    facts.usesNewTarget ||
    facts.usesSuper ||
    facts.usesEval
  )
    return undefined;
  if (free.dynamicImports.length > 0 || free.importMetas.length > 0 || free.privateNames.size > 0) return undefined;
  const node = parsed.node as FunctionNode;
  const body = returned(node);
  if (body === undefined || body.end - body.start > EXPRESSION_LENGTH_MAX || !isPlain(body)) return undefined;
  // Names of the emitted code, and octal literals, which strict code refuses.
  if (/\$[a-z]+\d|\b0\d/.test(text)) return undefined;
  const params = node.params.map((param) => patternOf(param, parsed));
  if (!params.every((param) => param !== undefined)) return undefined;
  const captures = facts.freeNames.filter((name) => !LITERAL_NAMES.has(name));
  if (captures.some((name) => STRICT_WORDS.has(name))) return undefined;
  const plain: InlineFunction = {
    params: params as Pattern[],
    captures,
    guard: !captures.every((name) => GLOBAL_NAMES.has(name)),
    result: resultOf(body, (part) => slice(parsed, part)),
  };
  return { ...plain, byFields: byFields(plain, body, parsed, free.firstParameterUses) };
}

/** Reads each field of the first parameter under a name of its own: `p.x + p.y` is `$f0 + $f1`. */
function byFields(
  plain: InlineFunction,
  body: AnyNode,
  parsed: ParsedFunction,
  uses: FreeVariables["firstParameterUses"],
): InlineFunction | undefined {
  const [first, ...others] = plain.params;
  if (first?.kind === "object") return objectFields(plain, others, parsed);
  if (first?.kind !== "name" || uses.length === 0) return undefined;
  if (
    !uses.every((use) => use.member !== undefined && !use.memberCalled && !use.memberWritten && use.access === "read")
  )
    return undefined;
  const fields = new Map<number | string, string>();
  const edits: { start: number; end: number; name: string }[] = [];
  const pending = [body];
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    const object = node["object"] as AnyNode | undefined;
    if (
      node.type === "MemberExpression" &&
      object?.type === "Identifier" &&
      (object as IdentifierNode).name === first.name
    ) {
      const key = memberKey(node);
      if (key === undefined || node["optional"] === true) return undefined;
      const name = fields.get(key) ?? `$f${fields.size}`;
      fields.set(key, name);
      edits.push({ start: node.start, end: node.end, name });
    } else pending.push(...childrenOf(node));
  }
  if (edits.length !== uses.length) return undefined;
  edits.sort((a, b) => a.start - b.start);
  const text = (node: AnyNode) => {
    let out = "";
    let at = node.start;
    for (const edit of edits) {
      if (edit.start < at || edit.end > node.end) continue;
      out += parsed.text.slice(at - parsed.base, edit.start - parsed.base) + edit.name;
      at = edit.end;
    }
    return out + parsed.text.slice(at - parsed.base, node.end - parsed.base);
  };
  const pattern: Pattern = { kind: "fields", fields: Array.from(fields, ([key, name]) => ({ key, name })) };
  return { ...plain, params: [pattern, ...others], result: resultOf(body, text) };
}

function memberKey(node: AnyNode): number | string | undefined {
  const property = node["property"] as AnyNode;
  if (node["computed"] !== true) return property.type === "Identifier" ? (property as IdentifierNode).name : undefined;
  const value = property["value"];
  if (property.type !== "Literal") return undefined;
  return typeof value === "string" || (Number.isSafeInteger(value) && (value as number) >= 0)
    ? (value as number | string)
    : undefined;
}

/** `({ x, y: b }) => ...`: the fields are read under the names that the pattern gives them. */
function objectFields(plain: InlineFunction, others: readonly Pattern[], parsed: ParsedFunction): InlineFunction {
  const node = (parsed.node as FunctionNode).params[0] as AnyNode;
  const fields = (node["properties"] as readonly AnyNode[]).map((property) => {
    const key = property["key"] as AnyNode;
    return {
      key: key.type === "Identifier" ? (key as IdentifierNode).name : String(key["value"]),
      name: (property["value"] as IdentifierNode).name,
    };
  });
  return { ...plain, params: [{ kind: "fields", fields }, ...others] };
}

/** The expression that the body gives: its own, or that of its only statement. */
export function returned(node: FunctionNode): AnyNode | undefined {
  if (node.expression) return node.body;
  const statements = node.body["body"] as readonly AnyNode[];
  const only = statements.length === 1 ? statements[0] : undefined;
  return only?.type === "ReturnStatement" ? ((only["argument"] as AnyNode | null) ?? undefined) : undefined;
}

const REFUSED = new Set([
  "AssignmentExpression",
  "UpdateExpression",
  "YieldExpression",
  "AwaitExpression",
  "ClassExpression",
  "FunctionExpression",
  "ArrowFunctionExpression",
]);

/** No part of the expression writes, none outlives it, and no text in it spans lines (emitted code is indented line by line). */
export function isPlain(root: AnyNode): boolean {
  const pending = [root];
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    if (REFUSED.has(node.type) || (node.type === "UnaryExpression" && node["operator"] === "delete")) return false;
    const raw = node.type === "TemplateElement" ? (node["value"] as { raw: string }).raw : node["raw"];
    if (typeof raw === "string" && /[\n\r\u2028\u2029]/.test(raw)) return false;
    pending.push(...childrenOf(node));
  }
  return true;
}

function slice(parsed: ParsedFunction, node: AnyNode): string {
  return parsed.text.slice(node.start - parsed.base, node.end - parsed.base);
}

/** Names that sloppy code may use and strict code may not. */
export const STRICT_WORDS = new Set([
  "let",
  "static",
  "yield",
  "await",
  "implements",
  "interface",
  "package",
  "private",
  "protected",
  "public",
  "eval",
  "arguments",
]);

function patternOf(node: AnyNode, parsed: ParsedFunction): Pattern | undefined {
  if (node.type === "Identifier" && STRICT_WORDS.has((node as IdentifierNode).name)) return undefined;
  if (node.type === "Identifier") return { kind: "name", name: (node as IdentifierNode).name };
  if (node.type === "ObjectPattern")
    return isSimpleObject(node) ? { kind: "object", text: slice(parsed, node) } : undefined;
  if (node.type !== "ArrayPattern") return undefined;
  const items: (Pattern | undefined)[] = [];
  for (const element of node["elements"] as readonly (AnyNode | null)[]) {
    const item = element === null ? undefined : patternOf(element, parsed);
    if (element !== null && item === undefined) return undefined;
    items.push(item);
  }
  return { kind: "array", items, text: slice(parsed, node) };
}

function isSimpleObject(node: AnyNode): boolean {
  return (node["properties"] as readonly AnyNode[]).every(
    (property) =>
      property.type === "Property" &&
      property["computed"] !== true &&
      (property["value"] as AnyNode).type === "Identifier",
  );
}

function resultOf(node: AnyNode, text: (node: AnyNode) => string): Result {
  if (node.type === "ArrayExpression") {
    const elements = node["elements"] as readonly (AnyNode | null)[];
    if (elements.length > 0 && elements.every((element) => element !== null && element.type !== "SpreadElement")) {
      return { kind: "tuple", items: (elements as readonly AnyNode[]).map((element) => resultOf(element, text)) };
    }
  }
  const isLiteral =
    node.type === "Literal" &&
    (typeof node["value"] === "number" || typeof node["value"] === "boolean" || node["value"] === null);
  return { kind: "value", text: text(node), isLiteral };
}
