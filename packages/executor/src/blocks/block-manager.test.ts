import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { StorageLevel } from "@volley/engine/task/storage-level.js";
import type { BlockChange } from "@volley/engine/wire/messages.js";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { readBlockFile } from "../io/read-block-file.js";
import { MEMORY_BYTES } from "../task/slot-messages.js";
import { BlockManager } from "./block-manager.js";
import { DiskStore } from "./disk-store.js";
import { MemoryStore } from "./memory-store.js";
import { allocateShared } from "./shared-memory.js";

const KIB = 1024;
let folder: string;
let changes: BlockChange[];
let memory: MemoryStore;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "volley-blocks-test-"));
  changes = [];
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A disk that has had enough after some writes. */
class FullDisk extends DiskStore {
  readonly #writes: number;
  #done = 0;

  constructor(path: string, writes: number) {
    super(path);
    this.#writes = writes;
  }

  override async write(name: string, bytes: Uint8Array): Promise<void> {
    if (this.#done++ >= this.#writes) throw Object.assign(new Error("no space left on device"), { code: "ENOSPC" });
    await super.write(name, bytes);
  }
}

function manager(budgetKib: number, disk = new DiskStore(folder)): BlockManager {
  memory = new MemoryStore(new Int32Array(new SharedArrayBuffer(MEMORY_BYTES)), budgetKib * KIB);
  return new BlockManager(memory, disk, {
    cachedChanged: (change) => changes.push(change),
    outputsChanged: () => undefined,
  });
}

const rdd = (rddId: number, partition: number) => ({ kind: "rdd", rddId, partition }) as const;
const bytes = (kib: number, fill: number) => allocateShared(kib * KIB).fill(fill);

function contentOf(blocks: BlockManager, name: string): number | undefined {
  const place = blocks.place(name);
  if (place === undefined) return undefined;
  return (place.at === "memory" ? place.bytes : readBlockFile(place, allocateShared))[0];
}

describe("BlockManager", () => {
  test("keeps a map output on disk when there is no memory, by segment", async () => {
    const blocks = manager(4);
    const output = bytes(8, 1);
    output.fill(2, 3 * KIB);
    const { crc32 } = await import("node:zlib");
    const sums = Uint32Array.of(crc32(output.subarray(0, 3 * KIB)), crc32(output.subarray(3 * KIB)));
    await blocks.putMapOutput(
      { kind: "shuffle", shuffleId: 1, mapPartition: 0, attempt: 0 },
      { bytes: output, offsets: Float64Array.of(0, 3 * KIB, 8 * KIB), checksums: sums },
    );
    const place = blocks.segment("shuffle_1_0_0", 1)?.place;
    expect(place).toMatchObject({ at: "disk", offset: 3 * KIB, length: 5 * KIB });
    if (place?.at === "disk") expect(readBlockFile(place, allocateShared)[0]).toBe(2);
    expect(blocks.segment("shuffle_1_0_1", 1)).toBeUndefined();
    expect(blocks.segment("shuffle_1_0_0", 2)).toBeUndefined();
    expect(memory.usedBytes).toBe(0);
  });

  test("a block that is removed while it is written to disk is gone", async () => {
    const blocks = manager(4);
    const put = blocks.putCached(rdd(1, 0), bytes(3, 1), StorageLevel.DISK_ONLY);
    blocks.remove("rdd_1_0");
    expect(await put).toBe(false);
    expect(blocks.place("rdd_1_0")).toBeUndefined();
    expect(readdirSync(folder)).toEqual([]);
  });

  test("a full disk costs cached partitions and no map output", async () => {
    const blocks = manager(4, new FullDisk(folder, 0));
    const offsets = Float64Array.of(0, 3 * KIB);
    await blocks.putMapOutput(
      { kind: "shuffle", shuffleId: 1, mapPartition: 0, attempt: 0 },
      { bytes: bytes(3, 7), offsets, checksums: new Uint32Array(1) },
    );
    expect(await blocks.putCached(rdd(1, 0), bytes(3, 1), StorageLevel.MEMORY_AND_DISK)).toBe(false);
    expect(contentOf(blocks, "shuffle_1_0_0")).toBe(7);
    const second = blocks.putMapOutput(
      { kind: "shuffle", shuffleId: 1, mapPartition: 1, attempt: 0 },
      { bytes: bytes(3, 8), offsets, checksums: new Uint32Array(1) },
    );
    await expect(second).rejects.toThrow("no space left");
    expect(readdirSync(folder)).toEqual([]);
  });

  test("what must be kept pushes cached partitions off a disk that is full", async () => {
    /** Two blocks fit. */
    class SmallDisk extends DiskStore {
      override async write(name: string, bytes: Uint8Array): Promise<void> {
        if ([...this.names()].length === 2) throw Object.assign(new Error("full"), { code: "ENOSPC" });
        await super.write(name, bytes);
      }
    }
    const blocks = manager(4, new SmallDisk(folder));
    const put = (partition: number) => blocks.putCached(rdd(1, partition), bytes(3, partition), StorageLevel.DISK_ONLY);
    expect([await put(0), await put(1), await put(2)]).toEqual([true, true, false]);
    const id = { kind: "shuffle", shuffleId: 1, mapPartition: 0, attempt: 0 } as const;
    const index = { offsets: new Float64Array([0, 1]), checksums: new Uint32Array(1) };
    await blocks.putMapOutput(id, { bytes: bytes(5, 9), ...index });
    expect(contentOf(blocks, "shuffle_1_0_0")).toBe(9);
    expect(readdirSync(folder)).toEqual(["shuffle_1_0_0"]);
    expect(changes.map(({ block, where }) => [(block as { partition: number }).partition, where])).toEqual([
      [0, "disk"],
      [1, "disk"],
      [0, "gone"],
      [1, "gone"],
    ]);
    expect(await blocks.makeDiskRoom()).toBe(false);
  });

  test("execution pushes blocks back to half of the budget and no further", async () => {
    const blocks = manager(10);
    for (const partition of [0, 1, 2, 3])
      await blocks.putCached(rdd(1, partition), bytes(2, 1), StorageLevel.MEMORY_ONLY);
    expect(await blocks.makeRoomForExecution(4 * KIB)).toBe(true);
    expect(memory.storedBytes).toBe(6 * KIB);
    expect(await blocks.makeRoomForExecution(8 * KIB)).toBe(false);
    expect(memory.storedBytes).toBe(6 * KIB);
  });

  test("whatever is put, read and removed: bytes are right, memory is counted, the driver knows where blocks are", async () => {
    const levels = [StorageLevel.MEMORY_ONLY, StorageLevel.MEMORY_AND_DISK, StorageLevel.DISK_ONLY];
    const step = fc.record({
      what: fc.constantFrom("put", "put", "put", "read", "remove"),
      rddId: fc.nat(2),
      partition: fc.nat(3),
      kib: fc.integer({ min: 0, max: 6 }),
      level: fc.constantFrom(...levels),
      wait: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
        changes = [];
        const path = mkdtempSync(join(folder, "run-"));
        const blocks = manager(10, new DiskStore(path));
        const running: Promise<unknown>[] = [];
        for (const { what, rddId, partition, kib, level, wait } of steps) {
          const fill = rddId * 10 + partition + 1;
          if (what === "put") running.push(blocks.putCached(rdd(rddId, partition), bytes(kib + 1, fill), level));
          else if (what === "remove") blocks.remove(`rdd_${rddId}_${partition}`);
          else expect([undefined, fill]).toContain(contentOf(blocks, `rdd_${rddId}_${partition}`));
          if (wait) await Promise.all(running);
          expect(memory.usedBytes).toBeLessThanOrEqual(memory.budgetBytes);
        }
        await Promise.all(running);
        const known = new Map(
          changes.map((change) => [
            `rdd_${(change.block as { rddId: number }).rddId}_${(change.block as { partition: number }).partition}`,
            change.where,
          ]),
        );
        let stored = 0;
        for (const [name, where] of known) {
          const place = blocks.place(name);
          // The driver, which orders removals, needs no telling of them.
          if (place !== undefined) expect(place.at).toBe(where);
          if (place?.at === "memory") stored += place.bytes.byteLength;
        }
        expect(memory.storedBytes).toBe(stored);
        blocks.removeWhere(() => true);
        expect(memory.storedBytes).toBe(0);
      }),
      { seed: 13, numRuns: 150 },
    );
  });
});
