/**
 * Checkpoints: after the first action on an RDD that asked for one, its rows are written down and its lineage ends there (Spark's
 * doCheckpoint). Reliable ones are folders committed like any saved output; local ones are the cached partitions themselves.
 */

import { dirname, join } from "node:path";
import { count } from "@volley/engine/actions/count.js";
import { saveObjects } from "@volley/engine/actions/save-objects.js";
import { assert } from "@volley/engine/lib/assert.js";
import { cachedOnly } from "@volley/engine/operators/cached-only.js";
import { objectFile } from "@volley/engine/operators/files.js";
import { parentsFirst } from "@volley/engine/plan/lineage.js";
import { CallSite } from "@volley/engine/rdd/call-site.js";
import type { NodeFactory, RddNode } from "@volley/engine/rdd/node.js";
import type { JobRequest, RddSettings, SaveRequest } from "@volley/engine/rdd/rdd-context.js";

export interface CheckpointHost {
  /** `<folder>/<application>`; undefined when no folder is set. */
  readonly folder: () => string | undefined;
  settingsOf(node: RddNode): RddSettings;
  makeAt(site: CallSite): NodeFactory;
  numPartitions(node: RddNode): Promise<number>;
  run(request: JobRequest): Promise<unknown>;
  save(request: SaveRequest): Promise<void>;
  /** Removes what applications that died left in the folder that all share. */
  sweep(root: string): Promise<void>;
}

export class Checkpoints {
  readonly #host: CheckpointHost;
  /** Nodes that asked: while there are none, no job looks for them. */
  readonly #wanted = new Set<WeakRef<RddNode>>();
  readonly #underWay = new WeakMap<RddNode, Promise<void>>();
  /** Of local ones: when what had been kept before is gone. */
  readonly #cleared = new WeakMap<RddNode, Promise<void>>();
  readonly #swept = new Map<string, Promise<void>>();

  constructor(host: CheckpointHost) {
    this.#host = host;
  }

  /** `cleared`: what is kept of the RDD is going, and must have gone before it is counted on. */
  ask(node: RddNode, cleared?: Promise<void>): void {
    this.#wanted.add(new WeakRef(node));
    if (cleared !== undefined) this.#cleared.set(node, cleared);
  }

  /** After a job over `root`: writes what was asked for in its lineage. */
  async afterJob(root: RddNode): Promise<void> {
    if (this.#wanted.size === 0) return;
    for (const reference of this.#wanted) if (reference.deref() === undefined) this.#wanted.delete(reference);
    const settings = (node: RddNode) => this.#host.settingsOf(node);
    // What lies above a checkpoint is cut off by it.
    const isEnd = (node: RddNode) =>
      settings(node).checkpointed !== undefined || settings(node).checkpointWanted !== "no";
    const nodes = parentsFirst([root], (node) => (isEnd(node) ? [] : node.inputs));
    for (const node of nodes) {
      if (settings(node).checkpointed !== undefined || settings(node).checkpointWanted === "no") continue;
      let writing = this.#underWay.get(node);
      // A job that belongs to the writing itself must not wait for it.
      if (writing !== undefined) continue;
      writing = this.#write(node).finally(() => this.#underWay.delete(node));
      this.#underWay.set(node, writing);
      await writing;
    }
  }

  async #write(node: RddNode): Promise<void> {
    const { settingsOf, numPartitions } = this.#host;
    const settings = settingsOf(node);
    const site = new CallSite("checkpoint");
    const partitions = await numPartitions(node);
    const { stand, path } =
      settings.checkpointWanted === "local"
        ? await this.#local(node, site, partitions)
        : await this.#reliable(node, site);
    assert((await numPartitions(stand)) === partitions, "a checkpoint has the partitions of its RDD");
    // Unpersisted meanwhile: nothing is kept that could stand for it.
    if (settings.checkpointWanted !== "no") settings.checkpointed = { node: stand, path };
    settings.checkpointWanted = "no";
    for (const reference of this.#wanted) if (reference.deref() === node) this.#wanted.delete(reference);
  }

  async #reliable(node: RddNode, site: CallSite): Promise<{ stand: RddNode; path: string }> {
    const folder = this.#host.folder();
    assert(folder !== undefined, "checkpoint() was refused without a folder");
    await this.#sweepOnce(dirname(folder));
    const path = join(folder, `rdd-${node.id}`);
    await this.#host.save({ node, path, sink: (temporary) => saveObjects(temporary, true), site });
    return { stand: objectFile(this.#host.makeAt(site), [path], true), path };
  }

  /** What others left is no reason for this application to fail. */
  #sweepOnce(root: string): Promise<void> {
    let swept = this.#swept.get(root);
    if (swept === undefined) {
      swept = this.#host.sweep(root).catch((error: unknown) => {
        const why = error instanceof Error ? error.message : String(error);
        process.emitWarning(`what an earlier application left in ${root} cannot be removed: ${why}`);
      });
      this.#swept.set(root, swept);
    }
    return swept;
  }

  /** Computes the partitions that the action left out, so that all are cached. */
  async #local(node: RddNode, site: CallSite, partitions: number): Promise<{ stand: RddNode; path: undefined }> {
    await this.#cleared.get(node);
    await this.#host.run({ node, sink: count(), site });
    return { stand: cachedOnly(this.#host.makeAt(site), node.id, partitions), path: undefined };
  }
}
