/**
 * Vectors that a function makes: `x.map((v) => v * 2)`, `new Float64Array(n)`. One that is only read before the call ends, or that is what the
 * function gives, may be put into an array that serves all rows: the text is changed to ask for it.
 *
 *     x.map((v) => v * scale)     becomes     $map0(x, (v) => v * scale)
 *     new Float64Array(n)         becomes     $scratch0.make(Float64Array, n)
 */

import type { ParsedFunction } from "../closure/parse-function.js";
import type { AnyNode, FunctionNode } from "../closure/syntax.js";
import type { Edit } from "../closure/text-edit.js";
import { elementsOfLiteral, exitValues } from "./body-text.js";
import { nodesOf } from "./param-pattern.js";
import { isIdentifier, isNamed } from "./vector-places.js";
import { isTypedArrayName, methodOf, type Need, type VectorReads } from "./vector-reads.js";

/** A place for vectors. */
export interface ScratchUse {
  /** What must hold for it to be used again. */
  readonly needs: readonly Need[];
  /** How the text asks for it: `$map0`, `$scratch0`. */
  readonly names: readonly string[];
}

export interface FreshVectors {
  /** In the offsets of the tree. */
  readonly edits: readonly Edit[];
  readonly scratches: readonly ScratchUse[];
  /** Which scratch what an exit gives lies in. */
  readonly exitToScratch: ReadonlyMap<AnyNode, number>;
}

/** An expression that makes a vector, and the constant that it is put into. */
interface Site {
  readonly node: AnyNode;
  readonly name: string | undefined;
  readonly edits: (scratch: number) => readonly Edit[];
}

export function freshVectors(
  reads: VectorReads,
  node: FunctionNode,
  parsed: ParsedFunction,
  free: readonly string[],
): FreshVectors {
  const text = (from: number, to: number) => parsed.text.slice(from - parsed.base, to - parsed.base);
  const sites = sitesIn(node.body, text, new Set(free));
  const groups = exitGroups(exitValues(node));
  const exitToScratch = new Map<AnyNode, number>();
  const scratches: ScratchUse[] = [];
  const edits: Edit[] = [];
  // Groups of exits first: what is left is used inside only.
  const left = new Set(sites);
  for (const group of groups) {
    const made = sitesOfGroup(group, sites);
    if (made === undefined || !made.every((site) => left.has(site))) continue;
    const needs = needsOf(reads, made, new Set(group));
    if (needs === undefined) continue;
    for (const exit of group) exitToScratch.set(exit, scratches.length);
    for (const site of made) {
      left.delete(site);
      edits.push(...site.edits(scratches.length));
    }
    scratches.push({ needs, names: namesOf(made, scratches.length) });
  }
  for (const site of left) {
    const needs = needsOf(reads, [site], new Set());
    if (needs === undefined) continue;
    edits.push(...site.edits(scratches.length));
    scratches.push({ needs, names: namesOf([site], scratches.length) });
  }
  return { edits, scratches, exitToScratch };
}

function namesOf(sites: readonly Site[], scratch: number): readonly string[] {
  return [...new Set(sites.map(({ node }) => (node.type === "NewExpression" ? "$scratch" : "$map") + scratch))];
}

function needsOf(reads: VectorReads, sites: readonly Site[], exits: ReadonlySet<AnyNode>): Need[] | undefined {
  const all: Need[] = [];
  for (const site of sites) {
    const needs = reads.uses((node) => node === site.node, { exits, mayWrite: true })?.needs;
    if (needs === undefined) return undefined;
    all.push(...needs);
  }
  return all;
}

/** The places where one thing is given: what all exits give, or one element of the array literals that all of them give. */
function exitGroups(exits: readonly (AnyNode | undefined)[]): AnyNode[][] {
  const groups: AnyNode[][] = [];
  const visit = (nodes: readonly (AnyNode | undefined)[]): void => {
    const lists = nodes.map(elementsOfLiteral);
    const width = lists[0]?.length;
    if (width !== undefined && lists.every((list) => list?.length === width)) {
      for (let index = 0; index < width; index++) visit(lists.map((list) => list?.[index]));
    } else if (nodes.every((node) => node !== undefined)) groups.push([...nodes]);
  };
  visit(exits);
  return groups;
}

/**
 * All exits of a group give the constant of one site, or each a site of its own: these never live at once. Undefined when one of them gives
 * anything else.
 */
function sitesOfGroup(group: readonly AnyNode[], sites: readonly Site[]): readonly Site[] | undefined {
  const [first] = group;
  if (isIdentifier(first)) {
    const named = sites.filter(({ name }) => name === first.name);
    return named.length === 1 && group.every(isNamed(first.name)) ? named : undefined;
  }
  const made = group.map((exit) => sites.find(({ node }) => node === exit));
  return made.every((site) => site !== undefined) ? made : undefined;
}

function sitesIn(body: AnyNode, text: (from: number, to: number) => string, free: ReadonlySet<string>): Site[] {
  const constants = new Map<AnyNode, string>();
  for (const node of nodesOf(body)) {
    if (node.type !== "VariableDeclaration" || node["kind"] !== "const") continue;
    for (const { id, init } of node["declarations"] as readonly { id: AnyNode; init: AnyNode | null }[])
      if (init !== null && isIdentifier(id)) constants.set(init, id.name);
  }
  const sites: Site[] = [];
  for (const node of nodesOf(body)) {
    const edits = mapEdits(node, text) ?? newEdits(node, text, free);
    if (edits !== undefined) sites.push({ node, name: constants.get(node), edits });
  }
  return sites;
}

/** `object.map(arrow)`, of an arrow that does not ask for the vector itself. */
function mapEdits(call: AnyNode, text: (from: number, to: number) => string): Site["edits"] | undefined {
  const args = call.type === "CallExpression" ? (call["arguments"] as readonly AnyNode[]) : [];
  const method = args.length === 1 && call["optional"] !== true ? methodOf(call) : undefined;
  const [arrow] = args;
  if (method?.name !== "map" || arrow?.type !== "ArrowFunctionExpression" || arrow["async"] === true) return undefined;
  const params = arrow["params"] as readonly AnyNode[];
  if (params.length > 2 || params.some((param) => param.type === "RestElement")) return undefined;
  if (method.object.type === "Super") return undefined;
  const property = (call["callee"] as AnyNode)["property"] as AnyNode;
  const dot = /^[\s)]*(\.)\s*$/d.exec(text(method.object.end, property.start))?.indices?.[1];
  if (dot === undefined || !/^\s*\(\s*$/.test(text(property.end, arrow.start))) return undefined;
  return (scratch) => [
    { start: call.start, end: call.start, text: `$map${scratch}(` },
    { start: method.object.end + dot[0], end: arrow.start, text: ", " },
  ];
}

/** `new Float64Array(argument)`. */
function newEdits(
  node: AnyNode,
  text: (from: number, to: number) => string,
  free: ReadonlySet<string>,
): Site["edits"] | undefined {
  if (node.type !== "NewExpression") return undefined;
  const callee = node["callee"] as AnyNode;
  const [argument, ...more] = node["arguments"] as readonly AnyNode[];
  if (!isIdentifier(callee) || !isTypedArrayName(callee.name) || !free.has(callee.name)) return undefined;
  if (argument === undefined || argument.type === "SpreadElement" || more.length > 0) return undefined;
  if (!/^\s*\(\s*$/.test(text(callee.end, argument.start))) return undefined;
  return (scratch) => [{ start: node.start, end: argument.start, text: `$scratch${scratch}.make(${callee.name}, ` }];
}
