/**
 * A merging function that makes a new array or object of the old one, part by part, some of the parts being vectors merged element by element:
 *
 *     ([a, m], [b, n]) => [a.map((v, i) => v + b[i]), m + n]
 *     (a, b) => ({ sum: a.sum.map((v, i) => v + b.sum[i]), count: a.count + b.count })
 *
 * Once the old value is one that the function itself has made, nobody else holds it, and the new parts can be put in their places.
 * Only what cannot tell the difference: nothing is captured or written, and no part looks at the old vectors but its own.
 */

import { analyzeFunction } from "../closure/facts.js";
import type { ParsedFunction } from "../closure/parse-function.js";
import type { AnyNode, FunctionNode } from "../closure/syntax.js";
import { isEmittable, mappedBy } from "./elementwise-fold.js";
import { isPlain, returned } from "./inline-function.js";
import { namesOf, nodesOf, type Pattern, patternOf, sourceOf } from "./param-pattern.js";
import { type IsVector, isField, isIdentifier, isNamed } from "./vector-places.js";
import { type Need, VectorReads } from "./vector-reads.js";

type Key = number | string;

/** A vector of the old value, and how each of its elements is made. */
interface VectorPart {
  readonly key: Key;
  readonly element: string;
  readonly index: string | undefined;
  readonly text: string;
}

export interface PartsFold {
  readonly total: Pattern;
  readonly other: Pattern;
  readonly vectors: readonly VectorPart[];
  /** The other parts that change: what they become. */
  readonly values: readonly { readonly key: Key; readonly text: string }[];
  /** Names of the second parameter that stand for vectors which are only read, and what must hold for that. */
  readonly reads: ReadonlyMap<string, readonly Need[]>;
}

const folds = new Map<string, PartsFold | undefined>();
const FOLDS_MAX = 10_000;

/** How to merge in place; undefined when the function must be called. Kept by text. */
export function partsFold(f: unknown): PartsFold | undefined {
  if (typeof f !== "function") return undefined;
  const text = Function.prototype.toString.call(f);
  if (folds.has(text)) return folds.get(text);
  const made = analyze(text);
  if (folds.size >= FOLDS_MAX) folds.clear();
  folds.set(text, made);
  return made;
}

function analyze(text: string): PartsFold | undefined {
  const { parsed, facts } = analyzeFunction(text);
  if (parsed === undefined || !isEmittable(text, facts)) return undefined;
  const node = parsed.node as FunctionNode;
  const items = itemsOf(returned(node));
  const [total, other, ...more] = node.params.map((param) => patternOf(param, parsed));
  if (items === undefined || total === undefined || other === undefined || more.length > 0) return undefined;
  const partAt = partsOf(total, items);
  if (partAt === undefined) return undefined;
  const mapped = items.map(({ key, value }) => ({ key, value, arrow: mappedBy(value, partAt(key)) }));
  const isMapped: IsVector = (at) => mapped.some(({ key, arrow }) => arrow !== undefined && partAt(key)(at));
  const vectors = mapped.flatMap(({ key, arrow }) => (arrow === undefined ? [] : [{ key, arrow }]));
  const values = mapped.filter(({ arrow, key, value }) => arrow === undefined && !partAt(key)(value));
  if (vectors.length === 0) return undefined;
  // Old vectors are changed when others look at them; the old value as a whole must not be seen either.
  const looked = [...vectors.map(({ arrow }) => arrow.body), ...values.map(({ value }) => value)];
  if (looked.some((root) => !isPlain(root) || mentions(root, isMapped))) return undefined;
  if (total.kind === "name" && !onlyParts(returned(node) as AnyNode, total.name)) return undefined;
  const parts = vectors.map(({ key, arrow }) => vectorPart(key, arrow, parsed));
  if (!parts.every((part) => part !== undefined)) return undefined;
  return {
    total,
    other,
    vectors: parts,
    values: values.map(({ key, value }) => ({ key, text: sourceOf(parsed, value) })),
    reads: readsOf(node, other, isMapped, facts.freeNames),
  };
}

/** The parts that the function gives, by their keys. */
function itemsOf(node: AnyNode | undefined): readonly { readonly key: Key; readonly value: AnyNode }[] | undefined {
  if (node?.type === "ArrayExpression") {
    const elements = node["elements"] as readonly (AnyNode | null)[];
    if (!elements.every((element) => element !== null && element.type !== "SpreadElement")) return undefined;
    return (elements as readonly AnyNode[]).map((value, key) => ({ key, value }));
  }
  if (node?.type !== "ObjectExpression") return undefined;
  const items: { key: string; value: AnyNode }[] = [];
  for (const property of node["properties"] as readonly AnyNode[]) {
    const key = property["key"] as AnyNode | undefined;
    if (property.type !== "Property" || property["computed"] === true || property["kind"] !== "init") return undefined;
    if (!isIdentifier(key) || key.name === "__proto__" || property["method"] === true) return undefined;
    items.push({ key: key.name, value: property["value"] as AnyNode });
  }
  return items;
}

/** What stands for a part of the old value; undefined when the first parameter does not take it apart as the result is put together. */
function partsOf(total: Pattern, items: readonly { readonly key: Key }[]): ((key: Key) => IsVector) | undefined {
  if (total.kind === "name") return (key) => isField(total.name, key);
  if (total.kind !== "array" && total.kind !== "object") return undefined;
  const keyToName = new Map<Key, string>();
  const fields = total.kind === "array" ? total.items.map((pattern, key) => ({ key, pattern })) : total.fields;
  for (const { key, pattern } of fields) {
    if (pattern === undefined) continue;
    if (pattern.kind !== "name") return undefined;
    keyToName.set(key, pattern.name);
  }
  const areArrays = total.kind === "array" && total.items.length === items.length;
  if (!areArrays && typeof items[0]?.key !== "string") return undefined;
  return (key) => {
    const name = keyToName.get(key);
    return name === undefined ? () => false : isNamed(name);
  };
}

function mentions(root: AnyNode, isOne: IsVector): boolean {
  for (const node of nodesOf(root)) if (isOne(node)) return true;
  return false;
}

/** The name stands only before `.key` and `[0]`, and nothing is called as its method. */
function onlyParts(root: AnyNode, name: string): boolean {
  let [all, parts] = [0, 0];
  const isPart = (node: AnyNode) => node.type === "MemberExpression" && isNamed(name)(node["object"] as AnyNode);
  for (const node of nodesOf(root)) {
    if (isNamed(name)(node)) all++;
    if (isPart(node) && (node["computed"] !== true || (node["property"] as AnyNode).type === "Literal")) parts++;
    if (node.type === "CallExpression" && isPart(node["callee"] as AnyNode)) return false;
  }
  return all === parts;
}

function vectorPart(key: Key, arrow: FunctionNode, parsed: ParsedFunction): VectorPart | undefined {
  const [element, index, ...more] = arrow.params;
  if (!isIdentifier(element) || (index !== undefined && !isIdentifier(index)) || more.length > 0) return undefined;
  return { key, element: element.name, index: index?.name, text: sourceOf(parsed, arrow.body) };
}

function readsOf(
  node: FunctionNode,
  other: Pattern,
  isKnown: IsVector,
  free: readonly string[],
): ReadonlyMap<string, readonly Need[]> {
  const reads = new VectorReads(node, free);
  const found = new Map<string, readonly Need[]>();
  for (const name of namesOf(other)) {
    const uses = reads.uses(isNamed(name), { isKnown });
    if (uses?.areVectors === true) found.set(name, uses.needs);
  }
  return found;
}
