/**
 * Does a function only read the vector that a name (or a field of a parameter) stands for? Then the vector may lie in an array that is filled anew
 * for each row. A use that is not listed here keeps it: stored, captured by what outlives the call, returned, given to an unknown function.
 *
 * The text decides; what only a task knows (is the captured `w` an array?) is left to it as needs.
 */

import { type AnyNode, childrenOf, type FunctionNode, type IdentifierNode, isFunctionNode } from "../closure/syntax.js";
import { NumberEvidence } from "./number-evidence.js";
import { defaultsIn, type IsVector, isIdentifier, isNamed, variablesBelow } from "./vector-places.js";

/** What must hold of a captured name, or of the vector itself. */
export type Need =
  /** A number. */
  | { readonly kind: "number"; readonly name: string }
  /** One of the language's own arrays or typed arrays. */
  | { readonly kind: "vector"; readonly name: string }
  /** A function that itself only reads its parameter. */
  | { readonly kind: "reader"; readonly name: string; readonly param: number }
  /** The global of this name. */
  | { readonly kind: "global"; readonly name: string }
  /** The vector is a plain array: of typed ones the text might reach the memory. */
  | { readonly kind: "plain" };

/** Methods of vectors that give numbers, or new vectors, and call what they are given before they end. Value: places of the vector among a callback's parameters. */
const CALLBACK_METHODS = new Map([
  ["map", 2],
  ["filter", 2],
  ["forEach", 2],
  ["some", 2],
  ["every", 2],
  ["find", 2],
  ["findIndex", 2],
  ["findLast", 2],
  ["findLastIndex", 2],
  ["reduce", 3],
  ["reduceRight", 3],
]);
const PLAIN_METHODS = new Set(["slice", "at", "includes", "indexOf", "lastIndexOf", "join", "toSorted", "toReversed"]);
/** Of these a vector comes out again. */
const VECTOR_METHODS = new Set(["map", "filter", "slice", "toSorted", "toReversed"]);
/** Functions that a callback's place may take: they look at numbers only. */
const NUMBER_FUNCTIONS = new Set(["Number", "String", "Boolean"]);
const TYPED_ARRAY = /^(?:Float(?:32|64)|(?:Big)?(?:Int|Uint)(?:8|16|32|64))Array$|^Uint8ClampedArray$/;

export interface VectorUses {
  /** What must hold for all uses to be reads. */
  readonly needs: Need[];
  /** Some use looks like a vector's, not like a number's or a text's. */
  readonly areVectors: boolean;
}

interface UsesOptions {
  /** Occurrences that the caller takes care of. */
  readonly exits?: ReadonlySet<AnyNode>;
  /** Elements may be assigned to. */
  readonly mayWrite?: boolean;
  /** Other expressions that are surely vectors. */
  readonly isKnown?: IsVector;
  /** Names that a declaration gives to the vector. */
  readonly alias?: (declarator: AnyNode) => readonly string[];
}

export class VectorReads {
  readonly #root: FunctionNode;
  readonly #parents = new Map<AnyNode, AnyNode>();
  readonly #free: ReadonlySet<string>;
  readonly #numbers: NumberEvidence;

