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
import type { AnyNode, FunctionNode, IdentifierNode } from "../closure/syntax.js";
import type { Edit } from "../closure/text-edit.js";
import { editedCut, returned } from "./body-text.js";
import { isEmittable, mappedBy } from "./elementwise-fold.js";
import { FieldEdits, fieldUses, type Reach } from "./field-reads.js";
import { keptByText } from "./kept-by-text.js";
import { isPlain } from "./movable-code.js";
import { elementsOf, namesOf, nodesOf, type Pattern, patternOf } from "./param-pattern.js";
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
  /** The same where the second parameter is used by its elements only: they are parameters of their own. */
  readonly byFields?: PartsFold | undefined;
  /** Names of the second parameter that stand for vectors which are only read, and what must hold for that. */
  readonly reads: ReadonlyMap<string, readonly Need[]>;
}

/** Elements of the second value, but nothing inside of them. */
const ELEMENTS: Reach = { opens: (path) => path.length === 0, isColumn: () => false };

/** How to merge in place; undefined when the function must be called. Kept by text. */
export const partsFold = keptByText(analyze);

function analyze(text: string): PartsFold | undefined {
  const { parsed, facts, free } = analyzeFunction(text);
  if (parsed === undefined || free === undefined || !isEmittable(text, facts)) return undefined;
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
  if (!vectors.every(({ arrow }) => hasPlainNames(arrow))) return undefined;
  const reads = new VectorReads(node, facts.freeNames);
  const made = (param: Pattern, edits: readonly Edit[], names: PartsFold["reads"]): PartsFold => {
    const cut = editedCut(parsed, edits);
    const text = (at: AnyNode) => cut(at.start, at.end);
    return {
      total,
      other: param,
      vectors: vectors.map(({ key, arrow }) => vectorPart(key, arrow, text(arrow.body))),
      values: values.map(({ key, value }) => ({ key, text: text(value) })),
      reads: names,
    };
  };
  const plain = made(
    other,
    [],
    readsOf(
      reads,
      namesOf(other).map((name) => [name, isNamed(name)]),
      isMapped,
    ),
  );
  if (other.kind !== "name") return plain;
  const uses = fieldUses(node.body, other.name, free.parameterUses.get(other.name) ?? [], parsed);
  const edits = new FieldEdits();
  const opened = uses === undefined ? undefined : edits.open(uses, ELEMENTS);
  if (opened === undefined) return plain;
  const fields = (elementsOf(opened) ?? []).map(
    ({ key, pattern }) => [namesOf(pattern)[0] ?? "", isField(other.name, key)] as const,
  );
  const byFields = made(opened, edits.edits, readsOf(reads, fields, isMapped));
  return { ...plain, byFields };
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

function hasPlainNames({ params: [element, index, ...more] }: FunctionNode): boolean {
  return isIdentifier(element) && (index === undefined || isIdentifier(index)) && more.length === 0;
}

function vectorPart(key: Key, { params: [element, index] }: FunctionNode, text: string): VectorPart {
  return { key, element: (element as IdentifierNode).name, index: (index as IdentifierNode | undefined)?.name, text };
}

/** Under which needs the places of these names are only read. */
function readsOf(
  reads: VectorReads,
  places: readonly (readonly [string, IsVector])[],
  isKnown: IsVector,
): ReadonlyMap<string, readonly Need[]> {
  const found = new Map<string, readonly Need[]>();
  for (const [name, isOne] of places) {
    const uses = reads.uses(isOne, { isKnown });
    if (uses?.areVectors === true) found.set(name, uses.needs);
  }
  return found;
}
