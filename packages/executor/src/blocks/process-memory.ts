/**
 * What the whole process holds beside its budget, as every thread sees it: the main thread looks ten times a second, which costs the others nothing. It decides
 * when garbage is worth a full collection.
 */

import { MEMORY } from "../task/slot-messages.js";

/** Of the budget, and at most: what the process may hold beyond what is counted, its own code and heaps included, before that must be garbage. */
const UNCOUNTED_SHARE = 0.5;
const UNCOUNTED_KIB_MAX = 1 << 20;
/** Of the budget, and at most: garbage that a thread knows of before it collects; each thread may have so much. Less than a few MiB is not worth a full collection. */
const GARBAGE_SHARE = 1 / 16;
const GARBAGE_KIB_MAX = 32 << 10;
const GARBAGE_KIB_MIN = 8 << 10;

export class ProcessMemory {
  readonly #cells: Int32Array;
  // User code in this thread may replace it.
  readonly #load = Atomics.load;

  constructor(cells: Int32Array) {
    this.#cells = cells;
  }

  setBudget(bytes: number): void {
    Atomics.store(this.#cells, MEMORY.processKib, Math.floor(bytes / 1024));
  }

  /** The main thread has looked. */
  noteResident(rssBytes: number): void {
    Atomics.store(this.#cells, MEMORY.residentKib, Math.ceil(rssBytes / 1024));
  }

  /** Is so much garbage worth a full collection? Not while the process is within its budget. */
  isWorthCollecting(garbageKib: number): boolean {
    const budgetKib = this.#at(MEMORY.processKib);
    const enoughKib = Math.max(GARBAGE_KIB_MIN, Math.min(GARBAGE_KIB_MAX, budgetKib * GARBAGE_SHARE));
    return garbageKib >= enoughKib && this.#at(MEMORY.residentKib) > budgetKib;
  }

  /** Does it hold so much more than what is counted that it must be garbage? */
  holdsMuchGarbage(): boolean {
    const countedKib = this.#at(MEMORY.storageKib) + this.#at(MEMORY.executionKib);
    const uncountedKibMax = Math.min(this.#at(MEMORY.processKib) * UNCOUNTED_SHARE, UNCOUNTED_KIB_MAX);
    return this.#at(MEMORY.residentKib) - countedKib > uncountedKibMax;
  }

  #at(cell: number): number {
    return this.#load(this.#cells, cell);
  }
}
