/**
 * Can a class's constructor be called for nothing but the private members that it gives an instance? Judged by the class's text. Initializers
 * of fields always run, and what stands before them: what binds parameters, the call of the parent's constructor. These must only make
 * values. So should the constructor's statements; where they do more, the call must end before them. Such a call may also throw
 * (for arguments that are not there), which does no harm either.
 */

import { classOutline } from "./class-text.js";
import { analyzeFunction } from "./facts.js";
import type { AnyNode, ClassNode, FunctionNode } from "./syntax.js";

export interface QuietConstruction {
  /** What its parameters can be taken apart from: `{}` for an object pattern, `[]` for an array pattern, otherwise undefined. */
  args(): unknown[];
  /** Public properties that the constructor assigns: none of them may be an accessor. */
  readonly assigned: readonly string[];
  /** Names that are taken for the language's own. */
  readonly globals: readonly string[];
  /** Do the statements of the constructor no more than put values into `this`? */
  readonly isWholeQuiet: boolean;
  /** The text from the constructor's parameters to its first statement behind the call of the parent's constructor; undefined where either is missing. */
  readonly untilOwn: string | undefined;
}

/** What of a class's text is more than making values. */
export interface LoudConstruction {
  /** "making one runs `nextId()`". */
  readonly why: string;
}

const DATA_CLASSES = new Set([
  "Map",
  "Set",
  "WeakMap",
  "WeakSet",
  "Array",
  "Object",
  "Date",
  "Error",
  "TypeError",
  "RangeError",
]);
const PURE_FUNCTIONS = new Set(["String", "Number", "Boolean", "Symbol"]);
const PURE_MEMBERS = new Set([
  "Date.now",
  "Object.create",
  "Object.freeze",
  "Number.isInteger",
  "Number.isFinite",
  "Array.isArray",
]);
/** Signs that ask two values for no conversion, which could be a user's function. */
const COMPARISONS = new Set(["===", "!==", "==", "!="]);
const SNIPPET_MAX = 60;

const judged = new Map<string, QuietConstruction | LoudConstruction>();
const JUDGED_MAX = 1000;

/** Of a class by its text (`Function.prototype.toString`). */
export function quietConstruction(text: string): QuietConstruction | LoudConstruction {
  const known = judged.get(text);
  if (known !== undefined) return known;
  const found = new Judge(text).judge();
  if (judged.size >= JUDGED_MAX) judged.clear();
  judged.set(text, found);
  return found;
}

class Loud extends Error {}

class Judge {
  readonly #text: string;
  #base = 0;
  #isWholeQuiet = true;
  #untilOwn: string | undefined;
  readonly #params = new Set<string>();
  readonly #assigned = new Set<string>();
  readonly #globals = new Set<string>();

  constructor(text: string) {
    this.#text = text;
  }

