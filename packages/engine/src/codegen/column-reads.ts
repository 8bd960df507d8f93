/** Which elements of a batch's rows a loop body reads: written down while the body is emitted, so that the loop's head can fetch just these columns. */

import type { VectorRef } from "./row-ref.js";
import type { Scratch } from "./scratch.js";

export type ElementKey = number | string;

/** What a loop over columns needs of the text around it. */
export interface ReadsHost {
  fresh(prefix: string): string;
  let(prefix: string): string;
  scratch(): Scratch;
}

/** A vector that is put into a variable row after row by `reader`. `key`: undefined for the row itself. */
export interface VectorRead {
  readonly key: ElementKey | undefined;
  readonly reader: string;
  readonly ref: VectorRef;
}

export class ColumnReads {
  readonly batch: string;
  readonly index: string;
  readonly #host: ReadsHost;
  readonly #keyToColumn = new Map<ElementKey, string>();
  readonly #vectors: VectorRead[] = [];
  #whole = false;
  #pairs = false;

  /** `batch` and `index` are names of variables of the function. */
  constructor(batch: string, index: string, host: ReadsHost) {
    this.batch = batch;
    this.index = index;
    this.#host = host;
  }

  /** Expression of one element of the current row. */
  element(key: ElementKey): string {
    let column = this.#keyToColumn.get(key);
    if (column === undefined) {
      column = this.#host.fresh("col");
      this.#keyToColumn.set(key, column);
    }
    return `${column}[${this.index}]`;
  }

  /** Says that the rows must be pairs. */
  bePairs(): void {
    this.#pairs = true;
  }

  /** An element that is only read, as a vector; without a key the row itself. */
  vector(key?: ElementKey): VectorRef {
    const known = this.#vectors.find((vector) => vector.key === key);
    if (known !== undefined) return known.ref;
    const ref: VectorRef = { kind: "vector", text: this.#host.let("v"), scratch: this.#host.scratch() };
    this.#vectors.push({ key, reader: this.#host.fresh("vec"), ref });
    return ref;
  }

  get vectors(): readonly VectorRead[] {
    return this.#vectors;
  }

  /** Expression of the row as a value: then reading columns saves nothing. */
  whole(): string {
    this.#whole = true;
    return this.record();
  }

  /** Expression of the row for an error message. */
  record(): string {
    return `t.rowOf(${this.batch}, ${this.index})`;
  }

  get columns(): ReadonlyMap<ElementKey, string> {
    return this.#keyToColumn;
  }

  /** True when every use of the row was of its elements, all of one kind: numbered or named. */
  get suffices(): boolean {
    return !this.#whole && new Set(this.#keys().map((key) => typeof key)).size === 1;
  }

  /** Expression: whether a batch has these columns. */
  condition(): string {
    const keys = this.#keys();
    if (keys[0] === undefined) return `t.hasVectors(${this.batch})`;
    if (this.#pairs) return `t.hasPairs(${this.batch})`;
    return typeof keys[0] === "number"
      ? `t.hasElements(${this.batch}, ${Math.max(...(keys as number[])) + 1})`
      : `t.hasFields(${this.batch}, ${JSON.stringify(keys)})`;
  }

  #keys(): (ElementKey | undefined)[] {
    return [...new Set([...this.#keyToColumn.keys(), ...this.#vectors.map(({ key }) => key)])];
  }
}
