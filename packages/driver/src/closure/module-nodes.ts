/** Modules as captured variables: only what is used of them travels. */

import { createRequire } from "node:module";
import { NODE } from "@volley/engine/closure/envelope-format.js";
import type { NameUse } from "@volley/engine/closure/name-use.js";
import type { CaptureRun } from "./capture-run.js";
import type { GraphNode } from "./graph.js";
import { isReferent } from "./graph.js";
import type { ModuleRef } from "./module-refs.js";
import { memberNames, readMember, usedMembers } from "./module-values.js";
import { scriptPath } from "./scripts.js";

const ownRequire = createRequire(import.meta.url);

/** Members that were taken of a module so far. */
const partial = new WeakMap<GraphNode, Map<string, unknown>>();

/**
 * A variable that holds a module: an object with the members that `uses` touch. `ref`: the module is Node's or a package's, its
 * members travel by reference.
 */
export function captureModule(
  run: CaptureRun,
  from: GraphNode,
  name: string,
  value: object,
  uses: readonly NameUse[],
  ref: ModuleRef | undefined,
): object {
  const members = usedMembers(uses, value);
  const step = { kind: "variable", name } as const;
  if (members === undefined && ref !== undefined) return run.refer(value, ref, from, step) as object;
  const node = run.graph.get(value) ?? moduleNode(run, value, from, name, ref);
  takeMembers(run, node, members ?? memberNames(value), ref);
  return value;
}

function moduleNode(
  run: CaptureRun,
  value: object,
  from: GraphNode,
  name: string,
  ref: ModuleRef | undefined,
): GraphNode {
  const node = run.graph.add(value, from, { kind: "variable", name });
  makePartial(run, node, ref);
  return node;
}

/** A module that was reached in other ways than by a variable: all of it. */
export function describeWholeModule(run: CaptureRun, node: GraphNode, names: readonly string[]): void {
  makePartial(run, node, undefined);
  takeMembers(run, node, names, undefined);
}

function makePartial(run: CaptureRun, node: GraphNode, ref: ModuleRef | undefined): void {
  const members = new Map<string, unknown>();
  partial.set(node, members);
  node.onReached = () => takeMembers(run, node, memberNames(node.value as object), ref);
  node.description = () => ({ kind: NODE.object, keys: [...members.keys()], values: [...members.values()] });
}

function takeMembers(run: CaptureRun, node: GraphNode, names: readonly string[], ref: ModuleRef | undefined): void {
  const members = partial.get(node);
  if (members === undefined) return; // the object is captured whole as data
  for (const name of names) {
    if (members.has(name)) continue;
    const { value } = readMember(node.value as object, name);
    const step = { kind: "property", key: name } as const;
    if (
      ref === undefined ||
      (isReferent(value) && typeof value !== "symbol" && run.options.known(value) !== undefined)
    ) {
      run.graph.reach(value, node, step);
      members.set(name, value);
    } else {
      members.set(name, run.refer(value, { ...ref, path: memberPath(ref, name, value) }, node, step));
    }
  }
}

/** `default` of a CommonJS module may be the module itself, or an export of that name: it depends on who imports it. */
function memberPath(ref: ModuleRef, name: string, value: unknown): readonly string[] {
  const path = [...ref.path, name];
  if (name !== "default" || ref.path.length > 0 || ref.specifier.startsWith("node:")) return path;
  const from = scriptPath(ref.file);
  if (from === "") return path;
  const loaded = ownRequire.cache[resolveFrom(from, ref.specifier) ?? ""];
  return loaded !== undefined && loaded.exports === value ? [] : path;
}

function resolveFrom(file: string, specifier: string): string | undefined {
  try {
    return createRequire(file).resolve(specifier);
  } catch (error) {
    if (error instanceof Error && "code" in error) return undefined; // an ES module that is only for import
    throw error;
  }
}
