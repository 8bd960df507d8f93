/** Blocks in shared memory, in the order of their last use, counted against the budget that execution shares. */

import { assert } from "@volley/engine/lib/assert.js";
import type { EvictionCandidate } from "../core/eviction.js";
import { MEMORY } from "../task/slot-messages.js";
import { noteShared } from "./shared-memory.js";

export interface MemoryEntry {
  readonly bytes: Uint8Array;
  readonly group: string | undefined;
  /** What becomes of it when it must go: written to disk, or dropped because it can be had again. */
  readonly onEvict: "disk" | "drop";
  /** Being written to disk; it can still be read. */
  moving: boolean;
}

const kibOf = (bytes: number) => Math.ceil(bytes / 1024);

export class MemoryStore {
  readonly #entries = new Map<string, MemoryEntry>();
  readonly #cells: Int32Array;

  constructor(cells: Int32Array, budgetBytes: number) {
    this.#cells = cells;
    Atomics.store(cells, MEMORY.budgetKib, Math.floor(budgetBytes / 1024));
  }

  get usedBytes(): number {
    return (this.#load(MEMORY.storageKib) + this.#load(MEMORY.executionKib)) * 1024;
  }

  get storedBytes(): number {
    return this.#load(MEMORY.storageKib) * 1024;
  }

  get budgetBytes(): number {
    return this.#load(MEMORY.budgetKib) * 1024;
  }

  /** Bytes by which the budget would be overdrawn if so many more were taken. */
  shortOf(bytes: number): number {
    return this.usedBytes + kibOf(bytes) * 1024 - this.budgetBytes;
  }

  /** Counts a block that is about to come, or answers false. */
  reserve(bytes: number): boolean {
    if (this.shortOf(bytes) > 0) return false;
    Atomics.add(this.#cells, MEMORY.storageKib, kibOf(bytes));
    return true;
  }

  unreserve(bytes: number): void {
    Atomics.sub(this.#cells, MEMORY.storageKib, kibOf(bytes));
  }

  /** Its bytes must have been reserved. */
  set(name: string, entry: MemoryEntry): void {
    assert(!this.#entries.has(name), `${name} is not in memory`);
    assert(entry.bytes.buffer instanceof SharedArrayBuffer, "blocks lie on shared memory");
    this.#entries.set(name, entry);
  }

  /** Counts as a use. */
  use(name: string): MemoryEntry | undefined {
    const entry = this.#entries.get(name);
    if (entry === undefined) return undefined;
    this.#entries.delete(name);
    this.#entries.set(name, entry);
    return entry;
  }

  peek(name: string): MemoryEntry | undefined {
    return this.#entries.get(name);
  }

  delete(name: string): boolean {
    const entry = this.#entries.get(name);
    if (entry === undefined) return false;
    this.#entries.delete(name);
    this.unreserve(entry.bytes.byteLength);
    this.left(entry.bytes.byteLength);
    return true;
  }

  /** A block has gone, or found no place here: its bytes are garbage of every thread that had it in its hands. */
  left(bytes: number): void {
    Atomics.add(this.#cells, MEMORY.leftKib, kibOf(bytes));
    noteShared(bytes);
  }

  *candidates(): Generator<EvictionCandidate> {
    for (const [name, entry] of this.#entries) {
      yield { name, bytes: kibOf(entry.bytes.byteLength) * 1024, group: entry.group, busy: entry.moving };
    }
  }

  #load(cell: number): number {
    return Atomics.load(this.#cells, cell);
  }
}
