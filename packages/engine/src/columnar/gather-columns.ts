/**
 * Rows of many batches in another order as one new batch: bytes are moved as they lie, column by column, and no value is made. What a sort
 * reads when it knows the order.
 *
 * A column of many batches is joined first: then every row has one number, and is found without a look at which batch it was in.
 */
import { type ColumnParts, isSet } from "./column-parts.js";
import type { ColumnPlace } from "./column-place.js";
import type { ColumnType } from "./column-type.js";
import { corruptBlock } from "./flatbuffer-reader.js";
import { type ArrayOf, VECTOR_CLASSES } from "./plan-binary.js";

/** A column of one of the batches. */
export interface ColumnPiece {
  readonly parts: ColumnParts;
  readonly place: ColumnPlace;
  readonly count: number;
}

/** Nodes (length and null count of each column) and buffers, parents before children. */
export interface MadeColumns {
  readonly nodes: number[];
  readonly buffers: ArrayBufferView[];
}

/** Copies rows, given by their numbers among those of all pieces, into new columns. */
export type ColumnGather = (rows: Uint32Array, out: MadeColumns) => void;

/** Texts, bytes or values of kind any. `bytes` has room for a word after its end. */
export interface JoinedBytes {
  readonly bytes: Uint8Array;
  readonly offsets: Uint32Array;
}

type Numbers = Float64Array | Int32Array;
const NOTHING = new Uint8Array(0);
/** Bytes are copied word by word, the last word whole: so much more room than there are bytes. */
const WORD_BYTES = 4;

/** Whether columns of type `from` can be copied into one of type `to`, which holds their values. */
export function canGather(from: ColumnType, to: ColumnType): boolean {
  if (from.kind === "null") return to.kind !== "any";
  if (from.kind === "int32" && to.kind === "float64") return true;
  if (from.kind === "struct" && to.kind === "struct")
    return from.fields.every(({ type }, index) => canGather(type, to.fields[index]?.type as ColumnType));
  if (from.kind === "list" && to.kind === "list") return canGather(from.item, to.item);
  return from.kind === to.kind;
}

/** Copies columns of the pieces as `type`. Every piece can be gathered as that; all together have less than 4 GiB. Throws BLOCK_CORRUPT. */
export function columnGather(pieces: readonly ColumnPiece[], type: ColumnType): ColumnGather {
  const bits = gatherValidity(pieces);
  const body = bodyGather(pieces, type);
  return (rows, out) => {
    const { nulls, bytes } = bits(rows);
    out.nodes.push(rows.length, nulls);
    if (type.kind !== "null") out.buffers.push(bytes);
    body(rows, out);
  };
}

function bodyGather(pieces: readonly ColumnPiece[], type: ColumnType): ColumnGather {
  switch (type.kind) {
    case "null":
      return () => undefined;
    case "int32":
      return numbersGather(joinNumbers(pieces, Int32Array), Int32Array);
    case "float64":
      return numbersGather(joinNumbers(pieces, Float64Array), Float64Array);
    case "bigint":
    case "date":
      return wordsGather(pieces);
    case "bool":
      return bitsGather(pieces);
    case "utf8":
    case "bytes":
    case "any":
      return bytesGather(joinBytes(pieces));
    case "struct": {
      const children = type.fields.map((field, index) => columnGather(childrenOf(pieces, index), field.type));
      return (rows, out) => {
        for (const child of children) child(rows, out);
      };
    }
    case "list":
      return listGather(pieces, type.item);
    case "vector":
      return vectorGather(pieces, VECTOR_CLASSES[type.element], type.width);
  }
}

/** Pieces that are all null have no parts: nothing is read of them. */
function isEmpty({ place }: ColumnPiece): boolean {
  return place.type.kind === "null";
}

function childrenOf(pieces: readonly ColumnPiece[], index: number): ColumnPiece[] {
  return pieces.map((piece) =>
    isEmpty(piece) ? piece : { ...piece, place: piece.place.children[index] as ColumnPlace },
  );
}

function rowsOf(pieces: readonly ColumnPiece[]): number {
  return pieces.reduce((sum, { count }) => sum + count, 0);
}

/** Calls `each` with every piece that has parts, and the number of its first row. */
function eachPiece(pieces: readonly ColumnPiece[], each: (piece: ColumnPiece, start: number) => void): void {
  let start = 0;
  for (const piece of pieces) {
    if (!isEmpty(piece)) each(piece, start);
    start += piece.count;
  }
}

