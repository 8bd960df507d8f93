/**
 * One place of a stage program where vectors come to be, row after row. Where the stage compiler has proved that no row's vector is looked at
 * once the next row comes, and what only a task knows agrees (`needs-met.ts`), one array serves all rows of one class and length;
 * otherwise each row has its own.
 */

import type { VectorStore } from "../columnar/flat-vectors.js";
import type { ArrayOf } from "../columnar/plan-binary.js";
import { TYPED_ARRAYS } from "../lib/typed-arrays.js";

type Vector = Float64Array | number[];

/** Arrays of so many lengths are kept for one class. */
const LENGTHS_MAX = 64;

const mapArray = Array.prototype.map;
const typedArrayPrototype = Object.getPrototypeOf(Float64Array.prototype) as Float64Array;
const mapTypedArray = typedArrayPrototype.map;

export class VectorScratch implements VectorStore {
  readonly reuses: boolean;
  /** Typed arrays too: not where the text might reach their memory. */
  readonly reusesTyped: boolean;
  current: unknown = undefined;
  readonly #kept = new Map<unknown, Map<number, Vector>>();

  constructor(reuses: boolean, reusesTyped = reuses) {
    this.reuses = reuses;
    this.reusesTyped = reusesTyped;
  }

  place(made: ArrayOf<Float64Array> | undefined, length: number, isInt: boolean): Vector {
    const kind = made ?? isInt;
    let byLength = this.#kept.get(kind);
    if (byLength === undefined) {
      byLength = new Map();
      this.#kept.set(kind, byLength);
    }
    let vector = byLength.get(length);
    if (vector?.length !== length) {
      vector = made === undefined ? filled(length) : new made(length);
      if (byLength.size >= LENGTHS_MAX) byLength.clear();
      byLength.set(length, vector);
    }
    return vector;
  }

  /** A vector for what `source.map` would make; undefined where `map` must be called: of anything but the language's own vectors, or to keep it. */
  like(source: unknown): Vector | undefined {
    const last = this.current as Vector | undefined;
    if (
      last !== undefined &&
      last.length === (source as Vector | undefined)?.length &&
      last.constructor === (source as Vector).constructor &&
      (last.map as unknown) === (source as Vector).map &&
      Object.getPrototypeOf(last) === Object.getPrototypeOf(source)
    )
      return this.reusesTyped || Array.isArray(last)
        ? last
        : new (last.constructor as ArrayOf<Float64Array>)(last.length);
    return this.#likeOther(source);
  }

  #likeOther(source: unknown): Vector | undefined {
    if (!isOwnVector(source)) return undefined;
    if (Array.isArray(source)) {
      if (!this.reuses) return undefined;
      this.current = this.place(undefined, source.length, false);
      return this.current as Vector;
    }
    this.current = this.place(source.constructor as never, source.length, false);
    return this.reusesTyped
      ? (this.current as Vector)
      : new (source.constructor as ArrayOf<Float64Array>)(source.length);
  }

  /** `delete vector[index]`: such a vector serves one row only. */
  gap(vector: Vector, index: number): void {
    delete (vector as number[])[index];
    this.#kept.clear();
    this.current = undefined;
  }

  /** What a fresh call would give: a copy of a vector that the next row takes, anything else as it is. */
  own<T>(value: T): T {
    if (!(Array.isArray(value) ? this.reuses : this.reusesTyped) || value !== this.current) return value;
    return (value as unknown as Vector).slice() as T;
  }

  /** `new made(argument)`. */
  make(made: ArrayOf<Float64Array>, argument: unknown): unknown {
    if (this.reusesTyped && CLASSES.has(made) && Number.isInteger(argument) && (argument as number) >= 0) {
      const vector = this.place(made, argument as number, false) as Float64Array;
      if (typeof vector[0] !== "bigint") {
        this.current = vector.fill(0);
        return vector;
      }
    }
    return new made(argument as number);
  }
}

/** A vector of small integers: what V8 keeps in it changes by itself. */
function filled(length: number): number[] {
  const vector: number[] = [];
  for (let index = 0; index < length; index++) vector.push(0);
  return vector;
}

/** One of the language's own arrays or typed arrays, whose `map` nobody has changed. */
export function isOwnVector(value: unknown): value is Vector {
  if (Array.isArray(value))
    return (
      Object.getPrototypeOf(value) === Array.prototype &&
      (value.map as unknown) === mapArray &&
      value.constructor === Array
    );
  if (!ArrayBuffer.isView(value) || value instanceof DataView) return false;
  const { constructor, map } = value as Float64Array;
  return map === mapTypedArray && CLASSES.has(constructor) && Object.getPrototypeOf(value) === constructor.prototype;
}

const CLASSES: ReadonlySet<unknown> = new Set(TYPED_ARRAYS);
