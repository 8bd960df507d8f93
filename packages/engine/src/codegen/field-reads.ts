/**
 * A body that uses a name by its fields only, with each field under a name of its own: `p.x + p.at.y` becomes `$f0 + $f1`. How deep it reads
 * is for the caller to say: where `at` is one value, `$f1` is that, and the text reads `$f1.y`. What is compared with a text, `p.kind === "x"`, may
 * become `$f2`: whether it is this text.
 */

import type { NameUse } from "../closure/name-use.js";
import type { ParsedFunction } from "../closure/parse-function.js";
import type { AnyNode, IdentifierNode } from "../closure/syntax.js";
import type { Edit } from "../closure/text-edit.js";
import type { ElementKey, Path } from "./column-reads.js";
import { elementsOf, type Field, nodesOf, type Pattern, patternOf } from "./param-pattern.js";

/** One use of a name by its fields. */
export type FieldUse =
  /** `row.a.b`: the expressions of one key, of two keys, and so on. Without a key: the name itself, which is compared with a text. */
  | {
      readonly kind: "member";
      readonly nodes: readonly AnyNode[];
      readonly path: Path;
      readonly test: Test | undefined;
    }
  /** `const { a, b: [c] } = row`, `const [k, v] = row` */
  | { readonly kind: "pattern"; readonly declarator: AnyNode; readonly fields: readonly Field[] };

/** `value === "text"` */
interface Test {
  readonly node: AnyNode;
  readonly value: string;
  readonly isNegated: boolean;
}

/** What lies by itself below the value of a name. */
export interface Reach {
  /** Whether the element `key` of what lies at `path` can be had by itself. */
  opens(path: Path, key: ElementKey): boolean;
  /** Whether what lies at `path` is a column. */
  isColumn(path: Path): boolean;
}

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
  const tests = new Map<unknown, Test>();
  const found: FieldUse[] = [];
  for (const node of nodesOf(body)) {
    if (node.type === "MemberExpression") outer.set(node["object"], node);
    called.add(node["callee"] ?? node["tag"]);
    for (const [tested, test] of testsOf(node)) tests.set(tested, test);
  }
  for (const node of nodesOf(body)) {
    const own = isOf(node, name) ? tests.get(node) : undefined;
    if (own !== undefined) found.push({ kind: "member", nodes: [], path: [], test: own });
    const use = isOf(node["object"], name) ? memberUse(node, outer, called, tests) : patternUse(node, name, parsed);
    if (use !== undefined) found.push(use);
  }
  return found.length === uses.length ? found : undefined;
}

/** What `node` compares with a text. */
function testsOf(node: AnyNode): readonly (readonly [AnyNode, Test])[] {
  if (node.type !== "BinaryExpression" || (node["operator"] !== "===" && node["operator"] !== "!==")) return [];
  const sides = [node["left"] as AnyNode, node["right"] as AnyNode] as const;
  return sides.flatMap((side, at) => {
    const value = sides[1 - at]?.["value"];
    if (sides[1 - at]?.type !== "Literal" || typeof value !== "string") return [];
    return [[side, { node, value, isNegated: node["operator"] === "!==" }] as const];
  });
}

function isOf(node: unknown, name: string): boolean {
  return (node as AnyNode | undefined)?.type === "Identifier" && (node as IdentifierNode).name === name;
}

function memberUse(
  first: AnyNode,
  outer: ReadonlyMap<unknown, AnyNode>,
  called: ReadonlySet<unknown>,
  tests: ReadonlyMap<unknown, Test>,
): FieldUse | undefined {
  const nodes: AnyNode[] = [];
  const path: ElementKey[] = [];
  for (let node: AnyNode | undefined = first; node !== undefined && !called.has(node); node = outer.get(node)) {
    const key = node.type === "MemberExpression" ? memberKey(node) : undefined;
    if (key === undefined) break;
    nodes.push(node);
    path.push(key);
  }
  return path.length === 0 ? undefined : { kind: "member", nodes, path, test: tests.get(nodes.at(-1)) };
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
  return pattern.kind !== "default" && pattern.kind !== "fields" && pattern.kind !== "tests";
}

