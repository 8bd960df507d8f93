/** Walks over lineage with explicit stacks: it may be 100,000 nodes deep. */

import { operatorOf } from "../operators/define-operator.js";
import type { RddNode } from "../rdd/node.js";

/** Every node reachable from `roots`, parents before children. `parentsOf` decides how far to go. */
export function parentsFirst(roots: readonly RddNode[], parentsOf: (node: RddNode) => readonly RddNode[]): RddNode[] {
  const order: RddNode[] = [];
  const seen = new Set<RddNode>();
  const stack: { readonly node: RddNode; readonly done: boolean }[] = [];
  for (let index = roots.length - 1; index >= 0; index--) stack.push({ node: roots[index] as RddNode, done: false });
  while (stack.length > 0) {
    const { node, done } = stack.pop() as { node: RddNode; done: boolean };
    if (done) {
      order.push(node);
      continue;
    }
    if (seen.has(node)) continue;
    seen.add(node);
    stack.push({ node, done: true });
    const parents = parentsOf(node);
    for (let index = parents.length - 1; index >= 0; index--) {
      const parent = parents[index] as RddNode;
      if (!seen.has(parent)) stack.push({ node: parent, done: false });
    }
  }
  return order;
}

export function isExchange(node: RddNode): boolean {
  return operatorOf(node).shape === "exchange";
}

/** The nodes of one stage: from its last node up to (and with) the exchanges it reads. `replaced` gives what stands in for a checkpointed node. */
export function stageNodes(root: RddNode, replaced: (node: RddNode) => RddNode | undefined): RddNode[] {
  return parentsFirst([root], (node) => narrowParents(node, replaced));
}

export function narrowParents(node: RddNode, replaced: (node: RddNode) => RddNode | undefined): readonly RddNode[] {
  const stand = replaced(node);
  if (stand !== undefined) return [stand];
  return isExchange(node) ? [] : node.inputs;
}
