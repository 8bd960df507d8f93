/** Points of W8 and W10: the same numbers in every engine. */
export function coordinate(row: number, dimension: number): number {
  return (((row * 7919 + dimension * 104_729) % 1_000_003) / 1_000_003) * 2 - 1;
}
