/** What has been found out about nodes: splits, ranges, numbers of partitions. Kept as long as the node lives, found once. */

import { assert } from "@volley/engine/lib/assert.js";
import { operatorOf } from "@volley/engine/operators/define-operator.js";
import type { Facts } from "@volley/engine/plan/facts.js";
import { knownPartitions } from "@volley/engine/plan/known-partitions.js";
import { narrowParents, parentsFirst } from "@volley/engine/plan/lineage.js";
import type { PrepareTools } from "@volley/engine/plan/prepare.js";
import type { RddNode } from "@volley/engine/rdd/node.js";
import type { RddSettings } from "@volley/engine/rdd/rdd-context.js";
import { refusedAt } from "@volley/engine/rdd/refused-at.js";
import type { StorageLevel } from "@volley/engine/task/storage-level.js";
import { VolleyError } from "@volley/engine/wire/errors.js";

interface Known {
  readonly numPartitions: number;
}

export class FactStore implements Facts {
  readonly #known = new WeakMap<RddNode, Known>();
  /** Apart from the counts: `partitions` asks for what was prepared. */
  readonly #prepared = new WeakMap<RddNode, unknown>();
  readonly #underWay = new WeakMap<RddNode, Promise<unknown>>();
  readonly #settingsOf: (node: RddNode) => RddSettings;

  constructor(settingsOf: (node: RddNode) => RddSettings) {
    this.#settingsOf = settingsOf;
  }

  numPartitions(node: RddNode): number {
    const known = this.#known.get(node);
    assert(known !== undefined, `RDD ${node.id} (${node.kind}) is prepared`);
    return known.numPartitions;
  }

  prepared<T>(node: RddNode): T {
    assert(this.#prepared.has(node), `RDD ${node.id} (${node.kind}) is prepared`);
    return this.#prepared.get(node) as T;
  }

  storageLevel(node: RddNode): StorageLevel {
    return this.#settingsOf(node).storageLevel;
  }

  checkpoint(node: RddNode): RddNode | undefined {
    return this.#settingsOf(node).checkpointed?.node;
  }

  isKnown(node: RddNode): boolean {
    return this.#known.has(node);
  }

  /** The number of partitions if no file, row or sample has to be looked at for it. */
  knownPartitions(root: RddNode): number | undefined {
    return knownPartitions(root, (node) => this.#known.get(node)?.numPartitions);
  }

  /** Finds out all that planning a job over `root` needs, parents first. What failed is tried again next time. */
  async prepareAll(root: RddNode, tools: PrepareTools): Promise<void> {
    const parentsOf = (node: RddNode) => {
      if (this.#known.has(node)) return [];
      const stand = this.checkpoint(node);
      return stand === undefined ? node.inputs : narrowParents(node, () => stand);
    };
    for (const node of parentsFirst([root], parentsOf)) {
      if (this.#known.has(node)) continue;
      try {
        await this.#prepareNode(node, tools);
      } catch (error) {
        throw refusedAt(error, node.site);
      }
    }
  }

  async #prepareNode(node: RddNode, tools: PrepareTools): Promise<void> {
    const operator = operatorOf(node);
    if (operator.prepare !== undefined) this.#prepared.set(node, await this.#prepareOnce(node, tools));
    const stand = this.checkpoint(node);
    const numPartitions =
      stand !== undefined
        ? this.numPartitions(stand)
        : (operator.partitions?.(node, this) ?? this.numPartitions(node.inputs[0] as RddNode));
    this.#known.set(node, { numPartitions });
  }

  /** Two jobs that start at once share what one of them finds; if that one is cancelled, the other looks for itself. */
  async #prepareOnce(node: RddNode, tools: PrepareTools): Promise<unknown> {
    for (let others = this.#underWay.get(node); others !== undefined; others = this.#underWay.get(node)) {
      try {
        return await others;
      } catch (error) {
        if (!VolleyError.is(error, "CANCELLED")) throw error;
      }
    }
    const { prepare } = operatorOf(node);
    assert(prepare !== undefined, `${node.kind} has something to find out`);
    const own = prepare(node, tools).finally(() => this.#underWay.delete(node));
    this.#underWay.set(node, own);
    return await own;
  }
}
