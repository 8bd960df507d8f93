/**
 * What a stage was planned with. Its pipelines are settled when it is planned, its tasks are placed later, one by one and again after losses;
 * what the script persists, unpersists or checkpoints meanwhile must not lead them another way.
 */

import type { RddNode } from "../rdd/node.js";
import { StorageLevel } from "../task/storage-level.js";
import type { Facts } from "./facts.js";

/** Facts in which the storage levels and checkpoints of these nodes stay as they are. `numPartitions` and what was prepared never change. */
export function freezeFacts(facts: Facts, nodes: readonly RddNode[]): Facts {
  const levels = new Map<RddNode, StorageLevel>();
  const stands = new Map<RddNode, RddNode>();
  for (const node of nodes) {
    const level = facts.storageLevel(node);
    if (level !== StorageLevel.NONE) levels.set(node, level);
    const stand = facts.checkpoint(node);
    if (stand !== undefined) stands.set(node, stand);
  }
  return {
    numPartitions: (node) => facts.numPartitions(node),
    prepared: (node) => facts.prepared(node),
    storageLevel: (node) => levels.get(node) ?? StorageLevel.NONE,
    checkpoint: (node) => stands.get(node),
  };
}