/** The fields under names of their own. One for a text, whatever the names that it opens. */
export class FieldEdits {
  /** Changes of the body's text, in the offsets of the tree. */
  readonly edits: Edit[] = [];
  #count = 0;

  /** The pattern that binds the fields of a name; undefined where one of them cannot be had by itself. */
  open(uses: readonly FieldUse[], reach: Reach): Pattern | undefined {
    const reads = new Map<string, Read>();
    const nameOf = (path: Path, value?: string) => {
      const key = JSON.stringify([path, value]);
      const known = reads.get(key) ?? { path, name: `$f${this.#count++}`, value };
      reads.set(key, known);
      return known.name;
    };
    const edits: Edit[] = [];
    for (const use of uses) {
      const edit = use.kind === "member" ? memberEdit(use, reach, nameOf) : patternEdit(use, reach, nameOf);
      if (edit === undefined) return undefined;
      edits.push(edit);
    }
    // One inside another: a default value in a pattern.
    const all = [...this.edits, ...edits].sort((a, b) => a.start - b.start);
    if (all.some((edit, index) => edit.end > (all[index + 1]?.start ?? edit.end))) return undefined;
    const own = [...reads.values()].filter(({ path }) => path.length === 0);
    if (own.length > 0 && own.length < reads.size) return undefined;
    this.edits.push(...edits);
    return own.length > 0
      ? { kind: "tests", tests: own.map(testOf) }
      : { kind: "fields", fields: fieldTree([...reads.values()]) };
  }
}

/** What a name of its own stands for: what lies at `path`, or whether that is the text `value`. */
interface Read {
  readonly path: Path;
  readonly name: string;
  readonly value: string | undefined;
}

type NameOf = (path: Path, value?: string) => string;

function testOf({ name, value }: Read): { readonly name: string; readonly value: string } {
  return { name, value: value as string };
}

function memberEdit(
  { nodes, path, test }: FieldUse & { kind: "member" },
  reach: Reach,
  nameOf: NameOf,
): Edit | undefined {
  let depth = 0;
  while (depth < path.length && reach.opens(path.slice(0, depth), path[depth] as ElementKey)) depth++;
  if (test !== undefined && depth === path.length && reach.isColumn(path)) {
    // A quote may stand right behind a word.
    const isTextFirst = (test.node["left"] as AnyNode).type === "Literal";
    const text = `${isTextFirst ? " " : ""}${test.isNegated ? "!" : ""}${nameOf(path, test.value)}`;
    return { start: test.node.start, end: test.node.end, text };
  }
  const node = nodes[depth - 1];
  return node === undefined ? undefined : { start: node.start, end: node.end, text: nameOf(path.slice(0, depth)) };
}

function patternEdit(
  { declarator, fields }: FieldUse & { kind: "pattern" },
  reach: Reach,
  nameOf: NameOf,
): Edit | undefined {
  const parts: string[] = [];
  const visit = (inside: readonly Field[], path: Path): boolean => {
    if (!inside.every(({ key }) => reach.opens(path, key))) return false;
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
function fieldTree(reads: readonly Read[]): readonly Field[] {
  const fields: Field[] = [];
  const deeper = new Map<ElementKey, Read[]>();
  for (const read of reads) {
    const [key, ...rest] = read.path as [ElementKey, ...ElementKey[]];
    if (rest.length === 0) {
      const { name } = read;
      fields.push({
        key,
        pattern: read.value === undefined ? { kind: "name", name } : { kind: "tests", tests: [testOf(read)] },
      });
      continue;
    }
    const known = deeper.get(key);
    const inner = { ...read, path: rest };
    if (known === undefined) deeper.set(key, [inner]);
    else known.push(inner);
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
