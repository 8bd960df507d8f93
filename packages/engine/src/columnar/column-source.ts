/**
 * Where the nodes and buffers of a batch's columns lie: in a block, whose every length is checked before it is followed, or in memory that
 * was filled just now.
 */
import type { BatchHead } from "./arrow-message.js";
import { corruptBlock } from "./flatbuffer-reader.js";
import type { ArrayOf } from "./plan-binary.js";

export interface ColumnSource {
  /** Bytes of all buffers together. */
  readonly bodyBytes: number;
  nodeLength(node: number): number;
  nodeNulls(node: number): number;
  bufferBytes(buffer: number): number;
  /** The first `count` elements of a buffer, in place. Throws BLOCK_CORRUPT when there are fewer. */
  array<T>(constructor: ArrayOf<T>, buffer: number, count: number): T;
}

/** A record batch of a block. The block starts at a multiple of 8 in its buffer, and so does the body in the block. */
export class BlockSource implements ColumnSource {
  readonly #block: Uint8Array;
  readonly #bodyStart: number;
  readonly #head: BatchHead;

  constructor(block: Uint8Array, bodyStart: number, head: BatchHead) {
    this.#block = block;
    this.#bodyStart = bodyStart;
    this.#head = head;
  }

  get bodyBytes(): number {
    return this.#head.bodyBytes;
  }

  nodeLength(node: number): number {
    return this.#head.nodeLength(node);
  }

  nodeNulls(node: number): number {
    return this.#head.nodeNulls(node);
  }

  bufferBytes(buffer: number): number {
    this.#head.bufferStart(buffer); // throws unless it lies in the body
    return this.#head.bufferBytes(buffer);
  }

  array<T>(constructor: ArrayOf<T>, buffer: number, count: number): T {
    const start = this.#head.bufferStart(buffer);
    if (count * constructor.BYTES_PER_ELEMENT > this.#head.bufferBytes(buffer))
      throw corruptBlock("a column with too few bytes");
    return new constructor(this.#block.buffer, this.#block.byteOffset + this.#bodyStart + start, count);
  }
}

/** Columns that were made in memory. Each buffer starts where its elements may. */
export class MadeSource implements ColumnSource {
  readonly #nodes: readonly number[];
  readonly #buffers: readonly ArrayBufferView[];

  /** `nodes`: length and null count of each column. */
  constructor(nodes: readonly number[], buffers: readonly ArrayBufferView[]) {
    this.#nodes = nodes;
    this.#buffers = buffers;
  }

  get bodyBytes(): number {
    return this.#buffers.reduce((sum, buffer) => sum + buffer.byteLength, 0);
  }

  nodeLength(node: number): number {
    return this.#nodes[node * 2] as number;
  }

  nodeNulls(node: number): number {
    return this.#nodes[node * 2 + 1] as number;
  }

  bufferBytes(buffer: number): number {
    return (this.#buffers[buffer] as ArrayBufferView).byteLength;
  }

  array<T>(constructor: ArrayOf<T>, buffer: number, count: number): T {
    const { buffer: memory, byteOffset } = this.#buffers[buffer] as ArrayBufferView;
    return new constructor(memory, byteOffset, count);
  }
}
