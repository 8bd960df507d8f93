import { Accumulator } from "volley";

/** The largest number added. */
export class MaxAccumulator extends Accumulator<number, number> {
  max = -Infinity;
  override get isZero(): boolean {
    return this.max === -Infinity;
  }
  override get value(): number {
    return this.max;
  }
  override add(value: number): void {
    this.max = Math.max(this.max, value);
  }
  override merge(other: MaxAccumulator): void {
    this.add(other.max);
  }
  override reset(): void {
    this.max = -Infinity;
  }
  override copy(): MaxAccumulator {
    const same = new MaxAccumulator();
    same.max = this.max;
    return same;
  }
}
