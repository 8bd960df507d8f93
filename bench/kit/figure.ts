/** One measured figure with its goal: what a script in `bench/figures/` prints, a line of JSON each. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** The most it may be. */
  readonly goal: number;
  readonly note?: string;
}

export function printFigure(figure: Figure): void {
  console.log(JSON.stringify(figure));
}