  judge(): QuietConstruction | LoudConstruction {
    const analysis = analyzeFunction(this.#text);
    if (analysis.facts.kind !== "class" || analysis.parsed === undefined) return { why: "its text cannot be read" };
    this.#base = analysis.parsed.base;
    const node = analysis.parsed.node as ClassNode;
    try {
      const { members } = classOutline(analysis, this.#text);
      for (const member of members)
        if (member.kind === "field" && !member.isStatic) this.#value(member.node["value"] as AnyNode | null);
      const own = members.find((member) => member.kind === "constructor");
      const shapes =
        own === undefined ? [] : this.#takeApart(own.node["value"] as FunctionNode, node.superClass !== null);
      return {
        args: () => shapes.map((shape) => (shape === "object" ? {} : shape === "array" ? [] : undefined)),
        assigned: [...this.#assigned],
        globals: [...this.#globals],
        isWholeQuiet: this.#isWholeQuiet,
        untilOwn: this.#untilOwn,
      };
    } catch (error) {
      if (error instanceof Loud) return { why: error.message };
      throw error;
    }
  }

  #loud(node: AnyNode): Loud {
    const text = this.#text.slice(node.start - this.#base, node.end - this.#base).replace(/\s+/g, " ");
    return new Loud(`making one runs \`${text.length > SNIPPET_MAX ? `${text.slice(0, SNIPPET_MAX)}...` : text}\``);
  }

  #takeApart(node: FunctionNode, isDerived: boolean): ("object" | "array" | "none")[] {
    const shapes = node.params.map((param) => this.#param(param));
    const statements = node.body["body"] as AnyNode[];
    const superAt = isDerived ? statements.findIndex((one) => superCall(one) !== undefined) : -1;
    if (isDerived && superAt < 0) throw this.#loud(node.body);
    for (const statement of statements.slice(0, Math.max(0, superAt))) this.#statement(statement);
    const parentCall = superCall(statements[superAt]);
    for (const arg of (parentCall?.["arguments"] ?? []) as AnyNode[]) this.#value(arg);
    const own = statements.slice(superAt + 1);
    this.#isWholeQuiet = this.#isQuiet(own);
    if (isDerived && own[0] !== undefined)
      this.#untilOwn = this.#text.slice(node.start - this.#base, own[0].start - this.#base);
    return shapes;
  }

  #isQuiet(statements: readonly AnyNode[]): boolean {
    try {
      for (const statement of statements) this.#statement(statement);
      return true;
    } catch (error) {
      if (error instanceof Loud) return false;
      throw error;
    }
  }

  #param(param: AnyNode): "object" | "array" | "none" {
    if (param.type === "Identifier") this.#params.add(param["name"] as string);
    else if (param.type === "AssignmentPattern") {
      this.#default(param);
      const left = param["left"] as AnyNode;
      if (left.type !== "Identifier") this.#pattern(left);
    } else if (param.type !== "RestElement" || (param["argument"] as AnyNode).type !== "Identifier") {
      return this.#pattern(param);
    }
    return "none";
  }

  /** `a = 1`: a literal can be reckoned with as a parameter that was not given. */
  #default(pattern: AnyNode): void {
    const [left, right] = [pattern["left"] as AnyNode, pattern["right"] as AnyNode];
    this.#value(right);
    if (left.type === "Identifier" && right.type === "Literal") this.#params.add(left["name"] as string);
  }

