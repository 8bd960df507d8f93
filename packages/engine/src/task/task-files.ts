/** The part of the task runtime that reads and writes files and talks to programs. */

import type { BatchView, ClassRegistry } from "../columnar/types.js";
import { assert } from "../lib/assert.js";
import { mixSeed, Prng } from "../lib/prng.js";
import { ObjectOutput, objectBatches } from "./object-file.js";
import { pipeLines } from "./pipe-lines.js";
import { splitParts } from "./split-parts.js";
import type { FileSplit, TaskIo } from "./task-io.js";
import type { TaskInput } from "./task-spec.js";
import { TaskVectors } from "./task-vectors.js";
import { readLines } from "./text-lines.js";
import { TextOutput } from "./text-output.js";
import { fixedRecords, wholeFiles, wholeTexts } from "./whole-files.js";

export class TaskFiles extends TaskVectors {
  readonly io: TaskIo;
  readonly classes: ClassRegistry;
  /** Of its input, how much the task has read: less than 1 where parts were enough. */
  readShare = 1;

  constructor(io: TaskIo, classes: ClassRegistry) {
    super();
    this.io = io;
    this.classes = classes;
  }

  /** Lines of text splits, many at a time. */
  lines(input: TaskInput): Iterable<readonly string[]> {
    return readLines(this.io, splitsOf(input));
  }

  /** Lines from all over the splits, few of many: `readShare` is how many, about. */
  someLines(input: TaskInput): Iterable<readonly string[]> {
    const { splits, share } = splitParts(splitsOf(input), new Prng(mixSeed(0, this.io.partition)));
    this.readShare = share;
    return readLines(this.io, splits);
  }

  wholeFiles(input: TaskInput): Iterable<unknown> {
    return wholeFiles(this.io, splitsOf(input));
  }

  wholeTexts(input: TaskInput): Iterable<unknown> {
    return wholeTexts(this.io, splitsOf(input));
  }

  fixedRecords(input: TaskInput, length: number): Iterable<unknown> {
    return fixedRecords(this.io, splitsOf(input), length);
  }

  objectBatches(input: TaskInput, keepsClasses: boolean): Iterable<BatchView> {
    return objectBatches(this.io, splitsOf(input), keepsClasses, this.classes);
  }

  objectOutput(folder: string, keepsClasses: boolean): ObjectOutput {
    return new ObjectOutput(this.io, folder, keepsClasses, this.classes);
  }

  /** The lines that a program makes of the rows. */
  pipe(rows: Iterator<unknown>, command: readonly string[], env: Readonly<Record<string, string>>): Iterable<string> {
    return pipeLines(this.io, rows, command, env);
  }

  textOutput(folder: string, codec: "gzip" | undefined): TextOutput {
    return new TextOutput(this.io, folder, codec);
  }
}

function splitsOf(input: TaskInput): readonly FileSplit[] {
  assert(input.kind === "splits", "a splits input");
  return input.splits;
}
