/**
 * Rows that are read again and again, computed once: in memory while they fit. What came first goes to the disk when they do not, and is decoded
 * anew each time it is read.
 */

import { readBatches } from "../columnar/block-reader.js";
import { BlockWriter } from "../columnar/block-writer.js";
import type { ClassRegistry } from "../columnar/types.js";
import { estimateSize } from "../lib/size-estimate.js";
import { VolleyError } from "../wire/errors.js";
import { MemoryWatch } from "./memory-watch.js";
import type { SpillFile, TaskIo } from "./task-io.js";

/** Rows of a block on the disk: what is in memory of them while they are read. */
const BLOCK_ROWS = 2048;

export class KeptRows {
  readonly #io: TaskIo;
  readonly #classes: ClassRegistry;
  readonly #watch: MemoryWatch;
  /** Those that are in memory. */
  #rows: unknown[] = [];
  /** Those before them. */
  #file: SpillFile | undefined;
  #maySpill = true;

  /** Reads all of `rows`. `site`: of the operator that keeps them. */
  constructor(io: TaskIo, classes: ClassRegistry, site: number, rows: Iterable<unknown>) {
    this.#io = io;
    this.#classes = classes;
    this.#watch = new MemoryWatch(io.memory, site);
    for (const row of rows) if (this.#rows.push(row) >= this.#watch.next) this.#look();
  }

  /** All rows in their order. */
  chunks(): Iterable<readonly unknown[]> {
    return this.#file === undefined ? [this.#rows] : this.#withDisk(this.#file);
  }

  /** They are needed no longer. */
  release(): void {
    this.#rows = [];
    this.#file?.remove();
    this.#file = undefined;
    this.#watch.reset();
  }

  *#withDisk(file: SpillFile): Generator<readonly unknown[]> {
    for (const block of file.read()) {
      this.#io.checkCancelled();
      for (const batch of readBatches(block, this.#classes)) yield batch.rows();
    }
    yield this.#rows;
  }

  #look(): void {
    this.#io.checkCancelled();
    const count = this.#rows.length;
    const isTooLarge = this.#watch.mustSpill(count, count, (index) => estimateSize(this.#rows[index]));
    if (isTooLarge && this.#maySpill) this.#spill();
    else if (isTooLarge) this.#watch.wait(count);
  }

  #spill(): void {
    this.#file ??= this.#io.createSpill();
    const rows = this.#rows;
    let written = 0;
    for (; this.#maySpill && written < rows.length; written += BLOCK_ROWS) {
      const block = this.#encoded(rows.slice(written, written + BLOCK_ROWS));
      if (block === undefined) break;
      this.#file.write(block);
    }
    this.#rows = rows.slice(written);
    if (this.#rows.length === 0) this.#watch.reset();
    else this.#watch.wait(this.#rows.length);
  }

  /** Undefined when a row holds what no block can: it need never leave this task, so it stays in memory, and all after it. */
  #encoded(rows: readonly unknown[]): Uint8Array | undefined {
    try {
      const writer = new BlockWriter(this.#classes);
      writer.pushAll(rows);
      return writer.finish();
    } catch (error) {
      if (!VolleyError.is(error, "ROW_NOT_TRANSFERABLE")) throw error;
      this.#maySpill = false;
      return undefined;
    }
  }
}
