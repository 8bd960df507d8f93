/**
 * A function's own text (`Function.prototype.toString`) as a syntax tree. Such a text stands in no place where it could be parsed as it
 * is: a method's text is no expression, a private method's text belongs in a class. So it is wrapped, and offsets are kept relative to
 * the text itself.
 */

import { type Options, parse } from "acorn";
import type { AnyNode, ClassNode, FunctionNode } from "./syntax.js";

export interface ParsedFunction {
  readonly text: string;
  /** Position of the text's first character in the tree's offsets. */
  readonly base: number;
  /** `expression`: the text is an expression; `method`: it is a member of an object literal; `element`: of a class body only. */
  readonly form: "expression" | "method" | "element";
  readonly kind: "function" | "arrow" | "class" | "method" | "get" | "set";
  /** The function (for a method the function inside it) or class. */
  readonly node: FunctionNode | ClassNode;
  /** The key of a method: undefined for expressions. */
  readonly key?: { readonly start: number; readonly end: number; readonly computed: boolean; readonly node: AnyNode };
}

const OPTIONS = {
  ecmaVersion: "latest",
  sourceType: "script",
  allowAwaitOutsideFunction: false,
  allowImportExportEverywhere: true,
  allowSuperOutsideMethod: true,
  checkPrivateFields: false,
} as const;

/** Tried last: `class extends (await load()).Base`, at the top of a module. */
const TOP_LEVEL_AWAIT = { ...OPTIONS, allowAwaitOutsideFunction: true } as const;

const WRAPPERS = [
  { form: "expression", before: "(", after: "\n)" },
  { form: "method", before: "({", after: "\n})" },
  { form: "element", before: "(class extends null {", after: "\n})" },
  // `new.target` of an arrow is only read inside a function.
  { form: "nested", before: "(function(){return (", after: "\n)})" },
  { form: "expression", before: "(", after: "\n)", options: TOP_LEVEL_AWAIT },
] as const;

/** The tree of a function's text, or undefined when it is no JavaScript (native code, exotic dialects). */
export function parseFunctionText(text: string): ParsedFunction | undefined {
  for (const wrapper of WRAPPERS) {
    const options = "options" in wrapper ? wrapper.options : OPTIONS;
    const program = tryParse(wrapper.before + text + wrapper.after, options);
    const found = program === undefined ? undefined : unwrap(program, text, wrapper.before.length, wrapper.form);
    if (found !== undefined) return found;
  }
  return undefined;
}

function tryParse(source: string, options: Options): AnyNode | undefined {
  try {
    return parse(source, options) as unknown as AnyNode;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function unwrap(
  program: AnyNode,
  text: string,
  base: number,
  wrapped: (typeof WRAPPERS)[number]["form"],
): ParsedFunction | undefined {
  const form = wrapped === "nested" ? "expression" : wrapped;
  const body = program["body"] as AnyNode[];
  let expression = body.length === 1 ? (body[0]?.["expression"] as AnyNode | undefined) : undefined;
  if (wrapped === "nested" && expression !== undefined) {
    expression = ((expression["body"] as AnyNode)["body"] as AnyNode[])[0]?.["argument"] as AnyNode | undefined;
  }
  if (expression === undefined) return undefined;
  if (form === "expression") {
    const kind = EXPRESSION_KINDS[expression.type];
    return kind === undefined ? undefined : { text, base, form, kind, node: expression as FunctionNode | ClassNode };
  }
  const members = (form === "method" ? expression["properties"] : (expression["body"] as AnyNode)["body"]) as AnyNode[];
  const member = members.length === 1 ? members[0] : undefined;
  if (member === undefined) return undefined;
  const value = member["value"] as AnyNode | undefined;
  if (value?.type !== "FunctionExpression") return undefined;
  const memberKind = member["kind"] as string;
  const kind = memberKind === "get" || memberKind === "set" ? memberKind : "method";
  const keyNode = member["key"] as AnyNode;
  const key = {
    start: keyNode.start - base,
    end: keyNode.end - base,
    computed: member["computed"] === true,
    node: keyNode,
  };
  return { text, base, form, kind, node: value as FunctionNode, key };
}

const EXPRESSION_KINDS: Readonly<Record<string, "function" | "arrow" | "class">> = {
  FunctionExpression: "function",
  ArrowFunctionExpression: "arrow",
  ClassExpression: "class",
};
