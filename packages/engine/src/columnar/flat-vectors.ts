/**
 * A column of vectors as what it lies in: one flat array of numbers, cut by offsets or by a width, or a column for each element. Who only reads a
 * row's vector gets it put into the same array row after row; who keeps it gets an array of its own.
 */

import type { ArrayOf } from "./plan-binary.js";

type Numbers = Float64Array;

/** What the rows' vectors are: `made` is undefined where they are plain arrays. */
export type FlatVectors =
  | {
      readonly kind: "flat";
      readonly data: Numbers;
      /** Where vector i begins: `offsets[i]`, or `i * width`. */
      readonly offsets: Int32Array | undefined;
      readonly width: number;
      readonly made: ArrayOf<Numbers> | undefined;
    }
  /** Plain arrays of one length, each place in a column of its own. */
  | { readonly kind: "columns"; readonly columns: readonly ArrayLike<number>[] };

/** Gives arrays to put vectors into. */
export interface VectorStore {
  /** Whether one array may serve many rows: plain ones, typed ones. */
  readonly reuses: boolean;
  readonly reusesTyped: boolean;
  /** The array that was given last. */
  current: unknown;
  /** An array for a vector of this class (undefined: a plain one) and length. `isInt`: for small integers only, as V8 keeps them apart. */
  place(made: ArrayOf<Numbers> | undefined, length: number, isInt: boolean): Numbers | number[];
}

/** The vector of a row. */
export type VectorReader = (index: number) => unknown;

type MakeReader = (flat: FlatVectors, store: VectorStore) => VectorReader;

/** Readers by what they read: code of its own for each kind of numbers, which V8 then keeps fast. */
const makers = new Map<string, MakeReader>();

export function vectorReader(flat: FlatVectors, store: VectorStore): VectorReader {
  const reuses = flat.kind === "flat" && flat.made !== undefined ? store.reusesTyped : store.reuses;
  const kind = kindOf(flat, reuses);
  let make = makers.get(kind);
  if (make === undefined) {
    make = generate(flat, reuses);
    makers.set(kind, make);
  }
  return make(flat, store);
}

function kindOf(flat: FlatVectors, reuses: boolean): string {
  if (flat.kind === "columns") return `${flat.columns.map(({ constructor }) => constructor.name)} ${reuses}`;
  const { data, made, offsets } = flat;
  return `${data.constructor.name} ${made?.name} ${offsets === undefined} ${reuses}`;
}

function generate(flat: FlatVectors, reuses: boolean): MakeReader {
  const source = flat.kind === "columns" ? fromColumns(flat.columns, reuses) : fromFlat(flat, reuses);
  return new Function(`return function make(flat, store) {\n${source}\n}`)() as MakeReader;
}

function fromColumns(columns: readonly ArrayLike<number>[], reuses: boolean): string {
  const names = columns.map((_, index) => `c${index}`);
  const head = `const [${names.join(", ")}] = flat.columns;`;
  if (!reuses) return `${head}\nreturn (i) => [${names.map((name) => `${name}[i]`).join(", ")}];`;
  const isInt = columns.every((column) => column instanceof Int32Array);
  return `${head}
    const out = store.place(undefined, ${columns.length}, ${isInt});
    return (i) => {
      ${names.map((name, index) => `out[${index}] = ${name}[i];`).join(" ")}
      return store.current = out;
    };`;
}

function fromFlat({ data, offsets, made }: FlatVectors & { kind: "flat" }, reuses: boolean): string {
  const start = offsets === undefined ? "i * width" : "offsets[i]";
  const length = offsets === undefined ? "width" : "offsets[i + 1] - start";
  const isInt = made === undefined && data instanceof Int32Array;
  const isFresh = made !== undefined && !reuses;
  const place = `store.place(made, length, ${isInt})`;
  return `const { data, offsets, width, made } = flat;
    ${isFresh ? "" : `let out = store.place(made, 0, ${isInt});`}
    return (i) => {
      const start = ${start}, length = ${length};
      ${isFresh ? "const out = new made(length);" : `if (out.length !== length) out = ${place};`}
      ${copyText(made !== undefined)}
      ${reuses ? "return store.current = out;" : isFresh ? "return out;" : "return out.slice();"}
    };`;
}

/** Typed arrays of more numbers are copied by a call, which needs a view: 100 ns. */
const LOOP_MAX = 96;

function copyText(isTyped: boolean): string {
  const loop = "for (let j = 0; j < length; j++) out[j] = data[start + j];";
  return isTyped
    ? `if (length < ${LOOP_MAX}) ${loop}\n      else out.set(data.subarray(start, start + length));`
    : loop;
}
