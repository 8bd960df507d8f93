/** What the text of an expression says of its value's type: enough to leave out checks that cannot fail. */

import type { AnyNode, IdentifierNode } from "../closure/syntax.js";

/** `primitive`: one of these, or a bigint, null or undefined. */
export type ValueType = "number" | "string" | "boolean" | "primitive";

const COMPARISONS = new Set(["<", ">", "<=", ">=", "==", "!=", "===", "!==", "in", "instanceof"]);

/** The type of an expression's value, undefined when it may be an object; `nameType` knows names. */
export function typeOf(
  node: AnyNode | undefined,
  nameType: (name: string) => ValueType | undefined,
): ValueType | undefined {
  if (node === undefined) return "primitive";
  const of = (field: string) => typeOf(node[field] as AnyNode, nameType);
  switch (node.type) {
    case "Literal":
      return literalType(node["value"]);
    case "TemplateLiteral":
      return "string";
    case "Identifier": {
      const { name } = node as IdentifierNode;
      return nameType(name);
    }
    case "ParenthesizedExpression":
      return of("expression");
    case "UpdateExpression":
      return "primitive";
    case "UnaryExpression":
      return unaryType(node["operator"] as string, of("argument"));
    case "BinaryExpression":
      return binaryType(node["operator"] as string, of("left"), of("right"));
    case "ConditionalExpression":
      return joined(of("consequent"), of("alternate"));
    case "LogicalExpression":
      return joined(of("left"), of("right"));
    default:
      return undefined;
  }
}

/** Of a value that may be either. */
export function joined(a: ValueType | undefined, b: ValueType | undefined): ValueType | undefined {
  if (a === undefined || b === undefined) return undefined;
  return a === b ? a : "primitive";
}

function literalType(value: unknown): ValueType | undefined {
  const type = typeof value;
  if (type === "number" || type === "string" || type === "boolean") return type;
  // A regular expression is an object, or null where the parser cannot make it.
  return type === "bigint" ? "primitive" : undefined;
}

function unaryType(operator: string, argument: ValueType | undefined): ValueType {
  if (operator === "!" || operator === "delete") return "boolean";
  if (operator === "typeof") return "string";
  if (operator === "+" || (operator !== "void" && argument === "number")) return "number";
  return "primitive";
}

function binaryType(operator: string, left: ValueType | undefined, right: ValueType | undefined): ValueType {
  if (COMPARISONS.has(operator)) return "boolean";
  if (operator === "+") {
    if (left === "string" || right === "string") return "string";
    return left === "number" && right === "number" ? "number" : "primitive";
  }
  // A bigint and a number are never mixed; without either it is not known which of them it will be.
  return left === "number" || right === "number" || operator === ">>>" ? "number" : "primitive";
}
