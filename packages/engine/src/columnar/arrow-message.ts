/**
 * The frames of an Arrow IPC stream: `[ff ff ff ff][int32 length of the metadata][metadata][body]`, all 8-byte aligned, closed by a frame of
 * length 0. Record batches differ from each other in numbers only, so their metadata is laid down at fixed places instead of being built.
 */
import { corruptBlock, FlatbufferReader } from "./flatbuffer-reader.js";

export const METADATA_V5 = 4;
export const MESSAGE_SCHEMA = 1;
export const MESSAGE_RECORD_BATCH = 3;
const CONTINUATION = 0xffffffff;
const PREFIX_BYTES = 8;
/** What closes a stream. */
export const END_OF_STREAM = new Uint8Array([255, 255, 255, 255, 0, 0, 0, 0]);
/** Rows of a batch: no batch of ours has more, and a damaged one must not make us allocate for more. */
export const BATCH_ROWS_MAX = 1 << 20;

/** Puts the frame's prefix before metadata whose length is a multiple of 8. */
export function messageOf(metadata: Uint8Array): Uint8Array {
  const message = new Uint8Array(PREFIX_BYTES + metadata.length);
  const view = new DataView(message.buffer);
  view.setUint32(0, CONTINUATION, true);
  view.setUint32(4, metadata.length, true);
  message.set(metadata, PREFIX_BYTES);
  return message;
}

export function padded(length: number): number {
  return Math.ceil(length / 8) * 8;
}

/** One column's length and nulls: two entries a node. Buffers: lengths only, they lie one after the other, each padded to 8 bytes. */
export interface BatchLayout {
  readonly rowCount: number;
  readonly nodes: readonly number[];
  readonly bufferBytes: readonly number[];
  readonly bodyBytes: number;
}

/** Bytes of a record batch's message before its body, with the prefix. */
export function batchHeadBytes(nodeCount: number, bufferCount: number): number {
  return PREFIX_BYTES + 80 + 16 * (nodeCount + bufferCount);
}

/** Writes the head of a record batch message at `at` in `target`; the body follows at `at + batchHeadBytes(...)`. */
export function writeBatchHead(target: DataView, at: number, layout: BatchLayout): void {
  const nodeCount = layout.nodes.length / 2;
  const bufferCount = layout.bufferBytes.length;
  const base = at + PREFIX_BYTES;
  target.setUint32(at, CONTINUATION, true);
  target.setUint32(at + 4, 80 + 16 * (nodeCount + bufferCount), true);
  for (let i = 0; i < HEAD_TEMPLATE.length; i++) target.setUint16(base + i * 2, HEAD_TEMPLATE[i] as number, true);
  setLong(target, base + 24, layout.bodyBytes);
  setLong(target, base + 56, layout.rowCount);
  target.setUint32(base + 64, 12 + 16 * nodeCount, true);
  target.setUint32(base + 68, nodeCount, true);
  let place = base + 72;
  for (const value of layout.nodes) {
    setLong(target, place, value);
    place += 8;
  }
  target.setUint32(place, 0, true);
  target.setUint32(place + 4, bufferCount, true);
  place += 8;
  let offset = 0;
  for (const length of layout.bufferBytes) {
    setLong(target, place, offset);
    setLong(target, place + 8, length);
    place += 16;
    offset += padded(length);
  }
}

function setLong(target: DataView, at: number, value: number): void {
  target.setUint32(at, value % 4294967296, true);
  target.setUint32(at + 4, value / 4294967296, true);
}

/**
 * The first 72 bytes of a record batch's metadata as uint16s, zeros where numbers go. By position: 0 root; 4 vtable of Message (version at 16,
 * type at 18, header at 4, body length at 8); 16 Message; 38 vtable of RecordBatch (length at 8, nodes at 4, buffers at 16); 48 RecordBatch;
 * 68 count of nodes, then the nodes, 4 bytes of padding, count of buffers, buffers.
 */
const HEAD_TEMPLATE = makeHeadTemplate();

