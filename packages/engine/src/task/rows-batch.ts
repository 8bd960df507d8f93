import type { BatchView } from "../columnar/types.js";
import { assert } from "../lib/assert.js";

/** Rows that lie in no block, with the face of a batch. */
export class RowsBatch implements BatchView {
  readonly shape = { kind: "value" } as const;
  readonly #rows: readonly unknown[];

  constructor(rows: readonly unknown[]) {
    this.#rows = rows;
  }

  get rowCount(): number {
    return this.#rows.length;
  }

  rows(): readonly unknown[] {
    return this.#rows;
  }

  column(element?: number | string): ArrayLike<unknown> {
    assert(element === undefined, "rows of no known shape have one column");
    return this.#rows;
  }

  vectors(): undefined {}
}
