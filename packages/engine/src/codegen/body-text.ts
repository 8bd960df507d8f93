/** A function's body as text that is cut at its exits, and what it gives there. */

import type { ParsedFunction } from "../closure/parse-function.js";
import { type AnyNode, childrenOf, type FunctionNode, type IdentifierNode, isFunctionNode } from "../closure/syntax.js";
import { applyEdits, type Edit } from "../closure/text-edit.js";
import { joined, typeOf, type ValueType } from "./value-type.js";

type NameType = (name: string) => ValueType | undefined;

/** What a body gives: one value, or the elements of an array literal that stands at every exit. */
export type Result =
  /** Its text at each exit. */
  | {
      readonly kind: "value";
      readonly texts: readonly string[];
      readonly isLiteral: boolean;
      /** The one name that it is at every exit. */
      readonly name: string | undefined;
      /** The place that a new vector lies in, if it is one at every exit. */
      readonly scratch: number | undefined;
      /** What is known of its value, if that is known of names. */
      typeOf(nameType: NameType): ValueType | undefined;
    }
  | { readonly kind: "tuple"; readonly items: readonly Result[] };

export interface BodyText {
  readonly result: Result;
  /** The text around the exits: exit `i` stands between pieces `i` and `i + 1`. Lines are indented as the user had them. */
  readonly pieces: readonly string[];
  /** Nothing follows the last exit. */
  readonly endsAtExit: boolean;
}

/** The text between two places of the tree; the body's own, or an edited one. */
export type Cut = (from: number, to: number) => string;

/** A `return`, or the end of the body (`at` is where); `undefined` when it gives nothing. */
interface Exit {
  readonly start: number;
  readonly end: number;
  readonly argument: AnyNode | undefined;
}

/** What a body gives: at each exit, the expression that it returns. */
export function exitValues(node: FunctionNode): readonly (AnyNode | undefined)[] {
  const only = returned(node);
  return only === undefined ? exitsOf(node.body).map(({ argument }) => argument) : [only];
}

/** The text with changes, which are in the offsets of the tree. */
export function editedCut(parsed: ParsedFunction, edits: readonly Edit[]): Cut {
  return (from, to) => {
    const inside = edits.filter(({ start, end }) => start >= from && end <= to && start < to);
    const moved = inside.map(({ start, end, text }) => ({ start: start - from, end: end - from, text }));
    return applyEdits(parsed.text.slice(from - parsed.base, to - parsed.base), moved);
  };
}

/** `exitToScratch`: which place what an exit gives lies in. */
export function bodyText(node: FunctionNode, cut: Cut, exitToScratch: ReadonlyMap<AnyNode, number>): BodyText {
  const only = returned(node);
  if (only !== undefined) return { result: resultOf([only], cut, exitToScratch), pieces: ["", ""], endsAtExit: true };
  const { body } = node;
  const inside = { start: body.start + 1, end: body.end - 1 };
  const last = (body["body"] as readonly AnyNode[]).at(-1);
  const exits = exitsOf(body);
  const endsAtExit = last?.type === "ReturnStatement" || exits.at(-1)?.start === inside.end;
  let at = inside.start;
  const pieces = exits.map(({ start, end }) => {
    const piece = cut(at, start);
    at = end;
    return piece;
  });
  // Nothing runs after a last statement that returns.
  pieces.push(last?.type === "ReturnStatement" ? "" : cut(at, inside.end));
  return {
    result: resultOf(
      exits.map(({ argument }) => argument),
      cut,
      exitToScratch,
    ),
    pieces,
    endsAtExit,
  };
}

/** The returns of the function itself, in the order of the text; then the body's end, where it may be reached. */
function exitsOf(body: AnyNode): Exit[] {
  const exits: Exit[] = [];
  const pending = [body];
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    if (node.type === "ReturnStatement") {
      const argument = (node["argument"] as AnyNode | null) ?? undefined;
      exits.push({ start: node.start, end: node.end, argument });
    } else if (!isFunctionNode(node)) pending.push(...childrenOf(node));
  }
  exits.sort((a, b) => a.start - b.start);
  const statements = body["body"] as readonly AnyNode[];
  if (exits.length === 0 || !statements.some(isLeft))
    exits.push({ start: body.end - 1, end: body.end - 1, argument: undefined });
  return exits;
}

/** A function that is given would take its name from the variable that it is put into. */
export function givesFunction(node: FunctionNode): boolean {
  const given = node.expression ? [node.body] : exitsOf(node.body).map(({ argument }) => argument);
  const pending = [...given];
  for (let value = pending.pop(); value !== undefined || pending.length > 0; value = pending.pop()) {
    if (value?.type === "ArrowFunctionExpression") return true;
    pending.push(...(elementsOfLiteral(value) ?? []));
  }
  return false;
}

/** Surely never reaches what follows. */
function isLeft(statement: AnyNode | null | undefined): boolean {
  if (statement === null || statement === undefined) return false;
  switch (statement.type) {
    case "ReturnStatement":
    case "ThrowStatement":
      return true;
    case "BlockStatement":
      return (statement["body"] as readonly AnyNode[]).some(isLeft);
    case "IfStatement":
      return isLeft(statement["consequent"] as AnyNode) && isLeft(statement["alternate"] as AnyNode | null);
    default:
      return false;
  }
}

function resultOf(
  nodes: readonly (AnyNode | undefined)[],
  cut: Cut,
  exitToScratch: ReadonlyMap<AnyNode, number>,
): Result {
  const lists = nodes.map(elementsOfLiteral);
  const width = lists[0]?.length;
  if (width !== undefined && lists.every((list) => list?.length === width)) {
    const items = Array.from({ length: width }, (_, index) =>
      resultOf(
        lists.map((list) => list?.[index]),
        cut,
        exitToScratch,
      ),
    );
    return { kind: "tuple", items };
  }
  const texts = nodes.map((node) => (node === undefined ? "undefined" : cut(node.start, node.end)));
  const isSame = texts.every((text) => text === texts[0]);
  const names = nodes.map((node) => (node?.type === "Identifier" ? (node as IdentifierNode).name : undefined));
  return {
    kind: "value",
    texts,
    isLiteral: isSame && nodes.every(isLiteral),
    name: isSame ? names[0] : undefined,
    // Exits are put into one scratch together or not at all.
    scratch: nodes[0] === undefined ? undefined : exitToScratch.get(nodes[0]),
    typeOf: (nameType) => nodes.map((node) => typeOf(node, nameType)).reduce(joined),
  };
}

/** Of an array literal that is neither empty nor spread nor has holes. */
export function elementsOfLiteral(node: AnyNode | undefined): readonly AnyNode[] | undefined {
  if (node?.type !== "ArrayExpression") return undefined;
  const elements = node["elements"] as readonly (AnyNode | null)[];
  const isWhole = elements.length > 0 && elements.every((each) => each !== null && each.type !== "SpreadElement");
  return isWhole ? (elements as readonly AnyNode[]) : undefined;
}

function isLiteral(node: AnyNode | undefined): boolean {
  if (node === undefined) return true;
  const value = node["value"];
  return node.type === "Literal" && (typeof value === "number" || typeof value === "boolean" || value === null);
}

/** The expression that the body gives: its own, or that of its only statement. */
export function returned(node: FunctionNode): AnyNode | undefined {
  if (node.expression) return node.body;
  const statements = node.body["body"] as readonly AnyNode[];
  const only = statements.length === 1 ? statements[0] : undefined;
  return only?.type === "ReturnStatement" ? ((only["argument"] as AnyNode | null) ?? undefined) : undefined;
}
