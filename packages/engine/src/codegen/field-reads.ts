/**
 * A body that uses a name by its fields only, with each field under a name of its own: `p.x + p.at.y` becomes `$f0 + $f1`. How deep it reads
 * is for the caller to say: where `at` is one value, `$f1` is that, and the text reads `$f1.y`.
 */

import type { NameUse } from "../closure/name-use.js";
import type { ParsedFunction } from "../closure/parse-function.js";
import type { AnyNode, IdentifierNode } from "../closure/syntax.js";
import type { Edit } from "../closure/text-edit.js";
import type { ElementKey, Path } from "./column-reads.js";
import { elementsOf, type Field, nodesOf, type Pattern, patternOf } from "./param-pattern.js";

/** One use of a name by its fields. */
export type FieldUse =
  /** `row.a.b`: the expressions of one key, of two keys, and so on. */
  | { readonly kind: "member"; readonly nodes: readonly AnyNode[]; readonly path: Path }
  /** `const { a, b: [c] } = row`, `const [k, v] = row` */
  | { readonly kind: "pattern"; readonly declarator: AnyNode; readonly fields: readonly Field[] };

/** Whether the element `key` of what lies at `path` can be had by itself. */
export type Opens = (path: Path, key: ElementKey) => boolean;

/** Undefined when the name is used in another way; `uses` are all its uses. */
export function fieldUses(
  body: AnyNode,
  name: string,
  uses: readonly NameUse[],
  parsed: ParsedFunction,
): readonly FieldUse[] | undefined {
  if (uses.length === 0) return undefined;
  if (uses.some((use) => use.memberCalled === true || use.memberWritten === true || use.access !== "read"))
    return undefined;
  const outer = new Map<unknown, AnyNode>();
  const called = new Set<unknown>();
  const found: FieldUse[] = [];
  for (const node of nodesOf(body)) {
    if (node.type === "MemberExpression") outer.set(node["object"], node);
    called.add(node["callee"] ?? node["tag"]);
  }
  for (const node of nodesOf(body)) {
    const use = isOf(node["object"], name) ? memberUse(node, outer, called) : patternUse(node, name, parsed);
    if (use !== undefined) found.push(use);
  }
  return found.length === uses.length ? found : undefined;
}

function isOf(node: unknown, name: string): boolean {
  return (node as AnyNode | undefined)?.type === "Identifier" && (node as IdentifierNode).name === name;
}

function memberUse(
  first: AnyNode,
  outer: ReadonlyMap<unknown, AnyNode>,
  called: ReadonlySet<unknown>,
): FieldUse | undefined {
  const nodes: AnyNode[] = [];
  const path: ElementKey[] = [];
  for (let node: AnyNode | undefined = first; node !== undefined && !called.has(node); node = outer.get(node)) {
    const key = node.type === "MemberExpression" ? memberKey(node) : undefined;
    if (key === undefined) break;
    nodes.push(node);
    path.push(key);
  }
  return path.length === 0 ? undefined : { kind: "member", nodes, path };
}

function patternUse(node: AnyNode, name: string, parsed: ParsedFunction): FieldUse | undefined {
  if (node.type !== "VariableDeclarator" || !isOf(node["init"], name)) return undefined;
  const pattern = patternOf(node["id"] as AnyNode, parsed);
  const fields = pattern === undefined ? undefined : elementsOf(pattern);
  if (fields === undefined || fields.length === 0 || !fields.every((field) => isWritable(field.pattern)))
    return undefined;
  return { kind: "pattern", declarator: node, fields };
}

/** Whether the pattern can stand in a declaration of its own. */
function isWritable(pattern: Pattern): boolean {
  return pattern.kind !== "default" && pattern.kind !== "fields";
}

/** The fields under names of their own. One for a text, whatever the names that it opens. */
export class FieldEdits {
  /** Changes of the body's text, in the offsets of the tree. */
  readonly edits: Edit[] = [];
  #count = 0;

  /** The pattern that binds the fields of a name; undefined where one of them cannot be had by itself. */
  open(uses: readonly FieldUse[], opens: Opens): Pattern | undefined {
    const paths = new Map<string, { readonly path: Path; readonly name: string }>();
    const nameOf = (path: Path) => {
      const key = JSON.stringify(path);
      const known = paths.get(key) ?? { path, name: `$f${this.#count++}` };
      paths.set(key, known);
      return known.name;
    };
    const edits: Edit[] = [];
    for (const use of uses) {
      const edit = use.kind === "member" ? memberEdit(use, opens, nameOf) : patternEdit(use, opens, nameOf);
      if (edit === undefined) return undefined;
      edits.push(edit);
    }
    // One inside another: a default value in a pattern.
    const all = [...this.edits, ...edits].sort((a, b) => a.start - b.start);
    if (all.some((edit, index) => edit.end > (all[index + 1]?.start ?? edit.end))) return undefined;
    this.edits.push(...edits);
    return { kind: "fields", fields: fieldTree([...paths.values()]) };
  }
}

type NameOf = (path: Path) => string;

function memberEdit({ nodes, path }: FieldUse & { kind: "member" }, opens: Opens, nameOf: NameOf): Edit | undefined {
  let depth = 0;
  while (depth < path.length && opens(path.slice(0, depth), path[depth] as ElementKey)) depth++;
  const node = nodes[depth - 1];
  return node === undefined ? undefined : { start: node.start, end: node.end, text: nameOf(path.slice(0, depth)) };
}

function patternEdit(
  { declarator, fields }: FieldUse & { kind: "pattern" },
  opens: Opens,
  nameOf: NameOf,
): Edit | undefined {
  const parts: string[] = [];
  const visit = (inside: readonly Field[], path: Path): boolean => {
    if (!inside.every(({ key }) => opens(path, key))) return false;
    for (const { key, pattern } of inside) {
      const at = [...path, key];
      const inner = elementsOf(pattern);
      const isOpen = inner !== undefined && inner.length > 0 && inner.every((field) => isWritable(field.pattern));
      if (isOpen && visit(inner, at)) continue;
      parts.push(`${patternText(pattern)} = ${nameOf(at)}`);
    }
    return true;
  };
  if (!visit(fields, [])) return undefined;
  return { start: declarator.start, end: declarator.end, text: parts.join(", ") };
}

function patternText(pattern: Pattern): string {
  return pattern.kind === "name" ? pattern.name : (pattern as { readonly text: string }).text;
}

/** Paths as patterns within patterns. */
function fieldTree(paths: readonly { readonly path: Path; readonly name: string }[]): readonly Field[] {
  const fields: Field[] = [];
  const deeper = new Map<ElementKey, { path: Path; name: string }[]>();
  for (const { path, name } of paths) {
    const [key, ...rest] = path as [ElementKey, ...ElementKey[]];
    if (rest.length === 0) {
      fields.push({ key, pattern: { kind: "name", name } });
      continue;
    }
    const known = deeper.get(key);
    if (known === undefined) deeper.set(key, [{ path: rest, name }]);
    else known.push({ path: rest, name });
  }
  for (const [key, inner] of deeper) fields.push({ key, pattern: { kind: "fields", fields: fieldTree(inner) } });
  return fields;
}

function memberKey(node: AnyNode): ElementKey | undefined {
  const property = node["property"] as AnyNode;
  if (node["computed"] !== true) return property.type === "Identifier" ? (property as IdentifierNode).name : undefined;
  const value = property["value"];
  if (property.type !== "Literal") return undefined;
  return typeof value === "string" || (Number.isSafeInteger(value) && (value as number) >= 0)
    ? (value as ElementKey)
    : undefined;
}
