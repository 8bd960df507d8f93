/**
 * What a slot's heap holds, where the main thread sees it: a thread that runs out of memory can say nothing any more, and may take the process with
 * it. The thread looks at itself whenever it passes by at the edge of a batch, about ten times a second.
 */

import { getHeapStatistics } from "node:v8";
import { CONTROL } from "./slot-messages.js";

const KIB = 1024;
const INTERVAL_MS = 100;

export class HeapSampler {
  readonly #control: Int32Array;
  // User code in this thread may replace these.
  readonly #now = performance.now.bind(performance);
  readonly #statistics = getHeapStatistics;
  readonly #store = Atomics.store;
  #next = 0;

  constructor(control: Int32Array) {
    this.#control = control;
  }

  /** Looks, if it is time. */
  pass(): void {
    const now = this.#now();
    if (now < this.#next) return;
    this.#next = now + INTERVAL_MS;
    const { used_heap_size: used, total_heap_size: total, external_memory: external } = this.#statistics();
    this.#put(CONTROL.heapUsedKib, used / KIB);
    this.#put(CONTROL.heapTotalKib, total / KIB);
    this.#put(CONTROL.externalKib, external / KIB);
    this.#put(CONTROL.samples, (this.#control[CONTROL.samples] as number) + 1);
  }

  /** The table that the task fills: its rows, about how many bytes they are, and which site of the stage it belongs to. */
  table(rows: number, bytes: number, site: number): void {
    this.#put(CONTROL.tableRows, rows);
    this.#put(CONTROL.tableKib, bytes / KIB);
    this.#put(CONTROL.tableSite, site);
    this.pass();
  }

  #put(cell: number, value: number): void {
    this.#store(this.#control, cell, Math.min(value, 0x7fffffff));
  }
}

/** A slot's last sample, as the main thread reads it; sizes in bytes. */
export interface HeapSample {
  readonly heapUsedBytes: number;
  /** What V8 has taken for it. */
  readonly heapBytes: number;
  /** Buffers that belong to objects of the heap. */
  readonly externalBytes: number;
  readonly heldBytes: number;
  readonly table: { readonly rows: number; readonly bytes: number; readonly site: number } | undefined;
  /** Grows with each sample. */
  readonly samples: number;
}

export function readSample(control: Int32Array): HeapSample {
  const at = (cell: number) => Atomics.load(control, cell);
  const rows = at(CONTROL.tableRows);
  return {
    heapUsedBytes: at(CONTROL.heapUsedKib) * KIB,
    heapBytes: at(CONTROL.heapTotalKib) * KIB,
    externalBytes: at(CONTROL.externalKib) * KIB,
    heldBytes: at(CONTROL.heldKib) * KIB,
    table: rows === 0 ? undefined : { rows, bytes: at(CONTROL.tableKib) * KIB, site: at(CONTROL.tableSite) },
    samples: at(CONTROL.samples),
  };
}
