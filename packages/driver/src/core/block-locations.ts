/** Which executors hold which cached partition. */

import { assert } from "@volley/engine/lib/assert.js";
import { parseBlockName } from "@volley/engine/task/block-id.js";
import type { Executor } from "./executors.js";

export class BlockLocations {
  /** By the block's name, for that is what is asked for, once for each task of a stage. */
  readonly #nameToHolders = new Map<string, Executor[]>();
  readonly #rddIdToNames = new Map<number, Set<string>>();
  /** By executor index: its loss touches no others. */
  readonly #holderToNames = new Map<number, Set<string>>();

  get isEmpty(): boolean {
    return this.#nameToHolders.size === 0;
  }

  /** Other blocks than cached partitions have no holders here. */
  holdersOf(block: string): readonly Executor[] {
    return this.#nameToHolders.get(block) ?? NOBODY;
  }

  holdersOfRdd(rddId: number): Executor[] {
    const holders = new Set<Executor>();
    for (const name of this.#rddIdToNames.get(rddId) ?? []) for (const one of this.holdersOf(name)) holders.add(one);
    return [...holders];
  }

  add(block: string, holder: Executor): void {
    const id = parseBlockName(block);
    if (id?.kind !== "rdd") return;
    const holders = this.#nameToHolders.get(block);
    if (holders === undefined) this.#nameToHolders.set(block, [holder]);
    else if (!holders.includes(holder)) holders.push(holder);
    addTo(this.#rddIdToNames, id.rddId, block);
    addTo(this.#holderToNames, holder.index, block);
  }

  remove(block: string, holder: Executor): void {
    if (this.#holderToNames.get(holder.index)?.has(block) !== true) return;
    removeFrom(this.#holderToNames, holder.index, block);
    this.#forget(block, holder);
  }

  removeHolder(holder: Executor): void {
    for (const block of this.#holderToNames.get(holder.index) ?? []) this.#forget(block, holder);
    this.#holderToNames.delete(holder.index);
  }

  removeRdd(rddId: number): void {
    for (const block of this.#rddIdToNames.get(rddId) ?? []) {
      for (const holder of this.holdersOf(block)) removeFrom(this.#holderToNames, holder.index, block);
      this.#nameToHolders.delete(block);
    }
    this.#rddIdToNames.delete(rddId);
  }

  #forget(block: string, holder: Executor): void {
    const holders = this.#nameToHolders.get(block) as Executor[];
    holders.splice(holders.indexOf(holder), 1);
    if (holders.length > 0) return;
    this.#nameToHolders.delete(block);
    const id = parseBlockName(block);
    assert(id?.kind === "rdd", "only cached partitions are kept");
    removeFrom(this.#rddIdToNames, id.rddId, block);
  }

  validate(): void {
    let byName = 0;
    for (const [block, holders] of this.#nameToHolders) {
      assert(holders.length > 0, "no block without a holder stays");
      byName += holders.length;
      for (const holder of holders) {
        assert(holder.state !== "lost", "the holder of a block lives");
        assert(this.#holderToNames.get(holder.index)?.has(block), "a holder's blocks are known");
      }
    }
    let byHolder = 0;
    for (const names of this.#holderToNames.values()) byHolder += names.size;
    let byRdd = 0;
    for (const names of this.#rddIdToNames.values()) byRdd += names.size;
    assert(byName === byHolder, "blocks are known from both ends");
    assert(byRdd === this.#nameToHolders.size, "every block belongs to an RDD");
  }
}

const NOBODY: readonly Executor[] = [];

function addTo(map: Map<number, Set<string>>, key: number, name: string): void {
  const names = map.get(key);
  if (names === undefined) map.set(key, new Set([name]));
  else names.add(name);
}

function removeFrom(map: Map<number, Set<string>>, key: number, name: string): void {
  const names = map.get(key);
  if (names?.delete(name) === true && names.size === 0) map.delete(key);
}
