/** The event log as a JSON Lines file: one event a line, in order, under a name made of the application's id. */

import { createWriteStream, mkdirSync, type WriteStream } from "node:fs";
import { join } from "node:path";
import { finished } from "node:stream/promises";
import { VolleyError } from "@volley/engine/wire/errors.js";
import type { VolleyEvent } from "./events.js";

/** Characters that may wait for the disk. Beyond it lines are left out and counted: a full or slow disk stops no job. */
const WAITING_CHARS_MAX = 64 << 20;
/** Lines are put together up to this size before they go to the stream. */
const BATCH_CHARS = 64 << 10;

export class EventLogFile {
  readonly path: string;
  readonly #stream: WriteStream;
  readonly #onDefect: (error: unknown) => void;
  #batch: string[] = [];
  #batchChars = 0;
  #waitingChars = 0;
  #failed = false;
  #timer: NodeJS.Timeout | undefined;
  /** Events that are not in the file. */
  dropped = 0;

  constructor(folder: string, applicationId: string, onDefect: (error: unknown) => void) {
    this.#onDefect = onDefect;
    try {
      mkdirSync(folder, { recursive: true });
    } catch (error) {
      throw new VolleyError("INVALID_OPTION", `the folder for event logs cannot be made: ${(error as Error).message}`, {
        cause: error,
      });
    }
    this.path = join(folder, `${applicationId.replaceAll(/[^a-z0-9-]/gi, "_")}.jsonl`);
    this.#stream = createWriteStream(this.path, { flags: "wx", mode: 0o600 });
    this.#stream.on("error", (error) => {
      this.#failed = true;
      this.#onDefect(error);
    });
  }

  /** The log's subscriber. Never waits. */
  add(event: VolleyEvent): void {
    if (this.#failed || this.#waitingChars > WAITING_CHARS_MAX) {
      this.dropped++;
      return;
    }
    const line = `${JSON.stringify(event)}\n`;
    this.#batch.push(line);
    this.#batchChars += line.length;
    this.#waitingChars += line.length;
    if (this.#batchChars >= BATCH_CHARS) this.#flush();
    else if (this.#timer === undefined) {
      this.#timer = setTimeout(() => this.#flush(), 200);
      this.#timer.unref();
    }
  }

  /** Writes what waits and closes the file. */
  async close(): Promise<void> {
    this.#flush();
    if (this.#failed) return;
    this.#stream.end();
    await finished(this.#stream).catch((error: unknown) => {
      if (!this.#failed) this.#onDefect(error);
    });
  }

  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#batch.length === 0 || this.#failed) return;
    const text = this.#batch.join("");
    this.#batch = [];
    this.#batchChars = 0;
    this.#stream.write(text, () => {
      this.#waitingChars -= text.length;
    });
  }
}
