/** A batch of pairs whose keys and values are there as JavaScript values: in columns that nobody has encoded. */

import { assert } from "../lib/assert.js";
import { VALUE_SHAPE } from "./column-batch.js";
import type { BatchView, Element } from "./types.js";

export class PairsBatch implements BatchView {
  readonly shape = { kind: "tuple", width: 2 } as const;
  readonly byteLength = 0;
  readonly #columns: readonly [keys: readonly unknown[], values: readonly unknown[]];
  #rows: readonly unknown[] | undefined;

  constructor(keys: readonly unknown[], values: readonly unknown[]) {
    this.#columns = [keys, values];
  }

  get rowCount(): number {
    return this.#columns[0].length;
  }

  rows(): readonly unknown[] {
    const [keys, values] = this.#columns;
    this.#rows ??= keys.map((key, index) => [key, values[index]]);
    return this.#rows;
  }

  column(element?: Element): readonly unknown[] {
    if (element === undefined) return this.rows();
    const index = typeof element === "object" && element.length === 1 ? element[0] : element;
    assert(index === 0 || index === 1, "of pairs as values there are the keys and the values");
    return this.#columns[index];
  }

  shapeOf(path: readonly (number | string)[]): BatchView["shape"] {
    return path.length === 0 ? this.shape : VALUE_SHAPE;
  }

  vectors(): undefined {
    return undefined;
  }
}
