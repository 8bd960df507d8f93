/**
 * Where the blocks lie that tasks of one launch read: map outputs, and cached partitions that are not here. What is not known is asked
 * for once, as soon as the launch comes, so that the answer is on its way while the slots start.
 */

import { blockName } from "@volley/engine/task/block-id.js";
import type { LaunchRequest, LocationsReply } from "@volley/engine/wire/messages.js";
import type { ExecutorAddress } from "../net/block-client.js";
import { type ShuffleLocationCache, type ShuffleLocations, shuffleLocationsOf } from "./shuffle-location-cache.js";

/** A question must fit into a control message; partitions beyond it are computed instead of looked for. */
const BLOCK_NAMES_MAX = 10_000;

export type AskLocations = (shuffleIds: readonly number[], blocks: readonly string[]) => Promise<LocationsReply>;

export class LaunchLocations {
  readonly #ask: AskLocations;
  readonly #cache: ShuffleLocationCache;
  /** As they were when these tasks were launched: nothing older is good enough for them. */
  readonly #shuffleToVersion: ReadonlyMap<number, number>;
  readonly #reply: Promise<LocationsReply> | undefined;

  /** `isLocal` tells which cached partitions need not be asked for. */
  constructor(
    launch: Pick<LaunchRequest, "tasks" | "shuffles">,
    isLocal: (name: string) => boolean,
    cache: ShuffleLocationCache,
    ask: AskLocations,
  ) {
    this.#ask = ask;
    this.#cache = cache;
    this.#shuffleToVersion = new Map(launch.shuffles.map(({ shuffleId, version }) => [shuffleId, version]));
    const blocks = cachedBlocksOf(launch.tasks, isLocal);
    const unknown = launch.shuffles.filter(({ shuffleId, version }) => cache.get(shuffleId, version) === undefined);
    if (unknown.length === 0 && blocks.length === 0) return;
    const reply = ask(
      unknown.map(({ shuffleId }) => shuffleId),
      blocks,
    );
    // Whoever needs it sees the error; if no task does, nobody needs to.
    reply.catch(() => undefined);
    this.#reply = reply;
    for (const { shuffleId, version } of unknown) {
      cache.set(
        shuffleId,
        version,
        reply.then((answer) => shuffleLocationsOf(answer, shuffleId)),
      );
    }
  }

  shuffle(shuffleId: number): Promise<ShuffleLocations> {
    return this.#cache.get(shuffleId, this.#versionOf(shuffleId)) ?? this.refreshShuffle(shuffleId);
  }

  /** Asks again, after something was not where it was said to be. */
  refreshShuffle(shuffleId: number): Promise<ShuffleLocations> {
    const fresh = this.#ask([shuffleId], []).then((reply) => shuffleLocationsOf(reply, shuffleId));
    this.#cache.set(shuffleId, this.#versionOf(shuffleId), fresh);
    return fresh;
  }

  /** Executors that hold a cached partition. */
  async holders(name: string): Promise<readonly ExecutorAddress[]> {
    const reply = await this.#reply;
    const ids = reply?.blocks.find((block) => block.name === name)?.executorIds ?? [];
    return reply?.executors.filter(({ executorId }) => ids.includes(executorId)) ?? [];
  }

  #versionOf(shuffleId: number): number {
    return this.#shuffleToVersion.get(shuffleId) ?? 0;
  }
}

function cachedBlocksOf(tasks: LaunchRequest["tasks"], isLocal: (name: string) => boolean): string[] {
  const blocks = new Set<string>();
  for (const task of tasks) {
    for (const input of task.inputs) {
      if (input.kind !== "cached" || blocks.size >= BLOCK_NAMES_MAX) continue;
      const name = blockName(input.block);
      if (!isLocal(name)) blocks.add(name);
    }
  }
  return [...blocks];
}
