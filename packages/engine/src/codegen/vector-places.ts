/** Where in a function's tree a variable or a field of a variable stands. */

import { type AnyNode, childrenOf, type IdentifierNode } from "../closure/syntax.js";

/** An occurrence of the vector in the tree. */
export type IsVector = (node: AnyNode) => boolean;

/** Nodes below that may hold variables. */
export function variablesBelow(node: AnyNode): AnyNode[] {
  const children = childrenOf(node);
  if (node.type === "VariableDeclarator") return node["init"] === null ? [] : evaluatedBy(node);
  if (node["computed"] === true) return children;
  if (node.type === "MemberExpression") return children.filter((child) => child !== node["property"]);
  if (node.type === "Property") return [node["value"] as AnyNode];
  return children;
}

/** What a declaration evaluates: its value, and what its pattern computes. The names that it binds are no uses. */
function evaluatedBy(declarator: AnyNode): AnyNode[] {
  return [declarator["init"] as AnyNode, ...defaultsIn(declarator["id"] as AnyNode)];
}

/** Values that a pattern takes where it finds nothing, and computed keys. */
export function defaultsIn(pattern: AnyNode): AnyNode[] {
  const found: AnyNode[] = [];
  const pending = [pattern];
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    if (node.type === "Identifier") continue;
    if (node.type === "AssignmentPattern") {
      found.push(node["right"] as AnyNode);
      pending.push(node["left"] as AnyNode);
    } else if (node.type === "Property") {
      if (node["computed"] === true) found.push(node["key"] as AnyNode);
      pending.push(node["value"] as AnyNode);
    } else pending.push(...childrenOf(node));
  }
  return found;
}

export function isNamed(name: string): IsVector {
  return (node) => node.type === "Identifier" && (node as IdentifierNode).name === name;
}

/** Names that `const { key: a } = name` and `const [a] = name` give to a field. */
export function fieldAliases(name: string, key: string | number): (declarator: AnyNode) => readonly string[] {
  return (declarator) => {
    const { id, init } = declarator as unknown as { id: AnyNode; init: AnyNode | null };
    if (init === null || !isNamed(name)(init)) return [];
    const target =
      id.type === "ArrayPattern"
        ? (id["elements"] as readonly (AnyNode | null)[])[key as number]
        : (id["properties"] as readonly AnyNode[] | undefined)?.find((property) => keyOf(property) === key)?.["value"];
    return isIdentifier(target) ? [target.name] : [];
  };
}

function keyOf(property: AnyNode): unknown {
  const key = property["key"] as AnyNode | undefined;
  return key?.type === "Identifier" ? key["name"] : key?.["value"];
}

export function isIdentifier(node: unknown): node is IdentifierNode {
  return (node as AnyNode | null | undefined)?.type === "Identifier";
}

/** `name.key` and `name[key]`; with more keys `name.key.other`. */
export function isField(name: string, ...path: readonly (string | number)[]): IsVector {
  const key = path.at(-1);
  const isObject = path.length === 1 ? isNamed(name) : isField(name, ...path.slice(0, -1));
  return (node) => {
    if (node.type !== "MemberExpression" || !isObject(node["object"] as AnyNode)) return false;
    const property = node["property"] as AnyNode;
    return node["computed"] === true ? property["value"] === key : property["name"] === key;
  };
}
