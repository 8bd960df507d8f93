/**
 * Which code means the same in another function: in place of its call, inside a loop, in strict code. Decided by the syntax tree; what is
 * not listed here is called.
 */

import { declarePattern } from "../closure/declared-names.js";
import { type AnyNode, childrenOf, type IdentifierNode } from "../closure/syntax.js";

/** Free names that mean themselves in any place: not worth asking for. */
export const LITERAL_NAMES: ReadonlySet<string> = new Set(["undefined", "NaN", "Infinity"]);

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
    if (spansLines(node)) return false;
    pending.push(...childrenOf(node));
  }
  return true;
}

function spansLines(node: AnyNode): boolean {
  const raw = node.type === "TemplateElement" ? (node["value"] as { raw: string }).raw : node["raw"];
  return typeof raw === "string" && /[\n\r\u2028\u2029]/.test(raw);
}

/** Not `var`, whose names are the whole function's; not `try`, whose handlers see what was thrown; no declared functions and classes. */
const STATEMENTS = new Set([
  "BlockStatement",
  "EmptyStatement",
  "ExpressionStatement",
  "VariableDeclaration",
  "VariableDeclarator",
  "IfStatement",
  "ForStatement",
  "ForInStatement",
  "ForOfStatement",
  "WhileStatement",
  "DoWhileStatement",
  "SwitchStatement",
  "SwitchCase",
  "ReturnStatement",
  "ThrowStatement",
  "BreakStatement",
  "ContinueStatement",
]);

const EXPRESSIONS = new Set([
  "ArrayExpression",
  "ArrayPattern",
  "ArrowFunctionExpression",
  "AssignmentExpression",
  "AssignmentPattern",
  "BinaryExpression",
  "CallExpression",
  "ChainExpression",
  "ConditionalExpression",
  "Identifier",
  "Literal",
  "LogicalExpression",
  "MemberExpression",
  "NewExpression",
  "ObjectExpression",
  "ObjectPattern",
  "ParenthesizedExpression",
  "Property",
  "RestElement",
  "SequenceExpression",
  "SpreadElement",
  "TaggedTemplateExpression",
  "TemplateElement",
  "TemplateLiteral",
  "UnaryExpression",
  "UpdateExpression",
]);

/** What the code of a function's body does, where it may be moved. */
export interface BodyFacts {
  /** Assigns to or deletes members: strict code refuses what sloppy code ignores. */
  readonly writesMembers: boolean;
  /** Local names and parameters that are assigned to after they are bound. */
  readonly assigned: ReadonlySet<string>;
  /** Names that are bound anywhere inside. */
  readonly declared: ReadonlySet<string>;
}

/** Undefined where the body must stay a function. Free names that are assigned to are the caller's affair. */
export function movableBody(body: AnyNode): BodyFacts | undefined {
  const assigned = new Set<string>();
  const declared = new Set<string>();
  let writesMembers = false;
  const target = (node: AnyNode) => {
    declarePattern(node, assigned);
    writesMembers ||= touchesMembers(node);
  };
  const pending = [body];
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    if (!isMovable(node)) return undefined;
    if (node.type === "VariableDeclarator") declarePattern(node["id"] as AnyNode, declared);
    if (node.type === "ArrowFunctionExpression")
      for (const param of node["params"] as readonly AnyNode[]) declarePattern(param, declared);
    if (node.type === "AssignmentExpression") target(node["left"] as AnyNode);
    if (node.type === "UpdateExpression") target(node["argument"] as AnyNode);
    if (node.type === "UnaryExpression" && node["operator"] === "delete") {
      if ((node["argument"] as AnyNode).type === "Identifier") return undefined;
      writesMembers = true;
    }
    if (node.type === "ForInStatement" || node.type === "ForOfStatement") {
      const left = node["left"] as AnyNode;
      if (left.type !== "VariableDeclaration") target(left);
    }
    pending.push(...partsOf(node));
  }
  return { writesMembers, assigned, declared };
}

function isMovable(node: AnyNode): boolean {
  if (!STATEMENTS.has(node.type) && !EXPRESSIONS.has(node.type)) return false;
  if (node["async"] === true || node["await"] === true || node["generator"] === true) return false;
  switch (node.type) {
    case "VariableDeclaration":
      return node["kind"] === "let" || node["kind"] === "const";
    case "Identifier": {
      const { name } = node as IdentifierNode;
      // Words of strict code, and names of the emitted code.
      return !STRICT_WORDS.has(name) && !/^\$[a-z]+\d+$/.test(name);
    }
    case "Property":
      // Methods and accessors have a `this` and a `super` of their own.
      return node["kind"] === "init" && node["method"] !== true;
    case "Literal":
    case "TemplateElement":
      return !spansLines(node) && !isOctal(node["raw"]);
    default:
      return true;
  }
}

/** Octal numbers and escapes: strict code refuses them. */
function isOctal(raw: unknown): boolean {
  if (typeof raw !== "string") return false;
  return /^["']/.test(raw) ? /\\(?:[1-9]|0\d)/.test(raw) : /^0\d/.test(raw);
}

function touchesMembers(target: AnyNode): boolean {
  const pending = [target];
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    if (node.type === "MemberExpression") return true;
    pending.push(...childrenOf(node));
  }
  return false;
}

/** The nodes below, without names that are no variables: `a.public`, `{ public: 1 }`. */
function partsOf(node: AnyNode): AnyNode[] {
  const parts = childrenOf(node);
  if (node["computed"] === true) return parts;
  if (node.type === "MemberExpression") return parts.filter((part) => part !== node["property"]);
  if (node.type === "Property") return [node["value"] as AnyNode];
  if (node.type === "BreakStatement" || node.type === "ContinueStatement") return [];
  return parts;
}
