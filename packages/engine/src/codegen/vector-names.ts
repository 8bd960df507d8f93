/** Names of an inlined function's parameters, as far as vectors may stand there that it only reads. */

import type { AnyNode, FunctionNode, IdentifierNode } from "../closure/syntax.js";
import { elementsOfLiteral, exitValues } from "./body-text.js";
import type { ElementKey, Path } from "./column-reads.js";
import type { FieldUse } from "./field-reads.js";
import { elementsOf, namesOf, type Pattern } from "./param-pattern.js";
import { fieldAliases, isField, isNamed } from "./vector-places.js";
import type { Need, VectorReads } from "./vector-reads.js";

/** `isForwarded`: whether a name means the parameter wherever it stands, so that what it stands for can be passed on as it is. */
export function vectorNames(
  reads: VectorReads,
  node: FunctionNode,
  params: readonly Pattern[],
  isForwarded: (name: string) => boolean,
): ReadonlyMap<string, readonly Need[]> {
  const found = new Map<string, readonly Need[]>();
  const exits = exitValues(node);
  for (const name of params.flatMap(namesOf)) {
    const passedOn = isForwarded(name) ? forwardedAt(exits, name) : new Set<AnyNode>();
    const uses = reads.uses(isNamed(name), { exits: passedOn });
    if (uses?.areVectors === true) found.set(name, uses.needs);
  }
  return found;
}

/** The same for the fields of a name, under the names that `fields` gives them; `fieldUses` are its uses. */
export function vectorFields(
  reads: VectorReads,
  name: string,
  fieldUses: readonly FieldUse[],
  fields: Pattern,
): ReadonlyMap<string, readonly Need[]> {
  const found = new Map<string, readonly Need[]>();
  const isTakenApart = fieldUses.some(({ kind }) => kind === "pattern");
  const visit = (pattern: Pattern, path: Path): void => {
    if (pattern.kind !== "name") {
      for (const { key, pattern: inner } of elementsOf(pattern) ?? []) visit(inner, [...path, key]);
      return;
    }
    const [key, ...deeper] = path as [ElementKey, ...ElementKey[]];
    // What a pattern within a pattern names is not followed.
    if (deeper.length > 0 && isTakenApart) return;
    const alias = deeper.length === 0 ? { alias: fieldAliases(name, key) } : {};
    const uses = reads.uses(isField(name, ...path), alias);
    if (uses?.areVectors === true) found.set(pattern.name, uses.needs);
  };
  visit(fields, []);
  return found;
}

/** Where the name alone is what all exits give, or the same element of the array literals that all exits give. */
function forwardedAt(exits: readonly (AnyNode | undefined)[], name: string): Set<AnyNode> {
  const found = new Set<AnyNode>();
  const visit = (nodes: readonly (AnyNode | undefined)[]): void => {
    if (nodes.every((node) => node?.type === "Identifier" && (node as IdentifierNode).name === name)) {
      for (const node of nodes) found.add(node as AnyNode);
      return;
    }
    const lists = nodes.map(elementsOfLiteral);
    const width = lists[0]?.length;
    if (width === undefined || !lists.every((list) => list?.length === width)) return;
    for (let index = 0; index < width; index++) visit(lists.map((list) => list?.[index]));
  };
  if (exits.length > 0) visit(exits);
  return found;
}