function gatherValidity(pieces: readonly ColumnPiece[]): (rows: Uint32Array) => { nulls: number; bytes: Uint8Array } {
  const none = { nulls: 0, bytes: NOTHING };
  if (pieces.every((piece) => !isEmpty(piece) && !piece.parts.hasNulls(piece.place))) return () => none;
  const present = new Uint8Array(rowsOf(pieces));
  eachPiece(pieces, ({ parts, place, count }, start) => {
    const bits = parts.validity(place, count);
    for (let i = 0; i < count; i++) present[start + i] = bits === undefined || isSet(bits, i) ? 1 : 0;
  });
  return (rows) => {
    const bytes = new Uint8Array(Math.ceil(rows.length / 8));
    let nulls = 0;
    for (let i = 0; i < rows.length; i++) {
      if (present[rows[i] as number] === 0) nulls++;
      else bytes[i >> 3] = (bytes[i >> 3] as number) | (1 << (i & 7));
    }
    return nulls === 0 ? none : { nulls, bytes };
  };
}

/** Numbers of all pieces; nulls are any number. */
export function joinNumbers<T extends Numbers>(pieces: readonly ColumnPiece[], made: new (length: number) => T): T {
  const all = new made(rowsOf(pieces));
  eachPiece(pieces, ({ parts, place, count }, start) => {
    const own = place.type.kind === "int32" ? Int32Array : Float64Array;
    all.set(parts.array<Numbers>(own, place.buffer + 1, count), start);
  });
  return all;
}

/** The times of Dates of all pieces; nulls are any number. */
export function joinTimes(pieces: readonly ColumnPiece[]): Float64Array {
  const all = new Float64Array(rowsOf(pieces));
  eachPiece(pieces, ({ parts, place, count }, start) => all.set(parts.timesOf(place, count), start));
  return all;
}

function numbersGather(all: Numbers, made: new (length: number) => Numbers): ColumnGather {
  return (rows, out) => {
    const data = new made(rows.length);
    for (let i = 0; i < rows.length; i++) data[i] = all[rows[i] as number] as number;
    out.buffers.push(data);
  };
}

/** Elements of eight bytes, moved as two words. */
function wordsGather(pieces: readonly ColumnPiece[]): ColumnGather {
  const all = new Int32Array(rowsOf(pieces) * 2);
  eachPiece(pieces, ({ parts, place, count }, start) => {
    all.set(parts.array<Int32Array>(Int32Array as ArrayOf<Int32Array>, place.buffer + 1, count * 2), start * 2);
  });
  return (rows, out) => {
    const words = new Int32Array(rows.length * 2);
    for (let i = 0; i < rows.length; i++) {
      const from = (rows[i] as number) * 2;
      words[i * 2] = all[from] as number;
      words[i * 2 + 1] = all[from + 1] as number;
    }
    out.buffers.push(words);
  };
}

/** Booleans of all pieces as 0 and 1; nulls are either. */
export function joinBooleans(pieces: readonly ColumnPiece[]): Int32Array {
  const all = new Int32Array(rowsOf(pieces));
  eachPiece(pieces, ({ parts, place, count }, start) => {
    const bits = parts.array(Uint8Array, place.buffer + 1, Math.ceil(count / 8));
    for (let i = 0; i < count; i++) all[start + i] = isSet(bits, i) ? 1 : 0;
  });
  return all;
}

function bitsGather(pieces: readonly ColumnPiece[]): ColumnGather {
  const all = joinBooleans(pieces);
  return (rows, out) => {
    const data = new Uint8Array(Math.ceil(rows.length / 8));
    for (let i = 0; i < rows.length; i++) {
      if (all[rows[i] as number] === 1) data[i >> 3] = (data[i >> 3] as number) | (1 << (i & 7));
    }
    out.buffers.push(data);
  };
}

/** Texts, bytes or values of kind any of all pieces. */
export function joinBytes(pieces: readonly ColumnPiece[]): JoinedBytes {
  const columns: { bytes: Uint8Array; offsets: Int32Array; count: number; start: number }[] = [];
  let byteLength = 0;
  eachPiece(pieces, ({ parts, place, count }, start) => {
    const { bytes, offsets } = parts.bytesOf(place, count);
    byteLength += (offsets[count] as number) - (offsets[0] as number);
    columns.push({ bytes, offsets, count, start });
  });
  const rowCount = rowsOf(pieces);
  const all = new Uint8Array(byteLength + WORD_BYTES);
  const ends = new Uint32Array(rowCount + 1);
  let [at, filled] = [0, 0];
  for (const { bytes, offsets, count, start } of columns) {
    // Rows of pieces without parts lie between: they have no bytes.
    ends.fill(at, filled, start + 1);
    const first = offsets[0] as number;
    all.set(bytes.subarray(first, offsets[count]), at);
    for (let i = 1; i <= count; i++) ends[start + i] = (offsets[i] as number) - first + at;
    at = ends[start + count] as number;
    filled = start + count;
  }
  ends.fill(at, filled, rowCount + 1);
  return { bytes: all, offsets: ends };
}

