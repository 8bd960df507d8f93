/** A body that uses a parameter by its fields only, with each field under a name of its own: `p.x + p.y` becomes `$f0 + $f1`. */

import type { NameUse } from "../closure/name-use.js";
import type { ParsedFunction } from "../closure/parse-function.js";
import type { AnyNode, IdentifierNode } from "../closure/syntax.js";
import type { Edit } from "../closure/text-edit.js";
import { elementsOf, type Field, nodesOf, type Pattern, patternOf } from "./param-pattern.js";

export interface FieldEdits {
  readonly fields: readonly Field[];
  /** Changes of the body's text, in the offsets of the tree. */
  readonly edits: readonly Edit[];
}

/** Undefined when the parameter is used in another way; `uses` are all its uses. */
export function fieldEdits(
  body: AnyNode,
  name: string,
  uses: readonly NameUse[],
  parsed: ParsedFunction,
): FieldEdits | undefined {
  if (uses.length === 0) return undefined;
  if (uses.some((use) => use.memberCalled === true || use.memberWritten === true || use.access !== "read"))
    return undefined;
  const keyToName = new Map<number | string, string>();
  const nameOf = (key: number | string) => {
    const known = keyToName.get(key) ?? `$f${keyToName.size}`;
    keyToName.set(key, known);
    return known;
  };
  const edits: Edit[] = [];
  for (const node of nodesOf(body)) {
    const text = isOf(node["object"], name) ? memberText(node, nameOf) : destructured(node, name, nameOf, parsed);
    if (text !== undefined) edits.push({ start: node.start, end: node.end, text });
  }
  if (edits.length !== uses.length) return undefined;
  edits.sort((a, b) => a.start - b.start);
  // One inside another: a default value in a pattern.
  if (edits.some((edit, index) => edit.end > (edits[index + 1]?.start ?? edit.end))) return undefined;
  return {
    fields: Array.from(keyToName, ([key, field]) => ({ key, pattern: { kind: "name", name: field } })),
    edits,
  };
}

function isOf(node: unknown, name: string): boolean {
  return (node as AnyNode | undefined)?.type === "Identifier" && (node as IdentifierNode).name === name;
}

/** `row.a`, `row[0]` */
function memberText(node: AnyNode, nameOf: (key: number | string) => string): string | undefined {
  if (node.type !== "MemberExpression") return undefined;
  const key = memberKey(node);
  return key === undefined ? undefined : nameOf(key);
}

/** `const { a, b: [c] } = row`, `const [k, v] = row` */
function destructured(
  node: AnyNode,
  name: string,
  nameOf: (key: number | string) => string,
  parsed: ParsedFunction,
): string | undefined {
  if (node.type !== "VariableDeclarator" || !isOf(node["init"], name)) return undefined;
  const pattern = patternOf(node["id"] as AnyNode, parsed);
  const fields = pattern === undefined ? undefined : elementsOf(pattern);
  if (fields === undefined || fields.length === 0) return undefined;
  const parts = fields.map((field) => [patternText(field.pattern), nameOf(field.key)] as const);
  if (parts.some(([text]) => text === undefined)) return undefined;
  return parts.map(([text, value]) => `${text} = ${value}`).join(", ");
}

function patternText(pattern: Pattern): string | undefined {
  switch (pattern.kind) {
    case "name":
      return pattern.name;
    case "array":
    case "object":
      return pattern.text;
    default:
      return undefined;
  }
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
