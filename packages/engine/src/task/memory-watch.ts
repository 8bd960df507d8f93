/** Watches a table or buffer as it grows, and says when it has to be spilled because the task gets no more memory. */

import type { TaskMemory } from "./task-io.js";

/** Rows before the first look: fewer are not worth one. */
const FIRST_CHECK_ROWS = 4096;
/** A smaller table stays whatever the budget says: spilling it would cost more than it frees. */
const SPILL_MIN_BYTES = 4 * 1024 * 1024;
/** Of a large table's rows, how many more may come before it is looked at again: about what it may exceed its memory by. */
const GROWTH_SHARE = 1 / 16;
const SAMPLES = 32;
/** Of a key's place in the hash table beside the key itself. */
const ENTRY_BYTES = 40;
/** What a heap holds for each byte of a table: arrays that were copied as they grew and are not collected yet, pages that are not full. */
const HEAP_SHARE = 1.25;

export class MemoryWatch {
  /** The number of added rows at which to ask `mustSpill`. */
  next = FIRST_CHECK_ROWS;
  readonly #memory: TaskMemory;
  readonly #site: number;
  #reserved = 0;
  #isSpilling = false;

  /** `site`: of the operator whose table it is. */
  constructor(memory: TaskMemory, site: number) {
    this.#memory = memory;
    this.#site = site;
  }

  /** `rows` were added since the last reset; entry i is of about `sizeOf(i)` bytes. False: go on. */
  mustSpill(rows: number, entries: number, sizeOf: (index: number) => number): boolean {
    const step = Math.max(1, Math.floor(entries / SAMPLES));
    let sampled = 0;
    let count = 0;
    for (let index = 0; index < entries; index += step) {
      sampled += sizeOf(index);
      count++;
    }
    const bytes = Math.ceil(HEAP_SHARE * entries * (ENTRY_BYTES + (count === 0 ? 0 : sampled / count)));
    this.#memory.fills?.(rows, bytes, this.#site);
    if (bytes > this.#reserved) {
      // A small table that was refused stays, uncounted.
      if (this.#memory.reserve(bytes - this.#reserved)) this.#reserved = bytes;
      else if (bytes >= SPILL_MIN_BYTES) {
        this.#isSpilling = true;
        return true;
      }
    }
    this.wait(rows);
    return false;
  }

  /** Looks again when there are more of the `rows` that there are now: also for who cannot spill what should be. */
  wait(rows: number): void {
    this.next = rows + Math.max(FIRST_CHECK_ROWS, Math.floor(rows * GROWTH_SHARE));
  }

  /** Of what was watched, `freed` bytes are garbage, and others have come in their place: a large part that goes is collected where memory is short. */
  replace(freed: number, taken: number): void {
    const released = Math.min(freed, this.#reserved);
    this.#memory.release(released);
    this.#reserved -= released;
    // What is there is counted if it can be.
    if (this.#memory.reserve(taken)) this.#reserved += taken;
  }

  /** All that was watched is gone. */
  reset(): void {
    this.#memory.release(this.#reserved);
    this.#reserved = 0;
    if (this.#isSpilling) this.#memory.spilled?.();
    this.#isSpilling = false;
    this.#memory.fills?.(0, 0, this.#site);
    this.next = FIRST_CHECK_ROWS;
  }
}