function bytesGather({ bytes, offsets: all }: JoinedBytes): ColumnGather {
  const source = new DataView(bytes.buffer);
  return (rows, out) => {
    const count = rows.length;
    const offsets = new Int32Array(count + 1);
    let total = 0;
    for (let i = 0; i < count; i++) {
      const row = rows[i] as number;
      total += (all[row + 1] as number) - (all[row] as number);
      offsets[i + 1] = total;
    }
    const target = new DataView(new ArrayBuffer(total + WORD_BYTES));
    for (let i = 0; i < count; i++) {
      // What is too much of the last word is overwritten by the next row.
      let from = all[rows[i] as number] as number;
      const end = offsets[i + 1] as number;
      for (let at = offsets[i] as number; at < end; at += WORD_BYTES, from += WORD_BYTES)
        target.setInt32(at, source.getInt32(from, true), true);
    }
    out.buffers.push(offsets, new Uint8Array(target.buffer, 0, total));
  };
}

function listGather(pieces: readonly ColumnPiece[], item: ColumnType): ColumnGather {
  const starts = new Uint32Array(rowsOf(pieces) + 1);
  const children: ColumnPiece[] = [];
  let [row, total] = [0, 0];
  for (const [index, child] of childrenOf(pieces, 0).entries()) {
    const piece = pieces[index] as ColumnPiece;
    const list = isEmpty(piece) ? undefined : piece.parts.listOf(piece.place, piece.count);
    if (list !== undefined && (list.offsets[0] !== 0 || list.offsets[piece.count] !== list.total))
      throw corruptBlock("items that belong to no list");
    for (let i = 0; i < piece.count; i++) starts[row++] = total + (list?.offsets[i] ?? 0);
    children.push({ ...child, count: list?.total ?? 0 });
    total += list?.total ?? 0;
    starts[row] = total;
  }
  const items = columnGather(children, item);
  return (rows, out) => {
    const offsets = new Int32Array(rows.length + 1);
    for (let i = 0; i < rows.length; i++) {
      const at = rows[i] as number;
      offsets[i + 1] = (offsets[i] as number) + (starts[at + 1] as number) - (starts[at] as number);
    }
    const itemRows = new Uint32Array(offsets[rows.length] as number);
    for (let i = 0; i < rows.length; i++) {
      let from = starts[rows[i] as number] as number;
      for (let at = offsets[i] as number; at < (offsets[i + 1] as number); at++) itemRows[at] = from++;
    }
    out.buffers.push(offsets);
    items(itemRows, out);
  };
}

/** Elements of vectors of all pieces: those of row i from `starts[i]` to `starts[i + 1]`. */
function joinVectors(
  pieces: readonly ColumnPiece[],
  made: ArrayOf<Float64Array>,
): { data: Float64Array; starts: Uint32Array } {
  const starts = new Uint32Array(rowsOf(pieces) + 1);
  const parts: { data: Float64Array; at: number }[] = [];
  let [row, total] = [0, 0];
  for (const piece of pieces) {
    const own = isEmpty(piece) ? undefined : vectorsOf(piece, made);
    for (let i = 0; i < piece.count; i++) starts[row++] = total + (own?.startOf(i) ?? 0);
    if (own !== undefined) parts.push({ data: own.data, at: total });
    total += own?.data.length ?? 0;
    starts[row] = total;
  }
  const data = new made(total);
  for (const part of parts) data.set(part.data, part.at);
  return { data, starts };
}

/** The elements that belong to rows, and where a row's begin among them. */
function vectorsOf(
  { parts, place, count }: ColumnPiece,
  made: ArrayOf<Float64Array>,
): { data: Float64Array; startOf: (row: number) => number } {
  const width = place.type.kind === "vector" ? place.type.width : undefined;
  if (width !== undefined)
    return { data: parts.array(made, place.buffer + 2, width * count), startOf: (row) => row * width };
  const offsets = parts.offsets(place.buffer + 1, count, parts.source.nodeLength(place.node + 1));
  const [first, end] = [offsets[0] as number, offsets[count] as number];
  const all = parts.array(made, place.buffer + 3, end);
  return { data: all.subarray(first), startOf: (row) => (offsets[row] as number) - first };
}

function vectorGather(
  pieces: readonly ColumnPiece[],
  made: ArrayOf<Float64Array>,
  width: number | undefined,
): ColumnGather {
  const { data: all, starts } = joinVectors(pieces, made);
  return (rows, out) => {
    const offsets = new Int32Array(rows.length + 1);
    for (let i = 0; i < rows.length; i++) {
      const row = rows[i] as number;
      offsets[i + 1] = (offsets[i] as number) + (width ?? (starts[row + 1] as number) - (starts[row] as number));
    }
    const data = new made(offsets[rows.length] as number);
    for (let i = 0; i < rows.length; i++) {
      const row = rows[i] as number;
      // A null of a column of one width has room there, and may have had none where it was.
      data.set(all.subarray(starts[row], starts[row + 1]), offsets[i]);
    }
    if (width === undefined) out.buffers.push(offsets);
    out.nodes.push(data.length, 0);
    out.buffers.push(NOTHING, data);
  };
}
