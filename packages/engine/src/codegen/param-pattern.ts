/** The shape of a parameter: a name, or elements and fields taken from it, nested as the user wrote them. */

import type { ParsedFunction } from "../closure/parse-function.js";
import { type AnyNode, childrenOf, type IdentifierNode } from "../closure/syntax.js";
import { isPlain, STRICT_WORDS } from "./movable-code.js";

export interface Field {
  readonly key: number | string;
  readonly pattern: Pattern;
}

export type Pattern =
  | { readonly kind: "name"; readonly name: string }
  /** `pattern = text`: the text where the element is undefined. */
  | { readonly kind: "default"; readonly pattern: Pattern; readonly text: string }
  | { readonly kind: "array"; readonly items: readonly (Pattern | undefined)[]; readonly text: string }
  | { readonly kind: "object"; readonly fields: readonly Field[]; readonly text: string }
  /** The elements of a row that is used in no other way. */
  | { readonly kind: "fields"; readonly fields: readonly Field[] }
  /** A value of which nothing is asked but whether it is one of these texts: a name for each answer. */
  | { readonly kind: "tests"; readonly tests: readonly { readonly name: string; readonly value: string }[] };

/** Undefined where a pattern takes something apart in a way that is not known here: rest elements, computed keys. */
export function patternOf(node: AnyNode, parsed: ParsedFunction): Pattern | undefined {
  switch (node.type) {
    case "Identifier": {
      const { name } = node as IdentifierNode;
      return STRICT_WORDS.has(name) ? undefined : { kind: "name", name };
    }
    case "AssignmentPattern": {
      const pattern = patternOf(node["left"] as AnyNode, parsed);
      const value = node["right"] as AnyNode;
      return pattern === undefined || !isPlain(value)
        ? undefined
        : { kind: "default", pattern, text: sourceOf(parsed, value) };
    }
    case "ArrayPattern":
      return arrayPattern(node, parsed);
    case "ObjectPattern": {
      const fields = fieldsOf(node, parsed);
      return fields === undefined ? undefined : { kind: "object", fields, text: sourceOf(parsed, node) };
    }
    default:
      return undefined;
  }
}

function arrayPattern(node: AnyNode, parsed: ParsedFunction): Pattern | undefined {
  const items: (Pattern | undefined)[] = [];
  for (const element of node["elements"] as readonly (AnyNode | null)[]) {
    const item = element === null ? undefined : patternOf(element, parsed);
    if (element !== null && item === undefined) return undefined;
    items.push(item);
  }
  return { kind: "array", items, text: sourceOf(parsed, node) };
}

function fieldsOf(node: AnyNode, parsed: ParsedFunction): readonly Field[] | undefined {
  const fields: Field[] = [];
  for (const property of node["properties"] as readonly AnyNode[]) {
    if (property.type !== "Property" || property["computed"] === true) return undefined;
    const key = property["key"] as AnyNode;
    const pattern = patternOf(property["value"] as AnyNode, parsed);
    if (pattern === undefined) return undefined;
    fields.push({ key: key.type === "Identifier" ? (key as IdentifierNode).name : String(key["value"]), pattern });
  }
  return fields;
}

/** What the pattern takes from a row, by index or by field. */
export function elementsOf(pattern: Pattern): readonly Field[] | undefined {
  if (pattern.kind === "object" || pattern.kind === "fields") return pattern.fields;
  if (pattern.kind !== "array") return undefined;
  return pattern.items.flatMap((item, key) => (item === undefined ? [] : [{ key, pattern: item }]));
}

/** The pattern with another one in the place of a name; default values are left alone. */
export function withPattern(pattern: Pattern, name: string, other: Pattern): Pattern {
  switch (pattern.kind) {
    case "name":
      return pattern.name === name ? other : pattern;
    case "default":
    case "tests":
      return pattern;
    case "array":
      return { ...pattern, items: pattern.items.map((item) => item && withPattern(item, name, other)) };
    case "object":
    case "fields": {
      const fields = pattern.fields.map((field) => ({ ...field, pattern: withPattern(field.pattern, name, other) }));
      return { ...pattern, fields };
    }
  }
}

/** All names that the pattern binds. */
export function namesOf(pattern: Pattern): readonly string[] {
  if (pattern.kind === "name") return [pattern.name];
  if (pattern.kind === "tests") return pattern.tests.map(({ name }) => name);
  if (pattern.kind === "default") return namesOf(pattern.pattern);
  return (elementsOf(pattern) ?? []).flatMap((field) => namesOf(field.pattern));
}

/** A node's own text. */
export function sourceOf(parsed: ParsedFunction, node: AnyNode): string {
  return parsed.text.slice(node.start - parsed.base, node.end - parsed.base);
}

/** Every node of a tree. */
export function* nodesOf(root: AnyNode): Iterable<AnyNode> {
  const pending = [root];
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    yield node;
    pending.push(...childrenOf(node));
  }
}
