/**
 * All blocks that this executor holds, wherever they lie.
 *
 * Terms: a cached partition (`rdd_`) may be evicted, to disk when its level says so; a map output (`shuffle_`) and a large result
 * (`result_`) are kept until they are removed, on disk when memory is short; copies of the driver's blocks are dropped first, they can
 * be fetched again.
 *
 * When changing this: memory is counted before a block is there and given back once; a block can be read while it moves to disk; the
 * driver hears of every change of a cached partition.
 */

import { assert } from "@volley/engine/lib/assert.js";
import { type BlockId, blockName, parseBlockName } from "@volley/engine/task/block-id.js";
import type { StorageLevel } from "@volley/engine/task/storage-level.js";
import type { MapOutput, SegmentChunks } from "@volley/engine/task/task-io.js";
import type { BlockChange } from "@volley/engine/wire/messages.js";
import { planEviction } from "../core/eviction.js";
import { isDiskFull } from "../io/disk-full.js";
import { type SegmentPart, segmentParts } from "../shuffle/segment-parts.js";
import { STORAGE_SHARE } from "../task/slot-memory.js";
import type { BlockPlace, LocalOutput } from "../task/slot-messages.js";
import type { DiskStore } from "./disk-store.js";
import type { MemoryStore } from "./memory-store.js";
import { allocateShared } from "./shared-memory.js";

/** Which segments a map output is made of, and which chunks they are made of where one has several. */
export type MapOutputIndex = Pick<MapOutput, "offsets" | "checksums" | "chunks">;

export interface BlockListener {
  /** A cached partition came, moved or went. */
  cachedChanged(change: BlockChange): void;
  /** A map output moved or went: nobody should hold on to its bytes. */
  outputsChanged(): void;
}

interface Placement {
  readonly group: string | undefined;
  readonly onEvict: "disk" | "drop";
  readonly useMemory: boolean;
  readonly useDisk: boolean;
}

/** Rounds of eviction for one block: others may take what came free, but not for ever. */
const EVICTION_ROUNDS_MAX = 8;

const KEPT: Placement = { group: undefined, onEvict: "disk", useMemory: true, useDisk: true };
const REFETCHABLE: Placement = { group: undefined, onEvict: "drop", useMemory: true, useDisk: false };

export class BlockManager {
  readonly #memory: MemoryStore;
  readonly #disk: DiskStore;
  readonly #mapOutputs = new Map<string, MapOutputIndex>();
  /** Of the cached partitions that are here. */
  readonly #levels = new Map<string, StorageLevel>();
  readonly #listener: BlockListener;
  readonly #cachedUnderWay = new Map<string, Promise<"memory" | "disk" | undefined>>();
  /** Those whose write was not over at once; `removed` when the block was removed meanwhile. */
  readonly #putsUnderWay = new Map<string, { removed: boolean }>();

  constructor(memory: MemoryStore, disk: DiskStore, listener: BlockListener) {
    this.#memory = memory;
    this.#disk = disk;
    this.#listener = listener;
  }

  get usedBytes(): number {
    return this.#memory.usedBytes;
  }

  place(name: string): BlockPlace | undefined {
    const entry = this.#memory.use(name);
    if (entry !== undefined) return { at: "memory", bytes: entry.bytes };
    const file = this.#disk.get(name);
    return file === undefined ? undefined : { at: "disk", ...file };
  }

  /** The chunk of a segment that begins at its byte `from`; undefined when this attempt's output is not here. */
  segment(name: string, reducePartition: number, from = 0): SegmentPart | undefined {
    const output = this.mapOutput(name);
    if (output === undefined || !(reducePartition + 1 < output.offsets.length)) return undefined;
    return segmentParts(output, reducePartition).find(({ offset }) => offset === from);
  }

  /** A map output with its index; undefined when this attempt's output is not here. */
  mapOutput(name: string): Omit<LocalOutput, "mapPartition"> | undefined {
    const index = this.#mapOutputs.get(name);
    const place = index === undefined ? undefined : this.place(name);
    return index === undefined || place === undefined ? undefined : { ...index, place };
  }

