/** Second copies of cached partitions whose level asks for them (Spark's `_2`). A copy that fails is no failure: there is one, and lineage. */

import { hashKey } from "@volley/engine/lib/hash.js";
import type { StorageLevel } from "@volley/engine/task/storage-level.js";
import { VolleyError } from "@volley/engine/wire/errors.js";
import type { LocationsReply } from "@volley/engine/wire/messages.js";
import type { BlockClient } from "../net/block-client.js";

export class Replicator {
  readonly #executorId: string;
  readonly #client: BlockClient;
  readonly #ask: () => Promise<LocationsReply>;

  constructor(executorId: string, client: BlockClient, ask: () => Promise<LocationsReply>) {
    this.#executorId = executorId;
    this.#client = client;
    this.#ask = ask;
  }

  /** The task does not wait for it. */
  push(name: string, bytes: Uint8Array, level: StorageLevel): void {
    this.#push(name, bytes, level).catch((error: unknown) => {
      if (!VolleyError.is(error)) throw error;
    });
  }

  async #push(name: string, bytes: Uint8Array, level: StorageLevel): Promise<void> {
    const { executors } = await this.#ask();
    const peers = executors.filter(({ executorId }) => executorId !== this.#executorId);
    const copies = Math.min(level.replication - 1, peers.length);
    // Spread by the block, so that one executor's partitions do not all go to the same peer.
    const first = peers.length === 0 ? 0 : hashKey(name) % peers.length;
    for (let copy = 0; copy < copies; copy++) {
      const peer = peers[(first + copy) % peers.length] as (typeof peers)[number];
      await this.#client.put(peer, name, bytes, level.name);
    }
  }
}
