/**
 * What a script's source says about where its names come from. The identity of values cannot see it for primitives (`sep` of node:path is
 * a string like any other), and the loaders of some tools make two instances of one module.
 */

import { parse } from "acorn";
import type { AnyNode, IdentifierNode } from "./syntax.js";
import { isNode } from "./syntax.js";

export interface ImportedName {
  readonly specifier: string;
  /** Export and members: `["sep"]`; `[]` is the module itself (a namespace or `module.exports`). */
  readonly path: readonly string[];
  /** The name holds the module (or a wrapper around it), whose members are exports. */
  readonly isModule: boolean;
}

export interface ImportTable {
  readonly names: ReadonlyMap<string, ImportedName>;
  /** Functions around what the user sees as the top of the file: some loaders put one there. */
  readonly wrappers: number;
}

/** Names at the top of a script that an import or a `require` binds. Empty for a source that the parser cannot read. */
export function importTable(source: string): ImportTable {
  const names = new Map<string, ImportedName>();
  addViteImports(source, names);
  if (names.size > 0) return { names, wrappers: 2 };
  if (!/\bimport\b|\brequire\b/.test(source)) return { names, wrappers: 0 };
  let statements = topStatements(source);
  const wrapped = statements.map(calledFunction).find((body) => body !== undefined);
  const isWrapped =
    wrapped !== undefined && !statements.some((statement) => /^(Import|Export|Variable)/.test(statement.type));
  if (isWrapped) statements = wrapped;
  for (const statement of statements) {
    if (statement.type === "ImportDeclaration") addImport(statement, names);
    else if (statement.type === "VariableDeclaration") addRequires(statement, names);
  }
  return { names, wrappers: isWrapped ? 1 : 0 };
}

/** The body of `(() => { ... })()`. */
function calledFunction(statement: AnyNode): readonly AnyNode[] | undefined {
  const call = statement.type === "ExpressionStatement" ? (statement["expression"] as AnyNode) : undefined;
  const callee = call?.type === "CallExpression" ? (call["callee"] as AnyNode) : undefined;
  if (callee?.type !== "ArrowFunctionExpression" && callee?.type !== "FunctionExpression") return undefined;
  const body = callee["body"] as AnyNode;
  return body.type === "BlockStatement" ? (body["body"] as AnyNode[]) : undefined;
}

/** vitest writes one line for each import, inside a function around the module. */
function addViteImports(source: string, found: Map<string, ImportedName>): void {
  if (!source.includes("__vite_ssr_import_")) return;
  for (const match of source.matchAll(
    /const (__vite_ssr_import_\d+__) = await __vite_ssr_import__\(("(?:[^"\\]|\\.)*")/g,
  )) {
    found.set(match[1] as string, { specifier: JSON.parse(match[2] as string) as string, path: [], isModule: true });
  }
}

function topStatements(source: string): readonly AnyNode[] {
  for (const sourceType of ["module", "script"] as const) {
    try {
      const program = parse(source, {
        ecmaVersion: "latest",
        sourceType,
        allowHashBang: true,
        allowReturnOutsideFunction: true,
        checkPrivateFields: false,
      });
      return program.body as unknown as AnyNode[];
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
    }
  }
  return [];
}

function addImport(statement: AnyNode, found: Map<string, ImportedName>): void {
  const specifier = (statement["source"] as AnyNode)["value"] as string;
  for (const item of statement["specifiers"] as AnyNode[]) {
    const { name } = item["local"] as IdentifierNode;
    if (item.type === "ImportNamespaceSpecifier") found.set(name, { specifier, path: [], isModule: true });
    else if (item.type === "ImportDefaultSpecifier") found.set(name, { specifier, path: ["default"], isModule: false });
    else {
      const imported = item["imported"] as AnyNode;
      found.set(name, { specifier, path: [String(imported["name"] ?? imported["value"])], isModule: false });
    }
  }
}

function addRequires(statement: AnyNode, found: Map<string, ImportedName>): void {
  for (const declarator of statement["declarations"] as AnyNode[]) {
    const required = isNode(declarator["init"]) ? requiredModule(declarator["init"]) : undefined;
    if (required === undefined) continue;
    const id = declarator["id"] as AnyNode;
    if (id.type === "Identifier")
      found.set((id as IdentifierNode).name, { ...required, isModule: required.path.length === 0 });
    else if (id.type === "ObjectPattern") addPattern(id, required, found);
  }
}

function addPattern(
  pattern: AnyNode,
  from: { specifier: string; path: readonly string[] },
  found: Map<string, ImportedName>,
): void {
  for (const property of pattern["properties"] as AnyNode[]) {
    const value = property["value"] as AnyNode | undefined;
    if (property.type !== "Property" || property["computed"] === true || value?.type !== "Identifier") continue;
    const key = property["key"] as AnyNode;
    const path = [...from.path, String(key["name"] ?? key["value"])];
    found.set((value as IdentifierNode).name, { specifier: from.specifier, path, isModule: false });
  }
}

/** `require("x")`, `require("x").y`, and helpers of compilers around it: `__toESM(require("x"), 1)`. */
function requiredModule(init: AnyNode): { specifier: string; path: readonly string[] } | undefined {
  const path: string[] = [];
  for (let node = init; ; ) {
    if (node.type === "MemberExpression" && node["computed"] === false) {
      path.unshift((node["property"] as IdentifierNode).name);
      node = node["object"] as AnyNode;
    } else if (node.type === "CallExpression") {
      const callee = node["callee"] as AnyNode;
      const first = (node["arguments"] as AnyNode[])[0];
      if (first === undefined) return undefined;
      const name = calleeName(callee);
      if (name === "require" && typeof first["value"] === "string") return { specifier: first["value"], path };
      if (name === undefined || !/^(__toESM|__importStar|__importDefault|_interop_?[rR]equire_?\w*|_\w*)$/.test(name))
        return undefined;
      node = first;
    } else {
      return undefined;
    }
  }
}

function calleeName(callee: AnyNode): string | undefined {
  if (callee.type === "Identifier") return (callee as IdentifierNode).name;
  if (callee.type === "MemberExpression") return (callee["property"] as IdentifierNode).name;
  return undefined;
}
