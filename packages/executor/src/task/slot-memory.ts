/**
 * Execution memory of the running task. The executor's budget is one number that cached blocks and execution share, kept in cells
 * that all threads see, so that asking costs no message unless cached blocks must make room.
 */

import { assert } from "@volley/engine/lib/assert.js";
import type { TaskMemory } from "@volley/engine/task/task-io.js";
import type { SlotChannel } from "./slot-channel.js";
import { CONTROL, MEMORY } from "./slot-messages.js";

const KIB = 1024;

export class SlotMemory implements TaskMemory {
  readonly #channel: SlotChannel;
  readonly #control: Int32Array;
  readonly #memory: Int32Array;
  /** In bytes; the shared cells hold it rounded up to KiB. */
  #held = 0;

  constructor(channel: SlotChannel, control: Int32Array, memory: Int32Array) {
    this.#channel = channel;
    this.#control = control;
    this.#memory = memory;
  }

  reserve(bytes: number, spill?: () => number): boolean {
    assert(bytes >= 0, "a reservation has a size");
    if (this.#take(bytes)) return true;
    // Blocks that nobody reads now go first: they can be had again, a spill costs this task for certain.
    if (this.#channel.ask({ op: "makeRoom", bytes }) && this.#take(bytes)) return true;
    if (spill === undefined || spill() <= 0) return false;
    return this.#take(bytes);
  }

  release(bytes: number): void {
    assert(bytes <= this.#held, "no more is released than was reserved");
    this.#hold(this.#held - bytes);
  }

  releaseAll(): void {
    this.#hold(0);
  }

  #take(bytes: number): boolean {
    const before = this.#held;
    this.#hold(before + bytes);
    const used = Atomics.load(this.#memory, MEMORY.storageKib) + Atomics.load(this.#memory, MEMORY.executionKib);
    if (used <= Atomics.load(this.#memory, MEMORY.budgetKib)) return true;
    this.#hold(before);
    return false;
  }

  #hold(bytes: number): void {
    const delta = Math.ceil(bytes / KIB) - Math.ceil(this.#held / KIB);
    this.#held = bytes;
    if (delta === 0) return;
    Atomics.add(this.#memory, MEMORY.executionKib, delta);
    // What a slot holds when it dies is given back by the main thread.
    Atomics.add(this.#control, CONTROL.heldKib, delta);
  }
}