  /** `{ a, b = 1 }` and `[a, b]`: of nothing else, the parts would have to be made too. */
  #pattern(pattern: AnyNode): "object" | "array" {
    if (pattern.type !== "ObjectPattern" && pattern.type !== "ArrayPattern") throw this.#loud(pattern);
    const isObject = pattern.type === "ObjectPattern";
    const parts = isObject
      ? (pattern["properties"] as AnyNode[]).map((property) => {
          if (property.type === "RestElement" || property["computed"] === true) throw this.#loud(property);
          return property["value"] as AnyNode;
        })
      : (pattern["elements"] as (AnyNode | null)[]).filter((part) => part !== null);
    for (const part of parts) {
      if (part.type === "AssignmentPattern") this.#default(part);
      const target = part.type === "AssignmentPattern" ? (part["left"] as AnyNode) : part;
      if (target.type !== "Identifier") throw this.#loud(pattern);
      if (part === target) this.#params.add(target["name"] as string);
    }
    return isObject ? "object" : "array";
  }

  #statement(node: AnyNode): void {
    switch (node.type) {
      case "ExpressionStatement":
        return this.#assignment(node["expression"] as AnyNode);
      case "BlockStatement":
        for (const one of node["body"] as AnyNode[]) this.#statement(one);
        return;
      case "IfStatement":
        this.#value(node["test"] as AnyNode);
        this.#statement(node["consequent"] as AnyNode);
        if (node["alternate"] !== null) this.#statement(node["alternate"] as AnyNode);
        return;
      case "ThrowStatement":
        return this.#value(node["argument"] as AnyNode);
      case "EmptyStatement":
        return;
      case "VariableDeclaration":
        for (const one of node["declarations"] as AnyNode[]) {
          if ((one["id"] as AnyNode).type !== "Identifier") throw this.#loud(node);
          this.#value(one["init"] as AnyNode | null);
        }
        return;
      default:
        throw this.#loud(node);
    }
  }

  #assignment(node: AnyNode): void {
    if (node.type === "Literal") return;
    const left = node["left"] as AnyNode | undefined;
    if (node.type !== "AssignmentExpression" || node["operator"] !== "=" || !isOfThis(left)) throw this.#loud(node);
    const property = left["property"] as AnyNode;
    const name = property["name"] as string;
    if (property.type === "PrivateIdentifier") {
      if (!this.#isPrivateField(name)) throw this.#loud(node);
    } else this.#assigned.add(name);
    this.#value(node["right"] as AnyNode);
  }

  /** Throws where making the value could do anything else. */
  #value(node: AnyNode | null | undefined): void {
    if (node === null || node === undefined) return;
    switch (node.type) {
      case "Literal":
      case "Identifier":
      case "ThisExpression":
      case "ArrowFunctionExpression":
      case "FunctionExpression":
        return;
      case "ArrayExpression":
        for (const item of node["elements"] as (AnyNode | null)[]) this.#value(item);
        return;
      case "ObjectExpression":
        return this.#object(node);
      case "TemplateLiteral":
        for (const part of node["expressions"] as AnyNode[]) this.#primitive(part);
        return;
      case "ConditionalExpression":
        for (const field of ["test", "consequent", "alternate"]) this.#value(node[field] as AnyNode);
        return;
      case "LogicalExpression":
        this.#value(node["left"] as AnyNode);
        return this.#value(node["right"] as AnyNode);
      case "MemberExpression":
        return this.#member(node);
      case "NewExpression":
      case "CallExpression":
        return this.#call(node);
      default:
        return this.#primitive(node);
    }
  }

  #object(node: AnyNode): void {
    for (const property of node["properties"] as AnyNode[]) {
      if (property.type !== "Property" || property["computed"] === true) throw this.#loud(property);
      this.#value(property["value"] as AnyNode);
    }
  }

  /** A value of which converting it to a number or a string calls nobody's function. */
  #primitive(node: AnyNode): void {
    if (node.type === "Literal" || (node.type === "Identifier" && this.#params.has(node["name"] as string))) return;
    if (node.type === "TemplateLiteral") return this.#value(node);
    if (node.type === "UnaryExpression" && node["operator"] !== "delete") {
      const argument = node["argument"] as AnyNode;
      return /^(?:!|typeof|void)$/.test(node["operator"] as string) ? this.#value(argument) : this.#primitive(argument);
    }
    if (node.type !== "BinaryExpression" || /^in/.test(node["operator"] as string)) throw this.#loud(node);
    const operands = [node["left"] as AnyNode, node["right"] as AnyNode];
    const operator = node["operator"] as string;
    // Without conversion, or with one that null and undefined have none of.
    const isPlain = COMPARISONS.has(operator) && (operator.length === 3 || operands.some(isNullish));
    for (const operand of operands) {
      if (isPlain) this.#value(operand);
      else this.#primitive(operand);
    }
  }

  /** `Color.Red`, `this.#x`: the property of something that stood there before. */
  #member(node: AnyNode): void {
    const object = node["object"] as AnyNode;
    const property = node["property"] as AnyNode;
    if (node["computed"] === true || object.type === "Super") throw this.#loud(node);
    if (object.type !== "ThisExpression") return this.#value(object);
    if (property.type !== "PrivateIdentifier" || !this.#isPrivateField(property["name"] as string))
      throw this.#loud(node);
  }

  #call(node: AnyNode): void {
    const callee = node["callee"] as AnyNode;
    const object = callee.type === "MemberExpression" ? (callee["object"] as AnyNode) : callee;
    const name = object.type === "Identifier" ? (object["name"] as string) : "";
    const path = callee === object ? name : `${name}.${String((callee["property"] as AnyNode)["name"])}`;
    const isPure =
      node.type === "NewExpression"
        ? DATA_CLASSES.has(path)
        : PURE_FUNCTIONS.has(path) || PURE_MEMBERS.has(path) || name === "Math";
    if (!isPure || this.#params.has(name) || callee["computed"] === true) throw this.#loud(node);
    this.#globals.add(name);
    for (const arg of node["arguments"] as AnyNode[]) {
      if (arg.type === "ArrayExpression" || path === "Object.create" || path === "Object.freeze") this.#value(arg);
      else this.#primitive(arg);
    }
  }

  #isPrivateField(name: string): boolean {
    const outline = classOutline(analyzeFunction(this.#text), this.#text);
    return outline.privateFields.includes(`#${name}`);
  }
}

function isOfThis(node: AnyNode | undefined): node is AnyNode {
  return (
    node?.type === "MemberExpression" &&
    node["computed"] !== true &&
    (node["object"] as AnyNode).type === "ThisExpression"
  );
}

function superCall(statement: AnyNode | undefined): AnyNode | undefined {
  const expression = statement?.type === "ExpressionStatement" ? (statement["expression"] as AnyNode) : undefined;
  return expression?.type === "CallExpression" && (expression["callee"] as AnyNode).type === "Super"
    ? expression
    : undefined;
}

function isNullish(node: AnyNode): boolean {
  return (
    (node.type === "Literal" && node["value"] === null && node["raw"] === "null") ||
    (node.type === "Identifier" && node["name"] === "undefined")
  );
}
