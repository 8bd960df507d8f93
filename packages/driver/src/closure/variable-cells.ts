/**
 * Which captured variables are one and the same. It only matters for those that a function assigns to: they become a cell that all
 * functions share which capture the variable.
 *
 * V8 gives each function's scopes as copies, so identity must be found: variables of one name in scopes of one place in the source, with
 * equal values in all variables, are candidates. A module has its scope once; for others a mark is written through one function and
 * looked for through the other.
 */

import { NODE } from "@volley/engine/closure/envelope-format.js";
import { assert } from "@volley/engine/lib/assert.js";
import type { Binding } from "./function-capture.js";
import type { CaptureGraph, GraphNode } from "./graph.js";
import type { Inspector } from "./inspector.js";

interface Use {
  readonly node: GraphNode;
  readonly binding: Binding;
}

/** Makes cells of variables that are assigned to and have more than one function. */
export function shareVariables(graph: CaptureGraph, inspector: () => Inspector): void {
  for (const uses of candidates(graph)) {
    if (!uses.some(({ binding }) => binding.isAssigned)) continue;
    for (const group of sameVariable(uses, inspector)) {
      if (group.length > 1 && group.some(({ binding }) => binding.isAssigned)) makeCell(group, graph);
    }
  }
}

function candidates(graph: CaptureGraph): Iterable<Use[]> {
  const groups = new Map<string, Use[]>();
  for (const node of graph.nodes()) {
    for (const binding of node.fn?.bindings ?? []) {
      const { scope } = binding;
      if (scope === undefined) continue;
      const names = Object.getOwnPropertyNames(scope.image.object).sort();
      const key = [scope.scriptId, scope.height, scope.image.description, binding.name, ...names].join("\n");
      const group = groups.get(key);
      if (group === undefined) groups.set(key, [{ node, binding }]);
      else group.push({ node, binding });
    }
  }
  return groups.values();
}

function sameVariable(uses: readonly Use[], inspector: () => Inspector): Use[][] {
  const groups: Use[][] = [];
  for (const use of uses) {
    const home = groups.find((group) => isSame(group[0] as Use, use, inspector));
    if (home === undefined) groups.push([use]);
    else home.push(use);
  }
  return groups;
}

function isSame(a: Use, b: Use, inspector: () => Inspector): boolean {
  const first = a.binding.scope?.image;
  const second = b.binding.scope?.image;
  assert(first !== undefined && second !== undefined, "a variable has a scope");
  for (const name of Object.getOwnPropertyNames(first.object)) {
    if (!Object.is(first.object[name], second.object[name])) return false;
  }
  if (first.description === "Module" || first.description === "Script") return true;
  return markIsSeen(a, b, inspector()) ?? true;
}

/** Undefined where neither function can be looked into (generators, classes): equal values must do. */
function markIsSeen(a: Use, b: Use, inspector: Inspector): boolean | undefined {
  const { name } = a.binding;
  const reader = inspector.inFrame(a.node.value as Function, `() => ${name}`)?.[0] as (() => unknown) | undefined;
  const access = inspector.inFrame(
    b.node.value as Function,
    `[() => ${name}, ($volleyMark) => { ${name} = $volleyMark; }]`,
  )?.[0] as readonly [() => unknown, (value: unknown) => void] | undefined;
  if (reader === undefined || access === undefined) return undefined;
  const [read, write] = access;
  const before = read();
  const mark = Symbol("mark");
  // No other code runs between these lines, and the value is put back whatever happens.
  try {
    write(mark);
    return reader() === mark;
  } finally {
    write(before);
  }
}

function makeCell(group: readonly Use[], graph: CaptureGraph): void {
  const { node, binding } = group[0] as Use;
  const { value } = binding;
  const cell = graph.addMade({ kind: NODE.cell, slots: [value] }, node, { kind: "variable", name: binding.name });
  for (const use of group) {
    use.binding.value = cell;
    use.binding.isCell = true;
  }
}
