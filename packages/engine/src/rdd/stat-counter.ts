/**
 * Count, mean, variance, smallest and largest of numbers, in one pass and mergeable: Spark's StatCounter, after Welford, and Chan et al. for
 * merging.
 */

import { INSPECT } from "../lib/inspect-symbol.js";
import { VolleyError } from "../wire/errors.js";

/** State of a StatCounter: count, mean, sum of squared differences from the mean, largest, smallest. */
export type StatState = readonly [count: number, mean: number, m2: number, max: number, min: number];

/**
 * Statistics of numbers. Of nothing: count 0, sum 0, mean 0, min Infinity, max -Infinity, variance NaN.
 *
 * @see Spark's StatCounter
 */
export class StatCounter {
  protected n = 0;
  protected mu = 0;
  protected m2 = 0;
  protected maxValue = Number.NEGATIVE_INFINITY;
  protected minValue = Number.POSITIVE_INFINITY;

  /** Of these numbers; of nothing when there are none. */
  constructor(values: Iterable<number> = []) {
    for (const value of values) this.add(value);
  }

  /** @internal */
  static ofState([count, mean, m2, max, min]: StatState): StatCounter {
    const made = new StatCounter();
    made.n = count;
    made.mu = mean;
    made.m2 = m2;
    made.maxValue = max;
    made.minValue = min;
    return made;
  }

  /** @internal What `ofState` takes. */
  state(): StatState {
    return [this.n, this.mu, this.m2, this.maxValue, this.minValue];
  }

  /** Adds one number. Returns this counter. */
  add(value: number): this {
    const delta = value - this.mu;
    this.n++;
    this.mu += delta / this.n;
    this.m2 += delta * (value - this.mu);
    this.maxValue = Math.max(this.maxValue, value);
    this.minValue = Math.min(this.minValue, value);
    return this;
  }

  /** Adds a number, several, or what another counter has. Returns this counter. */
  merge(other: number | Iterable<number> | StatCounter): this {
    if (typeof other === "number") return this.add(other);
    if (!(other instanceof StatCounter)) {
      if (other === null || typeof other !== "object")
        throw new VolleyError("INVALID_ARGUMENT", "merge takes numbers or a StatCounter");
      for (const value of other) this.add(value);
      return this;
    }
    return this.mergeCounter(other === this ? other.copy() : other);
  }

  protected mergeCounter(other: StatCounter): this {
    if (other.n === 0) return this;
    if (this.n === 0) {
      this.mu = other.mu;
      this.m2 = other.m2;
      this.n = other.n;
    } else {
      const delta = other.mu - this.mu;
      // The mean moves from the larger side: fewer digits are lost (Spark's rule).
      if (other.n * 10 < this.n) this.mu += (delta * other.n) / (this.n + other.n);
      else if (this.n * 10 < other.n) this.mu = other.mu - (delta * this.n) / (this.n + other.n);
      else this.mu = (this.mu * this.n + other.mu * other.n) / (this.n + other.n);
      this.m2 += other.m2 + (delta * delta * this.n * other.n) / (this.n + other.n);
      this.n += other.n;
    }
    this.maxValue = Math.max(this.maxValue, other.maxValue);
    this.minValue = Math.min(this.minValue, other.minValue);
    return this;
  }

  /** Another counter with the same state. */
  copy(): StatCounter {
    return StatCounter.ofState(this.state());
  }

  /** How many numbers there were. */
  get count(): number {
    return this.n;
  }

  /** Their mean; 0 of nothing. */
  get mean(): number {
    return this.mu;
  }

  /** Their sum. */
  get sum(): number {
    return this.n * this.mu;
  }

  /** The largest; -Infinity of nothing. */
  get max(): number {
    return this.maxValue;
  }

  /** The smallest; Infinity of nothing. */
  get min(): number {
    return this.minValue;
  }

  /** The same as `popVariance`. */
  get variance(): number {
    return this.popVariance;
  }

  /** Variance with the count as divisor; NaN of nothing. */
  get popVariance(): number {
    return this.n === 0 ? Number.NaN : this.m2 / this.n;
  }

  /** Variance with count - 1 as divisor; NaN of fewer than two numbers. */
  get sampleVariance(): number {
    return this.n <= 1 ? Number.NaN : this.m2 / (this.n - 1);
  }

  /** The same as `popStdev`. */
  get stdev(): number {
    return this.popStdev;
  }

  /** The square root of `popVariance`. */
  get popStdev(): number {
    return Math.sqrt(this.popVariance);
  }

  /** The square root of `sampleVariance`. */
  get sampleStdev(): number {
    return Math.sqrt(this.sampleVariance);
  }

  /** Count, mean, stdev, max and min on a line, as Spark prints them. */
  toString(): string {
    const [mean, stdev] = [digits(this.mean), digits(this.stdev)];
    return `(count: ${this.count}, mean: ${mean}, stdev: ${stdev}, max: ${digits(this.max)}, min: ${digits(this.min)})`;
  }

  /** What `console.log` shows. */
  [INSPECT](): string {
    return `StatCounter ${this.toString()}`;
  }
}

/** Java's `%f`. */
function digits(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  // From 1e21 on toFixed gives an exponent.
  return Math.abs(value) < 1e21 ? value.toFixed(6) : `${BigInt(value)}.000000`;
}
