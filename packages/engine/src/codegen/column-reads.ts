/** Which columns of a batch's rows a loop body reads: written down while the body is emitted, so that the loop's head can fetch just these. */

import type { VectorRef } from "./row-ref.js";
import type { Scratch } from "./scratch.js";

export type ElementKey = number | string;

/** The way from a row to what lies inside it: `[1, "price"]` of `[key, { price }]`. */
export type Path = readonly ElementKey[];

/** What a loop over columns needs of the text around it. */
export interface ReadsHost {
  fresh(prefix: string): string;
  let(prefix: string): string;
  scratch(): Scratch;
}

/** A vector that is put into a variable row after row by `reader`. `path`: empty for the row itself. */
interface VectorRead {
  readonly path: Path;
  readonly reader: string;
  readonly ref: VectorRef;
}

interface ColumnRead {
  readonly path: Path;
  readonly column: string;
  /** A text: then the column says in which rows this is what lies there. */
  readonly value?: string;
}

/** Which elements are values whatever they look like: some, by their paths, or all. */
export type Closed = ReadonlySet<string> | "all";

export class ColumnReads {
  readonly batch: string;
  readonly index: string;
  readonly #host: ReadsHost;
  readonly #closed: Closed;
  readonly #columns = new Map<string, ColumnRead>();
  readonly #tests = new Map<string, ColumnRead>();
  readonly #vectors: VectorRead[] = [];
  /** Where the rows, or what lies in them, must be pairs. */
  readonly #pairs = new Map<string, Path>();
  #whole = false;

  /** `batch` and `index` are names of variables of the function. */
  constructor(batch: string, index: string, host: ReadsHost, closed: Closed) {
    this.batch = batch;
    this.index = index;
    this.#host = host;
    this.#closed = closed;
  }

  /** Whether an element of what lies at `path` is read from a column of its own; otherwise what lies there is one value. */
  opens(path: Path, key: ElementKey): boolean {
    if (path.length === 0) return true;
    return this.#closed !== "all" && key !== "length" && !this.#closed.has(JSON.stringify(path));
  }

  /** Expression of what lies at `path` of the current row. Of the row itself: then reading columns saves nothing. */
  value(path: Path): string {
    if (path.length === 0) {
      this.#whole = true;
      return this.record(path);
    }
    const text = JSON.stringify(path);
    const known = this.#columns.get(text) ?? { path, column: this.#host.fresh("col") };
    this.#columns.set(text, known);
    return `${known.column}[${this.index}]`;
  }

  /** Expression: whether what lies at `path` is the text `value`. Texts are not decoded for it. */
  test(path: Path, value: string): string {
    const text = JSON.stringify([path, value]);
    const known = this.#tests.get(text) ?? { path, value, column: this.#host.fresh("is") };
    this.#tests.set(text, known);
    return `${known.column}[${this.index}] === 1`;
  }

  /** Says that what lies at `path` must be a pair. */
  bePair(path: Path): void {
    this.#pairs.set(JSON.stringify(path), path);
  }

  /** What lies at `path` as a vector, which is only read. */
  vector(path: Path): VectorRef {
    const known = this.#vectors.find((vector) => JSON.stringify(vector.path) === JSON.stringify(path));
    if (known !== undefined) return known.ref;
    const ref: VectorRef = { kind: "vector", text: this.#host.let("v"), scratch: this.#host.scratch() };
    this.#vectors.push({ path, reader: this.#host.fresh("vec"), ref });
    return ref;
  }

  get vectors(): readonly VectorRead[] {
    return this.#vectors;
  }

  get columns(): readonly ColumnRead[] {
    return [...this.#columns.values(), ...this.#tests.values()];
  }

  /** Expression of what lies at `path`, for an error message. */
  record(path: Path): string {
    return `t.rowOf(${this.batch}, ${this.index})${path.map((key) => `[${JSON.stringify(key)}]`).join("")}`;
  }

  /** True when every use of the row was of its elements, all of one kind: numbered or named; or when there was none. */
  get suffices(): boolean {
    return !this.#whole && new Set(this.#paths().map(([key]) => typeof key)).size <= 1;
  }

  /** Nothing of the rows is read: their number is all that counts. */
  get isEmpty(): boolean {
    return !this.#whole && this.#paths().length === 0 && this.#pairs.size === 0;
  }

  /** Something inside of elements is read. */
  get isDeep(): boolean {
    return this.#paths().some((path) => path.length > 1) || this.#deepPairs().length > 0;
  }

  /** Whether keys and values of pairs are read, both of them, and nothing apart. */
  get isPlainPair(): boolean {
    return (
      !this.isDeep &&
      this.#vectors.length + this.#tests.size === 0 &&
      this.#columns.has("[0]") &&
      this.#columns.has("[1]")
    );
  }

  /** Elements that are read as values and inside too. Whoever has the value may change it, so that what is inside must be read there. */
  get conflicts(): readonly string[] {
    const paths = this.#paths().map((path) => JSON.stringify(path));
    return paths.filter((path) => paths.some((other) => other !== path && other.startsWith(`${path.slice(0, -1)},`)));
  }

  /** Expression: whether a batch has these columns. */
  condition(): string {
    const conditions = [...this.#rowConditions()];
    const deep = this.#paths().filter((path) => path.length > 1);
    if (deep.length > 0) conditions.push(`t.hasColumns(${this.batch}, ${JSON.stringify(deep)})`);
    for (const path of this.#deepPairs()) conditions.push(`t.hasPairs(${this.batch}, ${JSON.stringify(path)})`);
    return conditions.join(" && ");
  }

  #rowConditions(): readonly string[] {
    const paths = this.#paths();
    if (paths.some((path) => path.length === 0)) return [`t.hasVectors(${this.batch})`];
    const pair = this.#pairs.has("[]") ? [`t.hasPairs(${this.batch})`] : [];
    const all = new Set(paths.flatMap((path) => (path.length === 1 ? path : [])));
    const keys = [...all].filter((key) => pair.length === 0 || (key !== 0 && key !== 1));
    if (keys.length === 0) return pair;
    return typeof keys[0] === "number"
      ? [...pair, `t.hasElements(${this.batch}, ${Math.max(...(keys as number[])) + 1})`]
      : [...pair, `t.hasFields(${this.batch}, ${JSON.stringify(keys)})`];
  }

  #deepPairs(): readonly Path[] {
    return [...this.#pairs.values()].filter((path) => path.length > 0);
  }

  #paths(): readonly Path[] {
    return [...this.columns, ...this.#vectors].map(({ path }) => path);
  }
}