  /** Keeps a cached partition if its level and the memory allow. */
  async putCached(id: BlockId & { kind: "rdd" }, bytes: Uint8Array, level: StorageLevel): Promise<boolean> {
    const name = blockName(id);
    // Another task computed the same partition: equal by D6, and others may be reading the first.
    if (this.place(name) !== undefined) return true;
    const other = this.#cachedUnderWay.get(name);
    if (other !== undefined) return (await other) !== undefined;
    const { useMemory, useDisk } = level;
    const onEvict = useDisk ? "disk" : "drop";
    const placement: Placement = { group: `rdd_${id.rddId}`, onEvict, useMemory, useDisk };
    // A disk that cannot be written to is a cache without room.
    const put = this.#put(name, bytes, placement).catch(() => undefined);
    this.#cachedUnderWay.set(name, put);
    const where = await put;
    this.#cachedUnderWay.delete(name);
    if (this.place(name) !== undefined) this.#levels.set(name, level);
    return where !== undefined;
  }

  /** Throws when there is no room on disk either. */
  async putMapOutput(
    id: BlockId & { kind: "shuffle" },
    output: MapOutputIndex & Pick<MapOutput, "bytes">,
  ): Promise<void> {
    const name = blockName(id);
    this.remove(name);
    if (output.bytes instanceof Uint8Array) await this.#put(name, output.bytes, KEPT);
    else this.#disk.adopt(name, output.bytes);
    this.#mapOutputs.set(name, sharedIndex(output));
  }

  /** The same of one that comes piece by piece, straight to disk. */
  async writeMapOutput(
    id: BlockId & { kind: "shuffle" },
    pieces: AsyncIterable<Uint8Array>,
    index: MapOutputIndex,
  ): Promise<void> {
    const name = blockName(id);
    this.remove(name);
    await this.#disk.writePieces(name, pieces);
    this.#mapOutputs.set(name, sharedIndex(index));
  }

  /** Of a map output that is here. */
  outputIndex(name: string): MapOutputIndex | undefined {
    return this.#mapOutputs.get(name);
  }

  /** Of a cached partition that is here. */
  levelOf(name: string): StorageLevel | undefined {
    return this.#levels.get(name);
  }

