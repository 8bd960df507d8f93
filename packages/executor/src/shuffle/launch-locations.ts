/**
 * Where the blocks lie that tasks of one launch read: map outputs, and cached partitions that are not here. Asked once a launch, as
 * soon as it comes, so that the answer is on its way while the slots start. What one launch learned is not used for the next: when
 * map outputs have been recomputed, tasks that are launched after that must not read the old ones.
 */

import { blockName } from "@volley/engine/task/block-id.js";
import type { TaskSpec } from "@volley/engine/task/task-spec.js";
import { VolleyError } from "@volley/engine/wire/errors.js";
import type { LocationsReply, MapStatus } from "@volley/engine/wire/messages.js";
import type { ExecutorAddress } from "../net/block-client.js";

/** A question must fit into a control message; partitions beyond it are computed instead of looked for. */
const BLOCK_NAMES_MAX = 10_000;

export type AskLocations = (shuffleIds: readonly number[], blocks: readonly string[]) => Promise<LocationsReply>;

export interface ShuffleLocations {
  readonly complete: boolean;
  /** By map partition. */
  readonly outputs: readonly MapStatus[];
  readonly executors: ReadonlyMap<string, ExecutorAddress>;
}

export class LaunchLocations {
  readonly #ask: AskLocations;
  #reply: Promise<LocationsReply> | undefined;
  readonly #shuffles = new Map<number, Promise<ShuffleLocations>>();

  /** `isLocal` tells which cached partitions need not be asked for. */
  constructor(tasks: readonly TaskSpec[], isLocal: (name: string) => boolean, ask: AskLocations) {
    this.#ask = ask;
    const { shuffleIds, blocks } = inputsOf(tasks, isLocal);
    if (shuffleIds.length === 0 && blocks.length === 0) return;
    this.#reply = ask(shuffleIds, blocks);
    // Whoever needs it sees the error; if no task does, nobody needs to.
    this.#reply.catch(() => undefined);
    for (const shuffleId of shuffleIds)
      this.#shuffles.set(
        shuffleId,
        this.#reply.then((reply) => locationsOf(reply, shuffleId)),
      );
    for (const locations of this.#shuffles.values()) locations.catch(() => undefined);
  }

  shuffle(shuffleId: number): Promise<ShuffleLocations> {
    return this.#shuffles.get(shuffleId) ?? this.refreshShuffle(shuffleId);
  }

  /** Asks again, after something was not where it was said to be. */
  refreshShuffle(shuffleId: number): Promise<ShuffleLocations> {
    const fresh = this.#ask([shuffleId], []).then((reply) => locationsOf(reply, shuffleId));
    this.#shuffles.set(shuffleId, fresh);
    return fresh;
  }

  /** Executors that hold a cached partition. */
  async holders(name: string): Promise<readonly ExecutorAddress[]> {
    const reply = await this.#reply;
    const ids = reply?.blocks.find((block) => block.name === name)?.executorIds ?? [];
    return reply?.executors.filter(({ executorId }) => ids.includes(executorId)) ?? [];
  }
}

function inputsOf(tasks: readonly TaskSpec[], isLocal: (name: string) => boolean) {
  const shuffleIds = new Set<number>();
  const blocks = new Set<string>();
  for (const task of tasks) {
    for (const input of task.inputs) {
      if (input.kind === "shuffle") shuffleIds.add(input.shuffleId);
      if (input.kind !== "cached" || blocks.size >= BLOCK_NAMES_MAX) continue;
      const name = blockName(input.block);
      if (!isLocal(name)) blocks.add(name);
    }
  }
  return { shuffleIds: [...shuffleIds], blocks: [...blocks] };
}

function locationsOf(reply: LocationsReply, shuffleId: number): ShuffleLocations {
  const shuffle = reply.shuffles.find((candidate) => candidate.shuffleId === shuffleId);
  if (shuffle === undefined) throw new VolleyError("PROTOCOL", `the driver knows no shuffle ${shuffleId}`);
  return {
    complete: shuffle.complete,
    outputs: [...shuffle.outputs].sort((a, b) => a.mapPartition - b.mapPartition),
    executors: new Map(reply.executors.map((address) => [address.executorId, address])),
  };
}
