/**
 * Execution memory of the running task. The executor's budget is one number that cached blocks and execution share, kept in cells
 * that all threads see, so that asking costs no message unless cached blocks must make room.
 *
 * As in Spark's unified memory manager: of n tasks that share execution memory each gets at most 1/n of what storage cannot claim, so that the
 * first one does not take it all; and one that has less than 1/2n waits for others, which spill or end, rather than go without.
 */

import { assert } from "@volley/engine/lib/assert.js";
import type { TaskMemory } from "@volley/engine/task/task-io.js";
import type { KnownGarbage } from "../blocks/known-garbage.js";
import type { HeapSampler } from "./heap-sample.js";
import type { SlotChannel } from "./slot-channel.js";
import { CONTROL, MEMORY } from "./slot-messages.js";

const KIB = 1024;
/** Of the budget, what blocks keep however much execution asks for. */
export const STORAGE_SHARE = 0.5;
/** How long a task waits for its least share, all its waits together: others may take long until they ask again. Then it spills. */
const WAIT_MAX_MS = 400;
/** Between two looks whether the task was told to stop. */
const WAIT_STEP_MS = 20;

/** Of the budget: when more is in use, the garbage of a task that ends is collected at once. */
const SHORT_SHARE = 0.5;
/** A task that held less leaves too little behind. */
const COLLECT_BYTES_MIN = 16 << 20;

export interface SlotMemoryHost {
  readonly now: () => number;
  /** This thread's. */
  readonly garbage: Pick<KnownGarbage, "add" | "pass" | "collect">;
  readonly sampler?: HeapSampler | undefined;
}

export class SlotMemory implements TaskMemory {
  readonly #channel: Pick<SlotChannel, "ask" | "checkCancelled">;
  readonly #control: Int32Array;
  readonly #memory: Int32Array;
  readonly #now: () => number;
  readonly #sampler: HeapSampler | undefined;
  readonly #garbage: SlotMemoryHost["garbage"];
  /** In bytes; the shared cells hold it rounded up to KiB. */
  #held = 0;
  /** Most that it held. */
  #most = 0;
  #waitLeftMs = WAIT_MAX_MS;

  constructor(
    channel: Pick<SlotChannel, "ask" | "checkCancelled">,
    control: Int32Array,
    memory: Int32Array,
    { now, garbage, sampler }: SlotMemoryHost,
  ) {
    this.#sampler = sampler;
    this.#garbage = garbage;
    this.#channel = channel;
    this.#control = control;
    this.#memory = memory;
    this.#now = now;
  }

  reserve(bytes: number, spill?: () => number): boolean {
    assert(bytes >= 0, "a reservation has a size");
    this.#sampler?.pass();
    this.#garbage.pass();
    this.#share();
    if (this.#get(bytes)) return true;
    if (spill === undefined || spill() <= 0) return false;
    return this.#isInShare(bytes) && this.#take(bytes);
  }

  spilled(): void {
    this.#garbage.collect();
  }

  fills(rows: number, bytes: number, site: number): void {
    this.#sampler?.table(rows, bytes, site);
  }

  release(bytes: number): void {
    assert(bytes <= this.#held, "no more is released than was reserved");
    this.#garbage.add(bytes);
    this.#hold(this.#held - bytes);
  }

  /** The task is over. */
  releaseAll(): void {
    const isShort = this.#usedKib() > Atomics.load(this.#memory, MEMORY.budgetKib) * SHORT_SHARE;
    this.#sampler?.table(0, 0, 0);
    this.#held = 0;
    giveBack(this.#control, this.#memory);
    // V8 would leave the task's garbage where it is while the next tasks add theirs.
    if (isShort && this.#most >= COLLECT_BYTES_MIN) this.#garbage.collect();
  }

  #get(bytes: number): boolean {
    if (!this.#isInShare(bytes)) return false;
    if (this.#take(bytes)) return true;
    // Blocks that nobody reads now go first: they can be had again, a spill costs this task for certain.
    if (this.#channel.ask({ op: "makeRoom", bytes }) && this.#take(bytes)) return true;
    while (this.#held + bytes <= this.#poolBytes() / 2 / this.#sharing() && this.#waitLeftMs > 0) {
      const seen = Atomics.load(this.#memory, MEMORY.releases);
      if (this.#take(bytes)) return true;
      this.#channel.checkCancelled();
      const startedAt = this.#now();
      Atomics.wait(this.#memory, MEMORY.releases, seen, WAIT_STEP_MS);
      this.#waitLeftMs -= this.#now() - startedAt;
    }
    return false;
  }

  #isInShare(bytes: number): boolean {
    return this.#held + bytes <= this.#poolBytes() / this.#sharing();
  }

  /** What execution can have at most: all that is not storage's own. */
  #poolBytes(): number {
    const budget = Atomics.load(this.#memory, MEMORY.budgetKib);
    const storage = Atomics.load(this.#memory, MEMORY.storageKib);
    return (budget - Math.min(storage, budget * STORAGE_SHARE)) * KIB;
  }

  #sharing(): number {
    return Math.max(1, Atomics.load(this.#memory, MEMORY.sharingTasks));
  }

  /** The task counts from its first request on. */
  #share(): void {
    if (Atomics.exchange(this.#control, CONTROL.sharing, 1) === 0) Atomics.add(this.#memory, MEMORY.sharingTasks, 1);
  }

  #take(bytes: number): boolean {
    const before = this.#held;
    this.#hold(before + bytes);
    if (this.#usedKib() <= Atomics.load(this.#memory, MEMORY.budgetKib)) {
      this.#most = Math.max(this.#most, this.#held);
      return true;
    }
    this.#hold(before);
    return false;
  }

  #usedKib(): number {
    return Atomics.load(this.#memory, MEMORY.storageKib) + Atomics.load(this.#memory, MEMORY.executionKib);
  }

  #hold(bytes: number): void {
    const delta = Math.ceil(bytes / KIB) - Math.ceil(this.#held / KIB);
    this.#held = bytes;
    if (delta === 0) return;
    Atomics.add(this.#memory, MEMORY.executionKib, delta);
    // What a slot holds when it dies is given back by the main thread.
    Atomics.add(this.#control, CONTROL.heldKib, delta);
    if (delta < 0) wakeWaiting(this.#memory);
  }
}

/** All that the task of a slot holds: at its end, or when its thread is gone. */
export function giveBack(control: Int32Array, memory: Int32Array): void {
  Atomics.sub(memory, MEMORY.executionKib, Atomics.exchange(control, CONTROL.heldKib, 0));
  if (Atomics.exchange(control, CONTROL.sharing, 0) === 1) Atomics.sub(memory, MEMORY.sharingTasks, 1);
  wakeWaiting(memory);
}

function wakeWaiting(memory: Int32Array): void {
  Atomics.add(memory, MEMORY.releases, 1);
  Atomics.notify(memory, MEMORY.releases);
}
