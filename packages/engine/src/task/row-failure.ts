/** An error on its way to the report with the row it was thrown for, where the stage's own variables do not hold that row. */
export class RowFailure {
  readonly #brand = true;
  readonly row: unknown;
  readonly error: unknown;

  constructor(row: unknown, error: unknown) {
    this.row = row;
    this.error = error;
  }

  /** Unlike instanceof it touches nothing of the value: what user code throws may be a proxy whose traps throw. */
  static is(value: unknown): value is RowFailure {
    return typeof value === "object" && value !== null && #brand in value;
  }
}
