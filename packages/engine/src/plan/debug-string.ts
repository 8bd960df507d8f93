/** Lineage as text, in the form of Spark's RDD.toDebugString: a line an RDD, deeper where a shuffle lies between. */

import { operatorOf } from "../operators/define-operator.js";
import type { RddNode } from "../rdd/node.js";
import { isExchange } from "./lineage.js";

/** A diamond is printed once for each way to it: so many ways exist in nested ones that the text has an end. */
export const DEBUG_LINES_MAX = 5000;

/** What the text tells of an RDD beside its lineage. */
export interface DebugFacts {
  numPartitions(node: RddNode): number;
  name(node: RddNode): string | undefined;
  /** "" when not persisted. */
  persistence(node: RddNode): string;
  /** `CachedPartitions: 2; MemorySize: 1.2 KiB; DiskSize: 0 B`, or undefined. */
  storage(node: RddNode): string | undefined;
  checkpoint(node: RddNode): RddNode | undefined;
}

interface Item {
  readonly node: RddNode;
  readonly prefix: string;
  readonly afterShuffle: boolean;
  readonly isLast: boolean;
}

export function debugString(root: RddNode, facts: DebugFacts): string {
  const lines: string[] = [];
  const stack: Item[] = [];
  const children = (node: RddNode, prefix: string) => {
    const stand = facts.checkpoint(node);
    const inputs = stand === undefined ? node.inputs : [stand];
    for (let index = inputs.length - 1; index >= 0; index--) {
      stack.push({
        node: inputs[index] as RddNode,
        prefix,
        afterShuffle: stand === undefined && isExchange(node),
        isLast: index === inputs.length - 1,
      });
    }
  };
  const count = partitionsText(root, facts);
  const below = stageIndent(count);
  printNode(lines, root, facts, `${count} `, `${below} `);
  children(root, below);
  while (stack.length > 0) {
    if (lines.length >= DEBUG_LINES_MAX) {
      lines.push(`… cut after ${DEBUG_LINES_MAX} lines`);
      break;
    }
    const { node, prefix, afterShuffle, isLast } = stack.pop() as Item;
    if (!afterShuffle) {
      printNode(lines, node, facts, prefix, prefix);
      children(node, prefix);
      continue;
    }
    const outer = prefix.replace(/\|\s+$/, "");
    const own = partitionsText(node, facts);
    const inner = `${outer}${isLast ? "  " : "| "}${stageIndent(own)}`;
    printNode(lines, node, facts, `${outer}+-${own} `, inner);
    children(node, inner);
  }
  return lines.join("\n");
}

function partitionsText(node: RddNode, facts: DebugFacts): string {
  return `(${facts.numPartitions(node)})`;
}

/** The bar under a stage's number of partitions. */
function stageIndent(count: string): string {
  const left = (count.length - 1) >> 1;
  return `${" ".repeat(left)}|${" ".repeat(count.length - left)}`;
}

function printNode(lines: string[], node: RddNode, facts: DebugFacts, first: string, further: string): void {
  const name = facts.name(node);
  lines.push(
    `${first}${name === undefined ? "" : `${name} `}${operatorOf(node).label}[${node.id}] at ${node.site} [${facts.persistence(node)}]`,
  );
  const storage = facts.storage(node);
  if (storage !== undefined) lines.push(`${further}    ${storage}`);
}
