/** An error on its way to the report with the row it was thrown for, where the stage's own variables do not hold that row. */
export class RowFailure {
  readonly row: unknown;
  readonly error: unknown;

  constructor(row: unknown, error: unknown) {
    this.row = row;
    this.error = error;
  }
}
