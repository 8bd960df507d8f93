/**
 * A merging function that makes a new vector of the old one, element by element: `(a, b) => a.map((v, i) => v + b[i])`. Once the old vector is one
 * that the function itself has made, nobody else holds it and nobody will look at it again: the new elements can be put in their places,
 * which costs a tenth of a new array and a fiftieth of a new typed array.
 *
 * Only what cannot tell the difference: the inner function neither mentions the old vector nor writes, and captures nothing.
 */

import { analyzeFunction, type FunctionFacts } from "../closure/facts.js";
import { type AnyNode, childrenOf, type FunctionNode, type IdentifierNode } from "../closure/syntax.js";
import { returned } from "./body-text.js";
import { keptByText } from "./kept-by-text.js";
import { isPlain, LITERAL_NAMES, STRICT_WORDS } from "./movable-code.js";
import { type IsVector, isNamed } from "./vector-places.js";
import { type Need, VectorReads } from "./vector-reads.js";

export interface ElementwiseFold {
  /** Names of the merging function's second parameter, and of the inner one's. */
  readonly other: string;
  readonly element: string;
  readonly index: string | undefined;
  /** The new element. */
  readonly text: string;
  /** What must hold for this to only read the second vector; undefined when it may keep it. */
  readonly needs: readonly Need[] | undefined;
}

/** How to merge in place; undefined when the function must be called. Kept by text. */
export const elementwiseFold = keptByText(analyze);

function analyze(text: string): ElementwiseFold | undefined {
  const { facts, parsed } = analyzeFunction(text);
  if (parsed === undefined || !isEmittable(text, facts)) return undefined;
  const node = parsed.node as FunctionNode;
  const [total, other, ...more] = node.params.map(nameOf);
  const inner = total === undefined ? undefined : mappedBy(returned(node), isNamed(total));
  if (inner === undefined || total === undefined || other === undefined || more.length > 0) return undefined;
  const [element, index, ...further] = inner.params.map(nameOf);
  const areNamed = inner.params.every((param) => nameOf(param) !== undefined);
  if (!areNamed || element === undefined || further.length > 0 || mentions(inner, total)) return undefined;
  const { body } = inner;
  const expression = parsed.text.slice(body.start - parsed.base, body.end - parsed.base);
  const numbers = new Set(index === undefined ? [] : [index]);
  const needs = new VectorReads(inner, facts.freeNames, numbers).uses(isNamed(other))?.needs;
  return { other, element, index, text: expression, needs };
}

/** Whether parts of the function may stand in emitted code as they are: an arrow that captures nothing. */
export function isEmittable(text: string, facts: FunctionFacts): boolean {
  if (facts.kind !== "arrow" || facts.isAsync || facts.usesThis || facts.usesSuper) return false;
  if (!facts.freeNames.every((name) => LITERAL_NAMES.has(name))) return false;
  // Names of the emitted code, and octal literals, which strict code refuses.
  return !/\$[a-z]+\d|\b0\d/.test(text);
}

/** The plain inner arrow of `total.map(arrow)`. */
export function mappedBy(body: AnyNode | undefined, isTotal: IsVector): FunctionNode | undefined {
  if (body?.type !== "CallExpression" || body["optional"] === true) return undefined;
  const callee = body["callee"] as AnyNode;
  const inner = body["arguments"] as readonly AnyNode[];
  if (callee.type !== "MemberExpression" || callee["computed"] === true || callee["optional"] === true)
    return undefined;
  if (!isTotal(callee["object"] as AnyNode) || nameOf(callee["property"] as AnyNode) !== "map") return undefined;
  const [arrow] = inner as readonly FunctionNode[];
  if (inner.length !== 1 || arrow?.type !== "ArrowFunctionExpression" || arrow.async || !arrow.expression)
    return undefined;
  return isPlain(arrow.body) ? arrow : undefined;
}

/** Of an identifier that may stand in strict code. */
function nameOf(node: AnyNode): string | undefined {
  const name = node.type === "Identifier" ? (node as IdentifierNode).name : undefined;
  return name === undefined || STRICT_WORDS.has(name) ? undefined : name;
}

function mentions(root: AnyNode, name: string): boolean {
  const pending = [root];
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    if (nameOf(node) === name) return true;
    pending.push(...childrenOf(node));
  }
  return false;
}