  /** `free`: names that are bound nowhere in the function. `numbers`: parameters that are known to be numbers. */
  constructor(root: FunctionNode, free: Iterable<string>, numbers: ReadonlySet<string> = new Set()) {
    this.#root = root;
    this.#free = new Set(free);
    const pending: AnyNode[] = [root];
    for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
      for (const child of childrenOf(node)) {
        this.#parents.set(child, node);
        pending.push(child);
      }
    }
    this.#numbers = new NumberEvidence(root, this.#free, numbers);
  }

  /** The uses of the vector that stands where `isOne` says, and of variables that stand for it; undefined when one of them may keep it. */
  uses(
    isOne: IsVector,
    { exits = new Set(), mayWrite = false, isKnown = () => false, alias }: UsesOptions = {},
  ): VectorUses | undefined {
    const names = new Set<string>();
    const isAny: IsVector = (node) => isOne(node) || (node.type === "Identifier" && names.has(node["name"] as string));
    this.#gatherAliases(isAny, names, alias);
    const check = new Check(this.#root, this.#parents, this.#free, this.#numbers, isAny, names, mayWrite, isKnown);
    let areVectors = false;
    const pending: AnyNode[] = [this.#root.body, ...this.#root.params.flatMap(defaultsIn)];
    for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
      // What makes a vector may itself be made of vectors.
      if (!isAny(node) || node.type !== "Identifier") pending.push(...variablesBelow(node));
      if (!isAny(node) || exits.has(node)) continue;
      if (!check.isRead(node)) return undefined;
      areVectors ||= check.isReadAsVector(node);
    }
    return { needs: check.needs, areVectors };
  }

  /** Names of `const name = vector`, and of those again. */
  #gatherAliases(
    isAny: IsVector,
    names: Set<string>,
    alias: ((declarator: AnyNode) => readonly string[]) | undefined,
  ): void {
    for (let known = -1; known < names.size; ) {
      known = names.size;
      for (const [node, parent] of this.#parents) {
        if (node.type !== "VariableDeclarator" || parent["kind"] !== "const") continue;
        const { id, init } = node as unknown as { id: AnyNode; init: AnyNode | null };
        if (init !== null && id.type === "Identifier" && isAny(init)) names.add((id as IdentifierNode).name);
        for (const name of alias?.(node) ?? []) names.add(name);
      }
    }
  }
}

class Check {
  readonly needs: Need[] = [];
  readonly #root: FunctionNode;
  readonly #parents: ReadonlyMap<AnyNode, AnyNode>;
  readonly #free: ReadonlySet<string>;
  readonly #numbers: NumberEvidence;
  readonly #isVector: IsVector;
  readonly #aliases: ReadonlySet<string>;
  readonly #mayWrite: boolean;
  readonly #isKnown: IsVector;

  constructor(
    root: FunctionNode,
    parents: ReadonlyMap<AnyNode, AnyNode>,
    free: ReadonlySet<string>,
    numbers: NumberEvidence,
    isVector: IsVector,
    aliases: ReadonlySet<string>,
    mayWrite: boolean,
    isKnown: IsVector,
  ) {
    this.#root = root;
    this.#parents = parents;
    this.#free = free;
    this.#numbers = numbers;
    this.#isVector = isVector;
    this.#aliases = aliases;
    this.#mayWrite = mayWrite;
    this.#isKnown = isKnown;
  }

  isRead(node: AnyNode): boolean {
    return this.#staysInCall(node) && this.#isReadBy(this.#parentOf(node), node);
  }

  /** Numbers and texts are used in the other ways too. */
  isReadAsVector(node: AnyNode): boolean {
    const parent = this.#parentOf(node);
    switch (parent.type) {
      case "MemberExpression":
        return parent["computed"] === true || CALLBACK_METHODS.has((parent["property"] as AnyNode)["name"] as string);
      case "ForOfStatement":
      case "SpreadElement":
        return true;
      case "VariableDeclarator":
        return (parent["id"] as AnyNode).type === "ArrayPattern";
      case "CallExpression":
        return isFree(parent["callee"] as AnyNode, this.#free) && !NUMBER_FUNCTIONS.has(nameOf(parent["callee"]));
      default:
        return false;
    }
  }

  #parentOf(node: AnyNode): AnyNode {
    return this.#parents.get(node) as AnyNode;
  }

  /** No function that outlives the call captures the place: each one around it is handed to a method of vectors, which calls it at once. */
  #staysInCall(node: AnyNode): boolean {
    for (let at = this.#parentOf(node); at !== this.#root; at = this.#parentOf(at)) {
      if (at.type === "ClassBody" || at.type === "MethodDefinition") return false;
      if (!isFunctionNode(at)) continue;
      if (at.async || at.generator) return false;
      const call = this.#parentOf(at);
      if (call.type !== "CallExpression" || (call["arguments"] as readonly AnyNode[])[0] !== at) return false;
      const method = methodOf(call);
      if (method === undefined || !CALLBACK_METHODS.has(method.name)) return false;
      if (!this.#isKnownVector(method.object)) return false;
    }
    return true;
  }

