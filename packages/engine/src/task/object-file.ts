/**
 * Rows in files: a magic number, then frames of a length, a checksum and a block (both uint32, little endian). Any value that can be a row
 * comes back as it was. Instances of the user's classes do so only inside one application (checkpoints): a file that outlives it may not hold them.
 */

import { readBatches } from "../columnar/block-reader.js";
import { BlockWriter } from "../columnar/block-writer.js";
import type { BatchView, ClassRegistry } from "../columnar/types.js";
import { VolleyError } from "../wire/errors.js";
import { attemptOutputName } from "./output-name.js";
import type { FileSplit, OutputFile, TaskIo } from "./task-io.js";
import { partName } from "./text-output.js";

/** "VOLO", then the version of the format. */
const MAGIC = new Uint8Array([0x56, 0x4f, 0x4c, 0x4f, 1, 0, 0, 0]);
const FRAME_HEAD_BYTES = 8;
/** Rows of a frame: what a reader holds at once. */
const FRAME_ROWS = 16_384;
/** No frame that this engine writes comes near; a larger one is damage. */
const FRAME_BYTES_MAX = 2 ** 31;

/** Knows no class: rows of files that outlive the application. */
const NO_CLASSES: ClassRegistry = {
  idOf: () => undefined,
  byId: () => {
    throw new VolleyError(
      "FILE_DAMAGED",
      "the file holds an instance of a class, which only the application that wrote it knows",
    );
  },
};

function classesFor(keepsClasses: boolean, classes: ClassRegistry): ClassRegistry {
  return keepsClasses ? classes : NO_CLASSES;
}

export class ObjectOutput {
  readonly #io: TaskIo;
  readonly #classes: ClassRegistry;
  readonly #file: OutputFile;
  readonly #name: string;
  #writer: BlockWriter;
  #framed = 0;
  #rows = 0;

  constructor(io: TaskIo, folder: string, keepsClasses: boolean, classes: ClassRegistry) {
    this.#io = io;
    this.#classes = classesFor(keepsClasses, classes);
    this.#writer = new BlockWriter(this.#classes);
    this.#name = attemptOutputName(partName(io.partition), io.taskId);
    this.#file = io.createOutput(folder, partName(io.partition));
    this.#file.write(MAGIC);
  }

  push(row: unknown): void {
    this.#writer.push(row);
    this.#rows++;
    if (++this.#framed >= FRAME_ROWS) this.#flush();
  }

  #flush(): void {
    if (this.#framed === 0) return;
    const block = this.#writer.finish();
    const head = new DataView(new ArrayBuffer(FRAME_HEAD_BYTES));
    head.setUint32(0, block.byteLength, true);
    head.setUint32(4, this.#io.crc32(block), true);
    this.#file.write(new Uint8Array(head.buffer));
    this.#file.write(block);
    this.#writer = new BlockWriter(this.#classes);
    this.#framed = 0;
  }

  /** `[file name, bytes, crc32, rows]`. */
  finish(): [string, number, number, number] {
    this.#flush();
    const { bytes, crc32 } = this.#file.close();
    return [this.#name, bytes, crc32, this.#rows];
  }
}

/** Batches of the rows of object files. */
export function* objectBatches(
  io: TaskIo,
  splits: readonly FileSplit[],
  keepsClasses: boolean,
  classes: ClassRegistry,
): Generator<BatchView> {
  for (const split of splits) {
    for (const block of frames(io, split)) {
      for (const batch of readBatches(block, classesFor(keepsClasses, classes))) {
        io.checkCancelled();
        io.metrics.rowsRead += batch.rowCount;
        yield batch;
      }
    }
  }
}

function* frames(io: TaskIo, split: FileSplit): Generator<Uint8Array> {
  const bytes = new ByteSource(io, split);
  const magic = bytes.take(MAGIC.byteLength);
  if (magic === undefined || magic.some((byte, index) => byte !== MAGIC[index])) {
    throw new VolleyError("FILE_DAMAGED", `${split.path} was not written by saveAsObjectFile of this version`);
  }
  for (;;) {
    const head = bytes.take(FRAME_HEAD_BYTES);
    if (head === undefined) return;
    const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
    const length = view.getUint32(0, true);
    const block = length > FRAME_BYTES_MAX ? undefined : bytes.take(length);
    if (block === undefined) throw new VolleyError("FILE_DAMAGED", `${split.path} ends inside a frame`);
    if (io.crc32(block) !== view.getUint32(4, true))
      throw new VolleyError("FILE_DAMAGED", `a checksum of ${split.path} does not match`);
    yield block;
  }
}

/** The bytes of a file in the pieces that are asked for. */
class ByteSource {
  readonly #chunks: Iterator<Uint8Array>;
  readonly #io: TaskIo;
  readonly #path: string;
  #chunk = new Uint8Array(0);

  constructor(io: TaskIo, split: FileSplit) {
    this.#io = io;
    this.#path = split.path;
    this.#chunks = io.readFile({ ...split, start: 0, length: split.fileLength })[Symbol.iterator]();
  }

  /** The next `length` bytes in memory of their own; undefined at the end of the file. */
  take(length: number): Uint8Array | undefined {
    const parts: Uint8Array[] = [];
    let missing = length;
    while (missing > 0) {
      if (this.#chunk.byteLength === 0 && !this.#more()) break;
      const part = this.#chunk.subarray(0, missing);
      parts.push(part.slice());
      this.#chunk = this.#chunk.subarray(part.byteLength);
      missing -= part.byteLength;
    }
    if (missing === length && length > 0) return undefined;
    if (missing > 0) throw new VolleyError("FILE_DAMAGED", `${this.#path} ends too early`);
    return join(parts, length);
  }

  #more(): boolean {
    const next = this.#chunks.next();
    if (next.done === true) return false;
    this.#io.metrics.bytesRead += next.value.byteLength;
    this.#chunk = next.value as Uint8Array<ArrayBuffer>;
    return true;
  }
}

function join(parts: readonly Uint8Array[], length: number): Uint8Array {
  const all = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.byteLength;
  }
  return all;
}
