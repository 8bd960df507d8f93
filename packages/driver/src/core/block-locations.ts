/** Which executors hold which cached partition. */

import { assert } from "@volley/engine/lib/assert.js";
import { parseBlockName } from "@volley/engine/task/block-id.js";
import type { Executor } from "./executors.js";

export class BlockLocations {
  /** RDD, then partition, to holders. */
  readonly #byRdd = new Map<number, Map<number, Executor[]>>();
  /** Executor index, then RDD, to partitions: its loss touches no others. */
  readonly #byHolder = new Map<number, Map<number, Set<number>>>();

  get isEmpty(): boolean {
    return this.#byRdd.size === 0;
  }

  /** Names of other blocks than cached partitions have no holders here: nothing. */
  holdersOf(block: string): readonly Executor[] {
    const id = parseBlockName(block);
    return id?.kind === "rdd" ? (this.#byRdd.get(id.rddId)?.get(id.partition) ?? []) : [];
  }

  holdersOfRdd(rddId: number): Executor[] {
    const holders = new Set<Executor>();
    for (const some of this.#byRdd.get(rddId)?.values() ?? []) for (const holder of some) holders.add(holder);
    return [...holders];
  }

  add(block: string, holder: Executor): void {
    const id = parseBlockName(block);
    if (id?.kind !== "rdd") return;
    const partitions = getOrAdd(this.#byRdd, id.rddId, () => new Map<number, Executor[]>());
    const holders = getOrAdd(partitions, id.partition, () => []);
    if (!holders.includes(holder)) holders.push(holder);
    const held = getOrAdd(this.#byHolder, holder.index, () => new Map<number, Set<number>>());
    getOrAdd(held, id.rddId, () => new Set<number>()).add(id.partition);
  }

  remove(block: string, holder: Executor): void {
    const id = parseBlockName(block);
    if (id?.kind !== "rdd") return;
    this.#forget(id.rddId, id.partition, holder);
    const held = this.#byHolder.get(holder.index);
    const partitions = held?.get(id.rddId);
    if (held === undefined || partitions === undefined) return;
    partitions.delete(id.partition);
    if (partitions.size === 0) held.delete(id.rddId);
    if (held.size === 0) this.#byHolder.delete(holder.index);
  }

  removeHolder(holder: Executor): void {
    for (const [rddId, partitions] of this.#byHolder.get(holder.index) ?? []) {
      for (const partition of partitions) this.#forget(rddId, partition, holder);
    }
    this.#byHolder.delete(holder.index);
  }

  removeRdd(rddId: number): void {
    for (const holder of this.holdersOfRdd(rddId)) {
      const held = this.#byHolder.get(holder.index);
      held?.delete(rddId);
      if (held?.size === 0) this.#byHolder.delete(holder.index);
    }
    this.#byRdd.delete(rddId);
  }

  #forget(rddId: number, partition: number, holder: Executor): void {
    const partitions = this.#byRdd.get(rddId);
    const holders = partitions?.get(partition);
    if (partitions === undefined || holders === undefined) return;
    const place = holders.indexOf(holder);
    if (place >= 0) holders.splice(place, 1);
    if (holders.length === 0) partitions.delete(partition);
    if (partitions.size === 0) this.#byRdd.delete(rddId);
  }

  validate(): void {
    let byRdd = 0;
    for (const partitions of this.#byRdd.values()) {
      assert(partitions.size > 0, "no RDD without blocks stays");
      for (const holders of partitions.values()) {
        assert(holders.length > 0, "no block without a holder stays");
        byRdd += holders.length;
        for (const holder of holders) assert(holder.state !== "lost", "the holder of a block lives");
      }
    }
    let byHolder = 0;
    for (const held of this.#byHolder.values()) for (const partitions of held.values()) byHolder += partitions.size;
    assert(byRdd === byHolder, "blocks are known from both ends");
  }
}

function getOrAdd<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  let value = map.get(key);
  if (value === undefined) {
    value = make();
    map.set(key, value);
  }
  return value;
}
