/** One record batch over its columns, wherever they lie. */
import { VolleyError } from "../wire/errors.js";
import type { ColumnPlace } from "./column-place.js";
import type { ColumnType } from "./column-type.js";
import { asArray } from "./cut-lists.js";
import type { ColumnDecoder } from "./decode-column.js";
import type { FlatVectors } from "./flat-vectors.js";
import type { BatchView, Element, TextColumn } from "./types.js";

export const VALUE_SHAPE: BatchView["shape"] = { kind: "value" };

export function shapeOf(type: ColumnType): BatchView["shape"] {
  if (type.kind !== "struct" || type.form === "instance") return VALUE_SHAPE;
  if (type.form === "tuple") return { kind: "tuple", width: type.fields.length };
  // An object that may lack a property is not what its fields put together are.
  if (type.fields.some((field) => field.type.nulls === "missing")) return { kind: "value" };
  return { kind: "object", fields: type.fields.map((field) => field.name) };
}

export class ColumnBatch implements BatchView {
  readonly rowCount: number;
  readonly shape: BatchView["shape"];
  /** Where the columns lie: for who copies them as they are. */
  readonly place: ColumnPlace;
  readonly decoder: ColumnDecoder;
  #rows: readonly unknown[] | undefined;
  readonly #columns = new Map<ColumnPlace, ArrayLike<unknown>>();

  constructor(rowCount: number, shape: BatchView["shape"], place: ColumnPlace, decoder: ColumnDecoder) {
    this.rowCount = rowCount;
    this.shape = shape;
    this.place = place;
    this.decoder = decoder;
  }

  get byteLength(): number {
    return this.decoder.parts.source.bodyBytes;
  }

  rows(): readonly unknown[] {
    this.#rows ??= asArray(this.#decode(this.place));
    return this.#rows;
  }

  column(element?: Element): ArrayLike<unknown> {
    const place = this.#placeOf(element);
    let column = this.#columns.get(place);
    if (column === undefined) {
      column = this.#decode(place);
      this.#columns.set(place, column);
    }
    return column;
  }

  shapeOf(path: readonly (number | string)[]): BatchView["shape"] {
    let { shape } = this;
    let place = this.place;
    for (const element of path) {
      const child = childOf(shape, place, element);
      if (child === undefined) return VALUE_SHAPE;
      place = child;
      shape = this.decoder.parts.hasNulls(place) ? VALUE_SHAPE : shapeOf(place.type);
    }
    return shape;
  }

  vectors(element?: Element): FlatVectors | undefined {
    return decoded(() => this.decoder.vectors(this.#placeOf(element), this.rowCount));
  }

  texts(element?: Element): TextColumn | undefined {
    return decoded(() => this.decoder.texts(this.#placeOf(element), this.rowCount));
  }

  #placeOf(element: Element | undefined): ColumnPlace {
    if (element === undefined) return this.place;
    let { shape } = this;
    let place = this.place;
    for (const key of typeof element === "object" ? element : [element]) {
      const child = childOf(shape, place, key);
      if (child === undefined)
        throw new VolleyError("INTERNAL", `a batch of shape ${shape.kind} has no element ${key}`);
      place = child;
      shape = shapeOf(place.type);
    }
    return place;
  }

  #decode(place: ColumnPlace): ArrayLike<unknown> {
    return decoded(() => this.decoder.decode(place, this.rowCount));
  }
}

function childOf(
  shape: BatchView["shape"],
  { children }: ColumnPlace,
  element: number | string,
): ColumnPlace | undefined {
  if (shape.kind === "object") return children[shape.fields.indexOf(String(element))];
  return shape.kind === "tuple" && typeof element === "number" ? children[element] : undefined;
}

/** What goes wrong in decoding is the block's fault. */
function decoded<T>(decode: () => T): T {
  try {
    return decode();
  } catch (error) {
    if (VolleyError.is(error)) throw error;
    throw new VolleyError("BLOCK_CORRUPT", "a block cannot be decoded", { cause: error });
  }
}
