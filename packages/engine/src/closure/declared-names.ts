/** Which names statements and patterns bind. */

import type { AnyNode, IdentifierNode } from "./syntax.js";
import { childrenOf, isClassNode, isFunctionNode } from "./syntax.js";

/** Adds the names that a pattern binds. */
export function declarePattern(node: AnyNode, names: Set<string>): void {
  switch (node.type) {
    case "Identifier":
      names.add(node["name"] as string);
      return;
    case "AssignmentPattern":
      declarePattern(node["left"] as AnyNode, names);
      return;
    case "RestElement":
      declarePattern(node["argument"] as AnyNode, names);
      return;
    case "ArrayPattern":
      for (const element of node["elements"] as (AnyNode | null)[])
        if (element !== null) declarePattern(element, names);
      return;
    case "ObjectPattern":
      for (const property of node["properties"] as AnyNode[]) {
        declarePattern((property.type === "RestElement" ? property["argument"] : property["value"]) as AnyNode, names);
      }
      return;
    default:
  }
}

export function declareLexical(statement: AnyNode, names: Set<string>): void {
  if (statement.type === "VariableDeclaration" && statement["kind"] !== "var") {
    for (const declarator of statement["declarations"] as AnyNode[]) declarePattern(declarator["id"] as AnyNode, names);
  } else if (statement.type === "FunctionDeclaration" || statement.type === "ClassDeclaration") {
    const id = statement["id"] as IdentifierNode | null;
    if (id !== null) names.add(id.name);
  }
}

export function hoist(body: AnyNode, names: Set<string>): void {
  for (const statement of body["body"] as AnyNode[]) hoistStatement(statement, names);
}

/** `var`s anywhere below (not in nested functions), and what a statement at the top of a body declares. */
export function hoistStatement(statement: AnyNode, names: Set<string>): void {
  declareLexical(statement, names);
  const pending: AnyNode[] = [statement];
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    if (node !== statement && node.type === "FunctionDeclaration" && node["id"] !== null) {
      // Sloppy code sees a block's function in the whole function (Annex B); strict code would not use it outside.
      names.add((node["id"] as IdentifierNode).name);
    }
    if (isFunctionNode(node) || isClassNode(node)) continue;
    if (node.type === "VariableDeclaration" && node["kind"] === "var") {
      for (const declarator of node["declarations"] as AnyNode[]) declarePattern(declarator["id"] as AnyNode, names);
    }
    if (node.type.endsWith("Expression")) continue;
    pending.push(...childrenOf(node));
  }
}