  /** Cached partitions and map outputs: what others can use when this executor leaves. */
  movable(): string[] {
    return [...this.#levels.keys(), ...this.#mapOutputs.keys()];
  }

  /** Are there results that the driver has not fetched? */
  hasResults(): boolean {
    for (const { name } of this.#memory.candidates()) if (name.startsWith("result_")) return true;
    for (const name of this.#disk.names()) if (name.startsWith("result_")) return true;
    return false;
  }

  async putResult(id: BlockId & { kind: "result" }, bytes: Uint8Array): Promise<void> {
    await this.#put(blockName(id), bytes, KEPT);
  }

  /** A copy of a block whose home is the driver; not keeping it is no failure. */
  async putCopy(id: BlockId, bytes: Uint8Array): Promise<void> {
    const name = blockName(id);
    if (this.place(name) === undefined) await this.#put(name, bytes, REFETCHABLE);
  }

  /** For execution, which may push cached blocks back to their guaranteed share and no further (Spark's storageFraction). */
  async makeRoomForExecution(bytes: number): Promise<boolean> {
    const spare = this.#memory.storedBytes - this.#memory.budgetBytes * STORAGE_SHARE;
    if (this.#memory.shortOf(bytes) > Math.max(0, spare)) return false;
    return this.makeRoom(bytes);
  }

  /** Evicts until so many bytes are free; false when that cannot be. */
  async makeRoom(bytes: number, group?: string): Promise<boolean> {
    for (let round = 0; round < EVICTION_ROUNDS_MAX; round++) {
      const short = this.#memory.shortOf(bytes);
      if (short <= 0) return true;
      const plan = planEviction(this.#memory.candidates(), short, group);
      if (plan === undefined) return false;
      await Promise.all(plan.map((name) => this.#evict(name)));
    }
    return this.#memory.shortOf(bytes) <= 0;
  }

  /**
   * For what must be kept on a disk that is full: cached partitions there go, they can be computed again. Resolves when their files are gone; false when there
   * were none.
   */
  async makeDiskRoom(): Promise<boolean> {
    const cached = [...this.#disk.names()].filter((name) => parseBlockName(name)?.kind === "rdd");
    const removals = cached.map((name) => {
      const bytes = this.#disk.get(name)?.length ?? 0;
      const removed = this.#disk.remove(name);
      // One that is in memory too, since it was put again, stays.
      if (this.#memory.peek(name) === undefined) this.#tell(name, "gone", bytes);
      return removed;
    });
    // A file that is gone already makes room as well.
    await Promise.allSettled(removals);
    return cached.length > 0;
  }

  remove(name: string): boolean {
    const underWay = this.#putsUnderWay.get(name);
    if (underWay !== undefined) underWay.removed = true;
    if (this.#mapOutputs.delete(name)) this.#listener.outputsChanged();
    this.#levels.delete(name);
    const inMemory = this.#memory.delete(name);
    const onDisk = this.#disk.delete(name);
    return inMemory || onDisk;
  }

  /** A cached partition on disk cannot be read: the driver must not count on it. */
  lose(name: string): void {
    const file = this.#disk.get(name);
    if (file === undefined || parseBlockName(name)?.kind !== "rdd") return;
    this.remove(name);
    this.#tell(name, "gone", file.length);
  }

  /** Removes all blocks whose id passes. */
  removeWhere(test: (id: BlockId) => boolean): void {
    const names = [...this.#memory.candidates()].map(({ name }) => name);
    for (const name of [...names, ...this.#disk.names(), ...this.#putsUnderWay.keys()]) {
      const id = parseBlockName(name);
      assert(id !== undefined, "blocks are named by their ids");
      if (test(id)) this.remove(name);
    }
  }

  async #put(name: string, bytes: Uint8Array, placement: Placement): Promise<"memory" | "disk" | undefined> {
    if (placement.useMemory && this.#memory.reserve(bytes.byteLength)) return this.#keep(name, bytes, placement);
    const put = { removed: false };
    this.#putsUnderWay.set(name, put);
    try {
      if (placement.useMemory && (await this.makeRoom(bytes.byteLength, placement.group))) {
        if (put.removed) return undefined;
        if (this.#memory.reserve(bytes.byteLength)) return this.#keep(name, bytes, placement);
      }
      this.#memory.left(bytes.byteLength);
      if (!placement.useDisk) return undefined;
      await this.#write(name, bytes);
      if (!put.removed) return this.#tell(name, "disk", bytes.byteLength);
      await this.#disk.remove(name);
      return undefined;
    } finally {
      if (this.#putsUnderWay.get(name) === put) this.#putsUnderWay.delete(name);
    }
  }

  /** A cached partition does not push out others: each is as good as the next, and all may be wanted. */
  async #write(name: string, bytes: Uint8Array): Promise<void> {
    const mayPush = parseBlockName(name)?.kind !== "rdd";
    for (;;) {
      try {
        return await this.#disk.write(name, bytes);
      } catch (error) {
        if (mayPush && isDiskFull(error) && (await this.makeDiskRoom())) continue;
        throw error;
      }
    }
  }

  #keep(name: string, bytes: Uint8Array, placement: Placement): "memory" {
    // A copy of a driver's block may have been put twice while one waited for room.
    if (this.#memory.peek(name) !== undefined) this.#memory.unreserve(bytes.byteLength);
    else this.#memory.set(name, { bytes, group: placement.group, onEvict: placement.onEvict, moving: false });
    return this.#tell(name, "memory", bytes.byteLength);
  }

  /** At the moment of the change, so that what the driver hears is in the order in which it happened. */
  #tell<W extends BlockChange["where"]>(name: string, where: W, bytes: number): W {
    const block = parseBlockName(name);
    if (where === "gone") this.#levels.delete(name);
    if (block?.kind === "rdd") this.#listener.cachedChanged({ block, where, bytes });
    return where;
  }

  async #evict(name: string): Promise<void> {
    const entry = this.#memory.peek(name);
    if (entry === undefined || entry.moving) return;
    let where: "disk" | "gone" = "gone";
    if (entry.onEvict === "disk") {
      entry.moving = true;
      try {
        await this.#write(name, entry.bytes);
        where = "disk";
      } catch {
        entry.moving = false;
        // Nobody else has a map output or a result: it stays. A cached partition can be computed again.
        if (parseBlockName(name)?.kind !== "rdd") return;
      }
      if (this.#memory.peek(name) !== entry) {
        // Removed while it was written.
        this.#disk.delete(name);
        return;
      }
    }
    this.#memory.delete(name);
    if (this.#mapOutputs.has(name)) this.#listener.outputsChanged();
    this.#tell(name, where, entry.bytes.byteLength);
  }
}

/** The index of a map output where every slot can read it without a copy. */
function sharedIndex({ offsets, checksums, chunks }: MapOutputIndex): MapOutputIndex {
  return { ...onShared(offsets, checksums), chunks: chunks && onShared(chunks.offsets, chunks.checksums) };
}

function onShared(offsets: Float64Array, checksums: Uint32Array): SegmentChunks {
  const memory = allocateShared(offsets.byteLength + checksums.byteLength).buffer;
  const copy = {
    offsets: new Float64Array(memory, 0, offsets.length),
    checksums: new Uint32Array(memory, offsets.byteLength, checksums.length),
  };
  copy.offsets.set(offsets);
  copy.checksums.set(checksums);
  return copy;
}
