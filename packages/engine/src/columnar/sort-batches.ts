/**
 * The order of pairs that lie in batches, by key, and the pairs in that order as new batches: no key and no value is made for it. Undefined where
 * the batches do not agree in their columns, or where the keys have no order that bytes and numbers tell.
 */
import { ColumnBatch } from "./column-batch.js";
import { type ColumnPlace, placeColumn } from "./column-place.js";
import { MadeSource } from "./column-source.js";
import { type ColumnType, mergeTypes, ownType, type StructType, widenNulls } from "./column-type.js";
import { ColumnDecoder } from "./decode-column.js";
import {
  type ColumnPiece,
  canGather,
  columnGather,
  joinBooleans,
  joinBytes,
  joinNumbers,
  joinTimes,
  type MadeColumns,
} from "./gather-columns.js";
import { type SortColumn, sortColumns } from "./sort-indices.js";
import { orderTexts } from "./sort-texts.js";
import type { BatchView, ClassRegistry } from "./types.js";

/** Keys that are longer tuples are compared as values: their first elements decide, most likely. */
const TUPLE_WIDTH_MAX = 4;
/** Offsets of 32 bits say no more, and are not far from what a buffer may have. */
const BYTES_MAX = 2 ** 32 - 2 ** 16;
/** About the bytes of a batch that is made: its columns stay in a core's cache. */
const MADE_BYTES = 1 << 18;
const MADE_ROWS_MIN = 64;
const MADE_ROWS_MAX = 4096;

/** Pairs of some batches under one type. */
export class PairBatches {
  readonly #batches: readonly ColumnBatch[];
  readonly #type: StructType;
  readonly #classes: ClassRegistry;
  readonly rowCount: number;

  /** Undefined unless all rows are pairs in columns of types that one type can hold. */
  static of(batches: readonly BatchView[], classes: ClassRegistry): PairBatches | undefined {
    const type = pairType(batches);
    if (batches.reduce((sum, batch) => sum + batch.byteLength, 0) > BYTES_MAX) return undefined;
    return type && new PairBatches(batches as readonly ColumnBatch[], type, classes);
  }

  private constructor(batches: readonly ColumnBatch[], type: StructType, classes: ClassRegistry) {
    this.#batches = batches;
    this.#type = type;
    this.#classes = classes;
    this.rowCount = batches.reduce((sum, batch) => sum + batch.rowCount, 0);
  }

  /** Rows in the default order of their keys; equal keys in the order of the batches. */
  order(ascending: boolean): Uint32Array | undefined {
    const columns = sortableColumns(this.#pieces(0), this.#typeOf(0));
    return columns && sortColumns(columns, this.rowCount, ascending);
  }

  /** Batches of the rows in an order. */
  *inOrder(order: Uint32Array): Generator<BatchView> {
    const gathers = [0, 1].map((element) => columnGather(this.#pieces(element), this.#typeOf(element)));
    const place = placeColumn(this.#type, 0, 0, true);
    const step = this.#rowsPerBatch();
    for (let from = 0; from < order.length; from += step) {
      const rows = order.subarray(from, from + step);
      const made: MadeColumns = { nodes: [], buffers: [] };
      for (const gather of gathers) gather(rows, made);
      const decoder = new ColumnDecoder(new MadeSource(made.nodes, made.buffers), this.#classes);
      yield new ColumnBatch(rows.length, { kind: "tuple", width: 2 }, place, decoder);
    }
  }

  #rowsPerBatch(): number {
    const bytes = this.#batches.reduce((sum, batch) => sum + batch.byteLength, 0);
    const rows = Math.floor((MADE_BYTES * this.rowCount) / Math.max(1, bytes));
    return Math.min(MADE_ROWS_MAX, Math.max(MADE_ROWS_MIN, rows));
  }

  #typeOf(element: number): ColumnType {
    return this.#type.fields[element]?.type as ColumnType;
  }

  #pieces(element: number): ColumnPiece[] {
    return this.#batches.map(({ place, decoder, rowCount }) => ({
      parts: decoder.parts,
      place: place.children[element] as ColumnPlace,
      count: rowCount,
    }));
  }
}

function pairType(batches: readonly BatchView[]): StructType | undefined {
  const types: StructType[] = [];
  for (const batch of batches) {
    if (!(batch instanceof ColumnBatch) || batch.shape.kind !== "tuple" || batch.shape.width !== 2) return undefined;
    const type = batch.place.type as StructType;
    if (types.at(-1) !== type) types.push(type);
  }
  const [first] = types;
  if (first === undefined) return undefined;
  let merged = ownType(first) as StructType;
  for (const type of types) {
    const wider = mergeTypes(merged, type);
    if (wider === undefined) return undefined;
    if (wider !== merged) merged = ownType(wider) as StructType;
    widenNulls(merged, type);
  }
  return types.every((type) => canGather(type, merged)) ? merged : undefined;
}

/** Keys as numbers (so Dates and booleans too) and texts, each element of a tuple apart. */
function sortableColumns(pieces: readonly ColumnPiece[], type: ColumnType): SortColumn[] | undefined {
  if (pieces.some(({ parts, place }) => place.type.kind === "null" || parts.hasNulls(place))) return undefined;
  switch (type.kind) {
    case "int32":
      return [joinNumbers(pieces, Int32Array)];
    case "float64":
      return [joinNumbers(pieces, Float64Array)];
    case "date":
      return [joinTimes(pieces)];
    case "bool":
      return [joinBooleans(pieces)];
    case "utf8": {
      const { bytes, offsets } = joinBytes(pieces);
      return [orderTexts(bytes.subarray(0, offsets.at(-1)), offsets)];
    }
    case "struct":
      return type.form === "tuple" && type.fields.length <= TUPLE_WIDTH_MAX ? tupleColumns(pieces, type) : undefined;
    default:
      return undefined;
  }
}

function tupleColumns(pieces: readonly ColumnPiece[], type: StructType): SortColumn[] | undefined {
  const columns: SortColumn[] = [];
  for (const [index, field] of type.fields.entries()) {
    const own = pieces.map((piece) => ({ ...piece, place: piece.place.children[index] as ColumnPlace }));
    const parts = field.type.kind === "struct" ? undefined : sortableColumns(own, field.type);
    if (parts === undefined) return undefined;
    columns.push(...parts);
  }
  return columns;
}