  #isReadBy(parent: AnyNode, node: AnyNode): boolean {
    switch (parent.type) {
      case "MemberExpression":
        return parent["object"] === node && this.#isMemberRead(parent);
      case "ChainExpression":
      case "ParenthesizedExpression":
        return false;
      case "ForOfStatement":
        return parent["right"] === node && parent["await"] !== true;
      case "SpreadElement":
        return this.#parentOf(parent).type !== "ObjectExpression";
      case "UnaryExpression":
        return parent["operator"] !== "delete";
      case "BinaryExpression":
        return parent["operator"] !== "instanceof";
      case "IfStatement":
      case "ConditionalExpression":
        return parent["test"] === node;
      case "LogicalExpression":
        return parent["operator"] === "&&" && parent["left"] === node;
      case "ExpressionStatement":
        return true;
      case "VariableDeclarator":
        return parent["init"] === node && this.#isTakenApart(parent["id"] as AnyNode);
      case "CallExpression":
      case "NewExpression":
        return parent["callee"] !== node && this.#isReadByCall(parent, node);
      default:
        return false;
    }
  }

  #isMemberRead(member: AnyNode): boolean {
    const property = member["property"] as AnyNode;
    const outer = this.#parentOf(member);
    const isCalled = outer.type === "CallExpression" && outer["callee"] === member;
    if (member["computed"] !== true) {
      if (isCalled) return member["optional"] !== true && this.#isMethodRead(outer, property["name"] as string);
      return property["name"] === "length" && this.#isOnlyRead(outer, member);
    }
    const isRead = this.#isOnlyRead(outer, member);
    if (isCalled || (!isRead && !(this.#mayWrite && isWritten(outer, member)))) return false;
    const needs = this.#numbers.needs(property);
    // A property that is no element would stay for the next row.
    if (!isRead && needs.some(({ kind }) => kind === "plain")) return false;
    this.needs.push(...needs);
    return true;
  }

  /** The member's value is asked for, and nothing put there. */
  #isOnlyRead(outer: AnyNode, member: AnyNode): boolean {
    switch (outer.type) {
      case "AssignmentExpression":
      case "ForOfStatement":
      case "ForInStatement":
        return outer["left"] !== member;
      case "UpdateExpression":
      case "TaggedTemplateExpression":
      case "ArrayPattern":
      case "RestElement":
      case "AssignmentPattern":
        return false;
      case "Property":
        return this.#parentOf(outer).type !== "ObjectPattern";
      case "UnaryExpression":
        return outer["operator"] !== "delete";
      default:
        return true;
    }
  }

  #isMethodRead(call: AnyNode, name: string): boolean {
    if (PLAIN_METHODS.has(name)) return true;
    // Gives the vector back: only where nobody takes it.
    if (this.#mayWrite && name === "fill") return this.#parentOf(call).type === "ExpressionStatement";
    const [callback] = call["arguments"] as readonly AnyNode[];
    const vectorAt = CALLBACK_METHODS.get(name);
    if (vectorAt === undefined || callback === undefined) return false;
    if (isFunctionNode(callback)) return !sees(callback, vectorAt);
    return this.#isNumberFunction(callback);
  }

  /** `Math.abs`, `Number`. */
  #isNumberFunction(node: AnyNode): boolean {
    const object = node.type === "MemberExpression" ? (node["object"] as AnyNode) : node;
    if (object.type !== "Identifier") return false;
    const { name } = object as IdentifierNode;
    const isKnown = object === node ? NUMBER_FUNCTIONS.has(name) : name === "Math" && node["computed"] !== true;
    return isKnown && this.#isGlobal(name);
  }

  #isReadByCall(call: AnyNode, node: AnyNode): boolean {
    const callee = call["callee"] as AnyNode;
    const args = call["arguments"] as readonly AnyNode[];
    if (args.some((arg) => arg.type === "SpreadElement")) return false;
    if (call.type === "NewExpression") return this.#isTypedArray(callee) && args[0] === node;
    if (callee.type === "Identifier") {
      const { name } = callee as IdentifierNode;
      if (!this.#free.has(name)) return false;
      if (NUMBER_FUNCTIONS.has(name)) return this.#isGlobal(name);
      this.needs.push({ kind: "reader", name, param: args.indexOf(node) });
      return true;
    }
    const method = methodOf(call);
    if (method === undefined || args[0] !== node) return false;
    if (method.name === "isArray" && isNamed("Array")(method.object)) return this.#isGlobal("Array");
    if (method.name === "from" && args.length === 1) {
      if (isNamed("Array")(method.object)) return this.#isGlobal("Array");
      return this.#isTypedArray(method.object);
    }
    return method.name === "stringify" && args.length === 1 && isNamed("JSON")(method.object) && this.#isGlobal("JSON");
  }

  #isTypedArray(node: AnyNode): boolean {
    if (node.type !== "Identifier" || !TYPED_ARRAY.test((node as IdentifierNode).name)) return false;
    return this.#isGlobal((node as IdentifierNode).name);
  }

  #isGlobal(name: string): boolean {
    if (!this.#free.has(name)) return false;
    this.needs.push({ kind: "global", name });
    return true;
  }

  /** `const y = x` where y is looked at too, `const [a, b] = x`, `const { length } = x`. */
  #isTakenApart(pattern: AnyNode): boolean {
    if (pattern.type === "Identifier") return this.#aliases.has((pattern as IdentifierNode).name);
    if (pattern.type === "ArrayPattern") return true;
    if (pattern.type !== "ObjectPattern") return false;
    return (pattern["properties"] as readonly AnyNode[]).every(
      (property) =>
        property.type === "Property" &&
        property["computed"] !== true &&
        (property["key"] as AnyNode)["name"] === "length",
    );
  }

  /** Surely one of the language's own arrays: only their methods are known to call what they are given, and at once. */
  #isKnownVector(node: AnyNode): boolean {
    if (this.#isVector(node) || this.#isKnown(node)) return true;
    switch (node.type) {
      case "ArrayExpression":
        return true;
      case "NewExpression":
        return this.#isTypedArray(node["callee"] as AnyNode);
      case "CallExpression": {
        const method = methodOf(node);
        if (method === undefined) return false;
        if (VECTOR_METHODS.has(method.name) && this.#isKnownVector(method.object)) return true;
        return method.name === "from" && isNamed("Array")(method.object) && this.#isGlobal("Array");
      }
      case "Identifier": {
        const { name } = node as IdentifierNode;
        if (!this.#free.has(name)) return false;
        this.needs.push({ kind: "vector", name });
        return true;
      }
      default:
        return false;
    }
  }
}

/** `x[i] = v`, `x[i] += v`, `x[i]++` */
function isWritten(outer: AnyNode, member: AnyNode): boolean {
  return outer.type === "UpdateExpression" || (outer.type === "AssignmentExpression" && outer["left"] === member);
}

export function isTypedArrayName(name: string): boolean {
  return TYPED_ARRAY.test(name);
}

export function methodOf(call: AnyNode): { readonly object: AnyNode; readonly name: string } | undefined {
  const callee = call["callee"] as AnyNode;
  if (callee.type !== "MemberExpression" || callee["computed"] === true || callee["optional"] === true)
    return undefined;
  const property = callee["property"] as AnyNode;
  if (property.type !== "Identifier") return undefined;
  return { object: callee["object"] as AnyNode, name: (property as IdentifierNode).name };
}

/** May a callback reach the parameter at this place, which no pattern before it takes? */
function sees(callback: FunctionNode, place: number): boolean {
  if (callback.params.length > place || callback.params.some((param) => param.type === "RestElement")) return true;
  return callback.type !== "ArrowFunctionExpression" && mentions(callback, "arguments");
}

function isFree(node: AnyNode, free: ReadonlySet<string>): boolean {
  return isIdentifier(node) && free.has(node.name);
}

function nameOf(node: unknown): string {
  return isIdentifier(node) ? node.name : "";
}

function mentions(root: AnyNode, name: string): boolean {
  const pending = [root];
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    if (isNamed(name)(node)) return true;
    pending.push(...childrenOf(node));
  }
  return false;
}
