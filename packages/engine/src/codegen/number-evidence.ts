/** Is an expression evidently a number? Asked of indices: `x[i]` with a text for `i` could reach more of a typed array than its elements. */

import { type AnyNode, childrenOf, type FunctionNode, type IdentifierNode } from "../closure/syntax.js";
import type { Need } from "./vector-reads.js";

const NUMBER_OPERATORS = new Set(["-", "*", "/", "%", "**", "|", "&", "^", "<<", ">>", ">>>"]);
/** Methods whose callbacks are given an index, and where. */
const INDEX_PLACES = new Map([
  ["map", 1],
  ["filter", 1],
  ["forEach", 1],
  ["some", 1],
  ["every", 1],
  ["find", 1],
  ["findIndex", 1],
  ["reduce", 2],
  ["reduceRight", 2],
]);

export class NumberEvidence {
  readonly #free: ReadonlySet<string>;
  /** All that is ever put into a local name; undefined among it: something unknown. */
  readonly #given = new Map<string, (AnyNode | undefined)[]>();
  /** Parameters of callbacks that are given an index. */
  readonly #indices = new Set<AnyNode>();
  /** Names of which it is being asked, so that `i = i + 1` does not ask for ever. */
  readonly #asked = new Set<string>();

  constructor(root: FunctionNode, free: ReadonlySet<string>, numbers: ReadonlySet<string>) {
    this.#free = free;
    for (const name of numbers) this.#given.set(name, []);
    for (const param of root.params) {
      const isNumber = param.type === "Identifier" && numbers.has((param as IdentifierNode).name);
      if (!isNumber) this.#bind(param, undefined);
    }
    const pending: AnyNode[] = [root.body];
    for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
      this.#note(node);
      pending.push(...childrenOf(node));
    }
  }

  /** Needs under which the expression is a number; a vector that is no typed array where nothing is known. */
  needs(node: AnyNode): readonly Need[] {
    const needs: Need[] = [];
    return this.#isNumber(node, needs) ? needs : [{ kind: "plain" }];
  }

  #note(node: AnyNode): void {
    switch (node.type) {
      case "VariableDeclarator":
        return this.#bind(node["id"] as AnyNode, (node["init"] as AnyNode | null) ?? undefined);
      case "AssignmentExpression": {
        const isNumber = NUMBER_OPERATORS.has((node["operator"] as string).slice(0, -1));
        return isNumber ? undefined : this.#bind(node["left"] as AnyNode, node["right"] as AnyNode);
      }
      case "ForInStatement":
      case "ForOfStatement":
        return this.#bind(node["left"] as AnyNode, undefined);
      case "FunctionExpression":
      case "FunctionDeclaration":
        for (const param of node["params"] as readonly AnyNode[]) this.#bind(param, undefined);
        return;
      case "ArrowFunctionExpression":
        for (const param of node["params"] as readonly AnyNode[]) this.#bind(param, undefined);
        return;
      case "CallExpression":
        return this.#index(node);
      default:
    }
  }

  /** The index that a method of vectors gives to its callback. */
  #index(call: AnyNode): void {
    const callee = call["callee"] as AnyNode;
    const [callback] = call["arguments"] as readonly AnyNode[];
    const place = INDEX_PLACES.get(String((callee["property"] as AnyNode | undefined)?.["name"]));
    if (place === undefined || callback?.type !== "ArrowFunctionExpression") return;
    const index = (callback["params"] as readonly AnyNode[])[place];
    if (index?.type !== "Identifier") return;
    this.#indices.add(index);
    if (!this.#given.has((index as IdentifierNode).name)) this.#given.set((index as IdentifierNode).name, []);
  }

  #bind(target: AnyNode, value: AnyNode | undefined): void {
    if (target.type === "Identifier") {
      // A callback's parameters are met after the call that gives it its index.
      if (value === undefined && this.#indices.has(target)) return;
      const { name } = target as IdentifierNode;
      const given = this.#given.get(name);
      if (given === undefined) this.#given.set(name, [value]);
      else given.push(value);
      return;
    }
    if (target.type === "VariableDeclaration") {
      for (const { id } of target["declarations"] as readonly { id: AnyNode }[]) this.#bind(id, undefined);
      return;
    }
    if (target.type !== "MemberExpression") for (const part of childrenOf(target)) this.#bind(part, undefined);
  }

  #isNumber(node: AnyNode, needs: Need[]): boolean {
    switch (node.type) {
      case "Literal":
        return typeof node["value"] === "number";
      case "UnaryExpression":
        return ["-", "+", "~"].includes(node["operator"] as string);
      case "UpdateExpression":
        return true;
      case "BinaryExpression":
        if (NUMBER_OPERATORS.has(node["operator"] as string)) return true;
        return node["operator"] === "+" && this.#both(node["left"], node["right"], needs);
      case "ConditionalExpression":
        return this.#both(node["consequent"], node["alternate"], needs);
      case "MemberExpression":
        return node["computed"] !== true && (node["property"] as AnyNode)["name"] === "length";
      case "Identifier":
        return this.#isNumberName((node as IdentifierNode).name, needs);
      default:
        return false;
    }
  }

  #both(a: unknown, b: unknown, needs: Need[]): boolean {
    return this.#isNumber(a as AnyNode, needs) && this.#isNumber(b as AnyNode, needs);
  }

  #isNumberName(name: string, needs: Need[]): boolean {
    if (this.#free.has(name)) {
      needs.push({ kind: "number", name });
      return true;
    }
    if (this.#asked.has(name)) return true;
    this.#asked.add(name);
    const isNumber = this.#given.get(name)?.every((value) => value !== undefined && this.#isNumber(value, needs));
    this.#asked.delete(name);
    return isNumber === true;
  }
}
