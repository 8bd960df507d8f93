/** Rows as lines of an output file. */

import { VolleyError } from "../wire/errors.js";
import { attemptOutputName } from "./output-name.js";
import type { OutputFile, TaskIo } from "./task-io.js";

/** Characters gathered before they are encoded and written at once. */
const CHUNK_CHARACTERS = 64 * 1024;

export class TextOutput {
  readonly #name: string;
  readonly #file: OutputFile;
  #lines = "";
  #rows = 0;

  constructor(io: TaskIo, folder: string, codec: "gzip" | undefined) {
    const name = `${partName(io.partition)}${codec === "gzip" ? ".gz" : ""}`;
    this.#name = attemptOutputName(name, io.taskId);
    this.#file = io.createOutput(folder, name, codec);
  }

  push(row: unknown): void {
    this.#rows++;
    this.#lines += `${lineOf(row)}\n`;
    if (this.#lines.length >= CHUNK_CHARACTERS) this.#flush();
  }

  #flush(): void {
    // A lone surrogate has no UTF-8 form; it becomes the replacement character, as everywhere.
    if (this.#lines !== "") this.#file.write(new TextEncoder().encode(this.#lines));
    this.#lines = "";
  }

  /** `[file name, bytes, crc32, rows]`; the name as it lies in the folder, so that the driver knows which attempt's file it is. */
  finish(): [string, number, number, number] {
    this.#flush();
    const { bytes, crc32 } = this.#file.close();
    return [this.#name, bytes, crc32, this.#rows];
  }
}

/** `part-00000`: Hadoop's names, five digits or more. */
export function partName(partition: number): string {
  return `part-${String(partition).padStart(5, "0")}`;
}

/** A row as text: objects and arrays as JSON, Dates in ISO form, everything else as `String` has it. */
export function lineOf(row: unknown): string {
  if (typeof row !== "object" || row === null) return String(row);
  if (row instanceof Date) return Number.isNaN(row.getTime()) ? String(row) : row.toISOString();
  try {
    return (
      JSON.stringify(row, (_, value: unknown) => (typeof value === "bigint" ? String(value) : value)) ?? String(row)
    );
  } catch (cause) {
    // Circles, rows deeper than the stack, and `toJSON` methods that throw.
    const why = cause instanceof Error ? (cause.message.split("\n")[0] as string) : String(cause);
    throw new VolleyError("ROW_NOT_TRANSFERABLE", `a row has no form as JSON (${why}); map it to text first`, {
      cause,
    });
  }
}
