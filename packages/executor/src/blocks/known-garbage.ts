/**
 * Memory that this thread knows to be garbage, and that V8 sees no reason to collect while a heap may grow: blocks that have left memory, to the disk or
 * for good (shared memory is given back when every thread that had it in its hands has collected), and tables that are no longer needed. So each
 * thread looks here at the edges of its batches, and collects when the process holds more than its budget.
 */

import { MEMORY } from "../task/slot-messages.js";
import { ProcessMemory } from "./process-memory.js";

const KIB = 1024;

export class KnownGarbage {
  readonly #cells: Int32Array;
  readonly #process: ProcessMemory;
  readonly #collect: () => void;
  readonly #load = Atomics.load;
  /** What had left when this thread last collected. */
  #seenKib: number;
  #ownKib = 0;

  /** `collect`: lets go of what this thread remembers of blocks, and collects its garbage. */
  constructor(cells: Int32Array, collect: () => void) {
    this.#cells = cells;
    this.#process = new ProcessMemory(cells);
    this.#collect = collect;
    this.#seenKib = this.#load(cells, MEMORY.leftKib);
  }

  /** So many bytes of this thread's own are needed no longer; something may still refer to them. */
  add(bytes: number): void {
    this.#ownKib += bytes / KIB;
  }

  /** Collects when it is time. */
  pass(): void {
    const leftKib = this.#load(this.#cells, MEMORY.leftKib);
    // The cell wraps around.
    const garbageKib = ((leftKib - this.#seenKib) | 0) + this.#ownKib;
    if (this.#process.isWorthCollecting(garbageKib)) this.collect();
  }

  collect(): void {
    this.#seenKib = this.#load(this.#cells, MEMORY.leftKib);
    this.#ownKib = 0;
    this.#collect();
  }
}