function makeHeadTemplate(): Uint16Array {
  const bytes = new DataView(new ArrayBuffer(72));
  bytes.setUint32(0, 16, true);
  for (const [index, value] of [12, 20, 16, 18, 4, 8].entries()) bytes.setUint16(4 + index * 2, value, true);
  bytes.setInt32(16, 12, true);
  bytes.setUint32(20, 28, true);
  bytes.setInt16(32, METADATA_V5, true);
  bytes.setUint8(34, MESSAGE_RECORD_BATCH);
  for (const [index, value] of [10, 20, 8, 4, 16].entries()) bytes.setUint16(38 + index * 2, value, true);
  bytes.setInt32(48, 10, true);
  bytes.setUint32(52, 16, true);
  return Uint16Array.from({ length: 36 }, (_, index) => bytes.getUint16(index * 2, true));
}

/** Where one message lies. */
export interface MessagePlace {
  readonly metadata: Uint8Array;
  /** First byte of its body. */
  readonly bodyStart: number;
}

/** The frame at `at`, or undefined at the end of the stream. Throws BLOCK_CORRUPT when it does not fit. */
export function readMessage(block: Uint8Array, view: DataView, at: number): MessagePlace | undefined {
  if (at + PREFIX_BYTES > block.length) throw corruptBlock("cut short");
  if (view.getUint32(at, true) !== CONTINUATION) throw corruptBlock("no message where one should begin");
  const length = view.getUint32(at + 4, true);
  if (length === 0) return undefined;
  const bodyStart = at + PREFIX_BYTES + length;
  if (length % 8 !== 0 || bodyStart > block.length) throw corruptBlock("metadata of wrong length");
  return { metadata: block.subarray(at + PREFIX_BYTES, bodyStart), bodyStart };
}

/** A record batch's metadata, checked against the block it lies in. */
export class BatchHead {
  readonly rowCount: number;
  readonly bodyBytes: number;
  readonly nodeCount: number;
  readonly bufferCount: number;
  readonly #reader: FlatbufferReader;
  readonly #nodes: number;
  readonly #buffers: number;

  /** `bytesLeft`: of the block, from the body's first byte on. */
  constructor(metadata: Uint8Array, bytesLeft: number) {
    const reader = new FlatbufferReader(metadata);
    const message = reader.root();
    if (reader.uint8(message, 1, 0) !== MESSAGE_RECORD_BATCH) throw corruptBlock("a message that is no record batch");
    const batch = reader.reference(message, 2);
    this.#reader = reader;
    this.bodyBytes = reader.long(message, 3);
    this.rowCount = reader.long(batch, 0);
    if (this.bodyBytes > bytesLeft || this.bodyBytes % 8 !== 0) throw corruptBlock("a body cut short");
    if (this.rowCount > BATCH_ROWS_MAX) throw corruptBlock("too many rows in a batch");
    this.#nodes = reader.reference(batch, 1);
    this.#buffers = reader.reference(batch, 2);
    this.nodeCount = this.#nodes === 0 ? 0 : reader.vectorLength(this.#nodes, 16);
    this.bufferCount = this.#buffers === 0 ? 0 : reader.vectorLength(this.#buffers, 16);
  }

  nodeLength(index: number): number {
    if (index >= this.nodeCount) throw corruptBlock("columns without a length");
    return this.#reader.longAt(this.#nodes + 4 + index * 16);
  }

  nodeNulls(index: number): number {
    if (index >= this.nodeCount) throw corruptBlock("columns without a length");
    return this.#reader.longAt(this.#nodes + 4 + index * 16 + 8);
  }

  /** First byte of a buffer in the body. */
  bufferStart(index: number): number {
    if (index >= this.bufferCount) throw corruptBlock("columns without bytes");
    const at = this.#buffers + 4 + index * 16;
    const start = this.#reader.longAt(at);
    if (start % 8 !== 0 || start + this.#reader.longAt(at + 8) > this.bodyBytes)
      throw corruptBlock("a buffer outside its body");
    return start;
  }

  bufferBytes(index: number): number {
    return this.#reader.longAt(this.#buffers + 4 + index * 16 + 8);
  }
}
