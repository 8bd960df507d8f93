/** Names of an inlined function's parameters, as far as vectors may stand there that it only reads. */

import type { AnyNode, FunctionNode, IdentifierNode } from "../closure/syntax.js";
import { elementsOfLiteral, exitValues } from "./body-text.js";
import { type Field, namesOf, type Pattern } from "./param-pattern.js";
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

/** The same for the fields of the first parameter, under the names that they were given. */
export function vectorFields(
  reads: VectorReads,
  param: string,
  fields: readonly Field[],
): ReadonlyMap<string, readonly Need[]> {
  const found = new Map<string, readonly Need[]>();
  for (const { key, pattern } of fields) {
    const uses = reads.uses(isField(param, key), { alias: fieldAliases(param, key) });
    if (uses?.areVectors === true && pattern.kind === "name") found.set(pattern.name, uses.needs);
  }
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
