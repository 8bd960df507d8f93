/** The part of the task runtime that looks into batches, and carries keys between batches and tables. */

import type { KeyIndex } from "../columnar/key-index.js";
import { textMatches, valueMatches } from "../columnar/text-matches.js";
import type { BatchView, Element } from "../columnar/types.js";
import type { Entries } from "./entries.js";
import type { SegmentWriter } from "./segment-writer.js";
import { TaskFiles } from "./task-files.js";
import { writeTable } from "./write-table.js";

export class TaskBatches extends TaskFiles {
  /** One row of a batch, for an error message. */
  rowOf(batch: BatchView | undefined, index: number): unknown {
    return batch?.rows()[index];
  }

  /** Whether every row of a batch is an array with at least so many elements, each in a column of its own. */
  hasElements(batch: BatchView, width: number): boolean {
    return batch.shape.kind === "tuple" && batch.shape.width >= width;
  }

  /** Whether every row of a batch, or what lies in it at `path`, is an array of two elements, each in a column of its own. */
  hasPairs(batch: BatchView, path?: readonly (number | string)[]): boolean {
    const shape = path === undefined ? batch.shape : batch.shapeOf(path);
    return shape.kind === "tuple" && shape.width === 2;
  }

  /** Whether these elements inside of elements lie in columns of their own. */
  hasColumns(batch: BatchView, paths: readonly (readonly (number | string)[])[]): boolean {
    return paths.every((path) => {
      const shape = batch.shapeOf(path.slice(0, -1));
      const key = path.at(-1);
      if (typeof key === "number") return shape.kind === "tuple" && key < shape.width;
      return shape.kind === "object" && shape.fields.includes(String(key));
    });
  }

  /** Whether every row of a batch is a plain object with these fields. */
  hasFields(batch: BatchView, fields: readonly string[]): boolean {
    const { shape } = batch;
    return shape.kind === "object" && fields.every((field) => shape.fields.includes(field));
  }

  /** 1 for each row in which an element is a text, otherwise 0. */
  matches(batch: BatchView, element: Element, text: string): Uint8Array {
    const texts = batch.texts?.(element);
    return texts === undefined ? valueMatches(batch.column(element), text) : textMatches(texts, text);
  }

  /** Keys of a batch of pairs that a keyed exchange wrote. */
  keysOf(batch: BatchView): ArrayLike<unknown> {
    return this.hasPairs(batch) ? batch.column(0) : batch.rows().map((row) => (row as readonly unknown[])[0]);
  }

  valuesOf(batch: BatchView): ArrayLike<unknown> {
    return this.hasPairs(batch) ? batch.column(1) : batch.rows().map((row) => (row as readonly unknown[])[1]);
  }

  /** The key of a pair that a keyed exchange wrote, for an error message. */
  keyOf(batch: BatchView | undefined, index: number): unknown {
    return batch === undefined ? undefined : this.keysOf(batch)[index];
  }

  /** Slots of the keys of a batch of pairs, or of a batch whose rows are the keys; good until the next call. Strings are not decoded for it. */
  slotsOf(keys: KeyIndex, batch: BatchView, arePairs: boolean): Int32Array {
    const texts = arePairs && !this.hasPairs(batch) ? undefined : batch.texts?.(arePairs ? 0 : undefined);
    const slots = texts === undefined ? undefined : keys.slotsOfTexts(texts);
    return slots ?? keys.slotsOf(arePairs ? this.keysOf(batch) : batch.column());
  }

  /** Writes a table of keys and combiners to the segments of the keys' hash partitions. */
  writeTable(writer: SegmentWriter, keys: KeyIndex, entries: Entries, numPartitions: number): void {
    if (Array.isArray(entries)) for (const entry of entries) if (typeof entry === "object") this.noPromise(entry);
    writeTable(writer, keys, entries, numPartitions);
  }

  /** The same for keys alone. */
  writeKeys(writer: SegmentWriter, keys: KeyIndex, numPartitions: number): void {
    writeTable(writer, keys, undefined, numPartitions);
  }
}
