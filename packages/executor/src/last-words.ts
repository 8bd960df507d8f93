/** Writes what the executor would have to say if it died now (engine/wire/last-words.ts). */

import { closeSync, constants, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import type { ExecutorConfig } from "@volley/engine/wire/executor-config.js";
import {
  LAST_WORDS_BYTES,
  LAST_WORDS_FILE,
  LAST_WORDS_SLOTS_MAX,
  type LastWords,
} from "@volley/engine/wire/last-words.js";
import type { KnownGarbage } from "./blocks/known-garbage.js";
import { ProcessMemory } from "./blocks/process-memory.js";
import { MEMORY } from "./task/slot-messages.js";
import type { SlotPool } from "./task/slot-pool.js";

const INTERVAL_MS = 100;
const { rss } = process.memoryUsage;

interface Speaker {
  readonly config: ExecutorConfig;
  readonly memoryCells: Int32Array;
  readonly pool: SlotPool;
}

/** What there is to say at this moment. */
export function wordsOf({ config, memoryCells, pool }: Speaker): LastWords {
  return {
    rssBytes: rss(),
    budgetBytes: config.memoryBytes,
    storageBytes: Atomics.load(memoryCells, MEMORY.storageKib) * 1024,
    executionBytes: Atomics.load(memoryCells, MEMORY.executionKib) * 1024,
    heapLimitBytes: pool.heapLimitBytes,
    slots: pool.samples(),
  };
}

export class LastWordsWriter {
  readonly #descriptor: number;
  readonly #timer: NodeJS.Timeout;

  #wasBusy = false;

  /** While the process holds more than `rssLimitBytes` the pool is told to end a task: V8 does not count buffers towards a heap's limit. */
  constructor(speaker: Speaker & { readonly rssLimitBytes: number; readonly garbage: KnownGarbage }) {
    const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
    this.#descriptor = openSync(join(speaker.config.localDir, LAST_WORDS_FILE), flags, 0o600);
    const processMemory = new ProcessMemory(speaker.memoryCells);
    this.#timer = setInterval(() => {
      const said = wordsOf(speaker);
      processMemory.noteResident(said.rssBytes);
      speaker.garbage.pass();
      if (said.rssBytes > speaker.rssLimitBytes) speaker.pool.relieve(said);
      const isBusy = said.slots.length > 0;
      if (isBusy || this.#wasBusy) this.#write(said);
      this.#wasBusy = isBusy;
    }, INTERVAL_MS);
    this.#timer.unref();
  }

  stop(): void {
    clearInterval(this.#timer);
    closeSync(this.#descriptor);
  }

  #write(words: LastWords): void {
    const slots = [...words.slots].sort(
      (a, b) => b.heapUsedBytes + b.externalBytes - a.heapUsedBytes - a.externalBytes,
    );
    const text = JSON.stringify({ ...words, slots: slots.slice(0, LAST_WORDS_SLOTS_MAX) }).padEnd(LAST_WORDS_BYTES);
    try {
      writeSync(this.#descriptor, text, 0, "latin1");
    } catch {
      // A disk that is full: the process lives, and may have nothing to say later.
    }
  }
}
