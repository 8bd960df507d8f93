/** Which elements of a batch's rows a loop body reads: written down while the body is emitted, so that the loop's head can fetch just these columns. */

export type ElementKey = number | string;

export class ColumnReads {
  readonly batch: string;
  readonly index: string;
  readonly #fresh: (prefix: string) => string;
  readonly #keyToColumn = new Map<ElementKey, string>();
  #whole = false;
  #pairs = false;

  /** `batch` and `index` are names of variables of the function. */
  constructor(batch: string, index: string, fresh: (prefix: string) => string) {
    this.batch = batch;
    this.index = index;
    this.#fresh = fresh;
  }

  /** Expression of one element of the current row. */
  element(key: ElementKey): string {
    let column = this.#keyToColumn.get(key);
    if (column === undefined) {
      column = this.#fresh("col");
      this.#keyToColumn.set(key, column);
    }
    return `${column}[${this.index}]`;
  }

  /** Expression of a key (0) or value (1): the rows must be pairs. */
  pairElement(key: 0 | 1): string {
    this.#pairs = true;
    return this.element(key);
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
    if (this.#whole || this.#keyToColumn.size === 0) return false;
    const kinds = new Set([...this.#keyToColumn.keys()].map((key) => typeof key));
    return kinds.size === 1;
  }

  /** Expression: whether a batch has these columns. */
  condition(): string {
    const keys = [...this.#keyToColumn.keys()];
    if (this.#pairs) return `t.hasPairs(${this.batch})`;
    return typeof keys[0] === "number"
      ? `t.hasElements(${this.batch}, ${Math.max(...(keys as number[])) + 1})`
      : `t.hasFields(${this.batch}, ${JSON.stringify(keys)})`;
  }
}
