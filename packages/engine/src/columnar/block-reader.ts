/** Blocks to rows, batch by batch and column by column: what is not asked for is not decoded. */
import { joinArrays } from "../lib/join-arrays.js";
import { BatchHead, END_OF_STREAM, readMessage } from "./arrow-message.js";
import { type BlockSchema, decodeSchema } from "./arrow-schema.js";
import { ColumnBatch, shapeOf, VALUE_SHAPE } from "./column-batch.js";
import { type ColumnPlace, placeColumn } from "./column-place.js";
import { BlockSource } from "./column-source.js";
import { ColumnDecoder } from "./decode-column.js";
import { corruptBlock } from "./flatbuffer-reader.js";
import type { BatchView, ClassRegistry } from "./types.js";

/** A block's schema, with the places of its columns. */
interface ReadSchema {
  readonly isUnion: boolean;
  readonly variants: readonly { readonly place: ColumnPlace; readonly shape: BatchView["shape"] }[];
}

/** Schemas kept by their bytes: most blocks of a job have the same one. */
const SCHEMAS_MAX = 256;
/** Longer ones are not kept. */
const SCHEMA_BYTES_MAX = 1 << 14;
const schemas = new Map<string, ReadSchema>();

/** The batches of a block, or of several that lie one after the other; may be iterated any number of times. Throws BLOCK_CORRUPT while iterating, or when a batch is decoded. */
export function readBatches(block: Uint8Array, classes: ClassRegistry): Iterable<BatchView> {
  return { [Symbol.iterator]: () => batchesOf(aligned(block), classes) };
}

/** All rows of a block. */
export function decodeRows(block: Uint8Array, classes: ClassRegistry): unknown[] {
  const parts: (readonly unknown[])[] = [];
  for (const batch of readBatches(block, classes)) parts.push(batch.rows());
  return parts.length === 1 ? (parts[0] as unknown[]) : joinArrays(parts);
}

/** Number of a block's rows, from its metadata. */
export function countRows(block: Uint8Array): number {
  let count = 0;
  const view = new DataView(block.buffer, block.byteOffset, block.byteLength);
  let at = 0;
  do {
    const batches = heads(block, view, schemaEnd(block, view, at).end);
    let next = batches.next();
    for (; next.done !== true; next = batches.next()) count += next.value.head.rowCount;
    at = next.value;
  } while (at < block.length);
  return count;
}

/** Columns are read in place, which needs a block that starts at a multiple of 8. */
function aligned(block: Uint8Array): Uint8Array {
  if (block.byteOffset % 8 === 0) return block;
  const copy = new Uint8Array(block.length);
  copy.set(block);
  return copy;
}

function schemaEnd(block: Uint8Array, view: DataView, at: number): { metadata: Uint8Array; end: number } {
  const message = readMessage(block, view, at);
  if (message === undefined) throw corruptBlock("it has no schema");
  return { metadata: message.metadata, end: message.bodyStart };
}

/** The batches from `at` on, to the end of their stream: which is what it returns. */
function* heads(
  block: Uint8Array,
  view: DataView,
  start: number,
): Generator<{ head: BatchHead; bodyStart: number }, number, undefined> {
  let at = start;
  for (let message = readMessage(block, view, at); message !== undefined; message = readMessage(block, view, at)) {
    const head = new BatchHead(message.metadata, block.length - message.bodyStart);
    yield { head, bodyStart: message.bodyStart };
    at = message.bodyStart + head.bodyBytes;
  }
  return at + END_OF_STREAM.length;
}

function* batchesOf(block: Uint8Array, classes: ClassRegistry): Generator<BatchView, void, undefined> {
  const view = new DataView(block.buffer, block.byteOffset, block.byteLength);
  let at = 0;
  do {
    const { metadata, end } = schemaEnd(block, view, at);
    at = yield* streamOf(block, view, readSchema(metadata), end, classes);
  } while (at < block.length);
}

function* streamOf(
  block: Uint8Array,
  view: DataView,
  schema: ReadSchema,
  start: number,
  classes: ClassRegistry,
): Generator<BatchView, number, undefined> {
  const batches = heads(block, view, start);
  let next = batches.next();
  for (; next.done !== true; next = batches.next()) {
    const { head, bodyStart } = next.value;
    const decoder = new ColumnDecoder(new BlockSource(block, bodyStart, head), classes);
    const variant = schema.variants[schema.isUnion ? decoder.variant(head.rowCount) : 0];
    if (variant === undefined) throw corruptBlock("a batch of no known row type");
    const { place } = variant;
    yield new ColumnBatch(head.rowCount, decoder.parts.hasNulls(place) ? VALUE_SHAPE : variant.shape, place, decoder);
  }
  return next.value;
}

function readSchema(metadata: Uint8Array): ReadSchema {
  if (metadata.length > SCHEMA_BYTES_MAX) return toReadSchema(decodeSchema(metadata));
  const key = (Buffer.prototype as unknown as { latin1Slice(start: number, end: number): string }).latin1Slice.call(
    metadata as never,
    0,
    metadata.length,
  );
  let schema = schemas.get(key);
  if (schema === undefined) {
    schema = toReadSchema(decodeSchema(metadata));
    if (schemas.size >= SCHEMAS_MAX) schemas.clear();
    schemas.set(key, schema);
  }
  return schema;
}

function toReadSchema(schema: BlockSchema): ReadSchema {
  const isUnion = schema.variants.length > 1;
  let node = isUnion ? 1 : 0;
  let buffer = isUnion ? 2 : 0;
  const variants = schema.variants.map((type) => {
    const place = placeColumn(type, node, buffer, schema.isFlat);
    node = place.nextNode;
    buffer = place.nextBuffer;
    return { place, shape: shapeOf(type) };
  });
  return { isUnion, variants };
}
