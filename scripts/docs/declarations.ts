/** What a source file declares, as far as the API reference shows it: names, signatures and documentation comments. */

import { isSyntax, type SourceFile, type Syntax } from "../tidy/source-file.ts";
import { type DocComment, parseDocComment } from "./doc-comment.ts";

export interface Member {
  readonly name: string;
  readonly kind: "method" | "getter" | "property" | "constructor";
  readonly isStatic: boolean;
  /** As written, white space and body taken out; several for overloads. */
  readonly signatures: readonly string[];
  readonly doc: DocComment | undefined;
  readonly line: number;
}

export interface Declaration {
  readonly name: string;
  readonly kind: "class" | "interface" | "type" | "constant" | "function";
  readonly signature: string;
  readonly doc: DocComment | undefined;
  readonly members: readonly Member[];
  readonly path: string;
}

/** The exported declarations of a file; a constant and a type of one name become one entry. */
export function declarationsOf(file: SourceFile): Declaration[] {
  const found: Declaration[] = [];
  for (const statement of file.program["body"] as readonly Syntax[]) {
    if (statement.type !== "ExportNamedDeclaration" || !isSyntax(statement["declaration"])) continue;
    const declaration = read(file, statement, statement["declaration"]);
    if (declaration !== undefined) found.push(declaration);
  }
  return found;
}

const KINDS: Readonly<Record<string, Declaration["kind"]>> = {
  ClassDeclaration: "class",
  TSInterfaceDeclaration: "interface",
  TSTypeAliasDeclaration: "type",
  VariableDeclaration: "constant",
  FunctionDeclaration: "function",
};

function read(file: SourceFile, statement: Syntax, node: Syntax): Declaration | undefined {
  const kind = KINDS[node.type];
  if (kind === undefined) return undefined;
  const named = kind === "constant" ? (node["declarations"] as readonly Syntax[])[0] : node;
  const id = named?.["id"];
  if (!isSyntax(id)) return undefined;
  const body = isSyntax(node["body"]) ? node["body"] : undefined;
  const until = body?.start ?? node.end;
  return {
    name: String(id["name"]),
    kind,
    signature: oneLine(file.text.slice(node.start, until)),
    doc: docBefore(file, statement.start),
    members:
      body === undefined || kind === "function"
        ? []
        : membersOf(file, [...(body["body"] as readonly Syntax[]), ...inherited(file, node)]),
    path: file.path,
  };
}

/** Members of a parent class that the file keeps to itself. */
function inherited(file: SourceFile, node: Syntax): readonly Syntax[] {
  const parent = node["superClass"];
  if (!isSyntax(parent)) return [];
  const own = (file.program["body"] as readonly Syntax[]).find(
    ({ type, id }) => type === "ClassDeclaration" && isSyntax(id) && id["name"] === parent["name"],
  );
  const body = own?.["body"];
  return isSyntax(body) ? (body["body"] as readonly Syntax[]) : [];
}

function membersOf(file: SourceFile, nodes: readonly Syntax[]): Member[] {
  const members = new Map<string, Member & { signatures: string[] }>();
  for (const node of nodes) {
    const kind = kindOf(node);
    const name = nameOf(file, node);
    if (kind === undefined || name === undefined || isHidden(node)) continue;
    const isStatic = node["static"] === true;
    const doc = docBefore(file, node.start);
    const known = members.get(`${isStatic}${name}`);
    const isImplementation = known !== undefined && hasBody(node);
    if (isImplementation) continue;
    const signature = signatureOf(file, node);
    if (known !== undefined) {
      if (doc?.isInternal !== true) known.signatures.push(signature);
      continue;
    }
    members.set(`${isStatic}${name}`, {
      name,
      kind,
      isStatic,
      signatures: [signature],
      doc,
      line: file.lineOf(node.start),
    });
  }
  return [...members.values()].filter(({ doc }) => doc?.isInternal !== true);
}

function kindOf(node: Syntax): Member["kind"] | undefined {
  switch (node.type) {
    case "MethodDefinition":
    case "TSAbstractMethodDefinition":
      if (node["kind"] === "constructor") return "constructor";
      return node["kind"] === "get" ? "getter" : node["kind"] === "method" ? "method" : undefined;
    case "TSMethodSignature":
      return "method";
    case "PropertyDefinition":
    case "TSAbstractPropertyDefinition":
    case "TSPropertySignature":
      return "property";
    default:
      return undefined;
  }
}

/** Private and protected members, and those that JavaScript itself calls. */
function isHidden(node: Syntax): boolean {
  const key = node["key"];
  return (
    node["accessibility"] === "private" ||
    node["accessibility"] === "protected" ||
    (isSyntax(key) && key.type === "PrivateIdentifier")
  );
}

function nameOf(file: SourceFile, node: Syntax): string | undefined {
  const key = node["key"];
  if (!isSyntax(key)) return undefined;
  return node["computed"] === true ? `[${file.text.slice(key.start, key.end)}]` : String(key["name"]);
}

function hasBody(node: Syntax): boolean {
  const value = node["value"];
  return isSyntax(value) && isSyntax(value["body"]);
}

function signatureOf(file: SourceFile, node: Syntax): string {
  const value = node["value"];
  const body = isSyntax(value) && isSyntax(value["body"]) ? value["body"].start : undefined;
  const initial = node.type === "PropertyDefinition" && isSyntax(value) ? value.start : undefined;
  const text = oneLine(file.text.slice(node.start, body ?? initial ?? node.end));
  return text
    .replace(/[;=]\s*$/, "")
    .replace(/^(?:(?:override|async|abstract|declare|public)\s+)*(static\s+)?(?:(?:override|async)\s+)*/, "$1")
    .trim();
}

/** The documentation comment that ends where a node begins, decorators and `@ts-` lines between them aside. */
function docBefore(file: SourceFile, start: number): DocComment | undefined {
  let doc: DocComment | undefined;
  for (const comment of file.comments) {
    const end = file.text.indexOf("*/", comment.start) + 2;
    if (comment.start >= start || !file.text.startsWith("/**", comment.start)) continue;
    const between = file.text.slice(end, start).replace(/\/\/[^\n]*/g, "");
    if (between.trim() === "") doc = parseDocComment(comment.value);
  }
  return doc;
}

function oneLine(text: string): string {
  return text
    .replace(/\/\/[^\n]*\n/g, "\n")
    .replace(/\s+/g, " ")
    .replace(/\( /g, "(")
    .replace(/,? \)/g, ")")
    .trim();
}
