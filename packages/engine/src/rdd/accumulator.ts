/** Values that tasks add to and the driver reads: Spark's AccumulatorV2. */

import { VolleyError } from "../wire/errors.js";

/**
 * The base class of accumulators. Each task adds to a copy that starts at zero; when an attempt is accepted, the driver merges that copy into the registered
 * accumulator: once a task in actions, however often it was tried; again in transformations whose partitions are computed again.
 *
 * A subclass keeps its state in fields, private ones (`#x`) too: they are what travels. It is registered with `vc.register(accumulator, name)` before a function uses it.
 *
 * @example
 * class Longest extends Accumulator<string, string> {
 *   text = "";
 *   get isZero() { return this.text === ""; }
 *   get value() { return this.text; }
 *   add(text: string) { if (text.length > this.text.length) this.text = text; }
 *   merge(other: Longest) { this.add(other.text); }
 *   reset() { this.text = ""; }
 *   copy() { const same = new Longest(); same.text = this.text; return same; }
 * }
 * @see Spark's AccumulatorV2
 */
export abstract class Accumulator<In, Out = In> {
  /** Set by `register`. */
  declare id?: number | undefined;
  /** Set by `register`. */
  declare name?: string | undefined;

  /** What has been added so far; on the driver: by accepted tasks and by the driver itself. */
  abstract get value(): Out;
  /** Whether nothing has been added. */
  abstract get isZero(): boolean;
  /** Adds a value: what functions on executors call. */
  abstract add(value: In): void;
  /** Takes in what another accumulator of the same class has. */
  abstract merge(other: Accumulator<In, Out>): void;
  /** Back to zero. */
  abstract reset(): void;
  /** Another accumulator with the same state. */
  abstract copy(): Accumulator<In, Out>;
}

/** What the numeric accumulators share. */
abstract class NumberAccumulator extends Accumulator<number, number> {
  /** Sum of what was added. */
  sum = 0;
  /** How many numbers were added. */
  count = 0;

  /** The sum. */
  get value(): number {
    return this.sum;
  }

  /** Whether nothing was added. */
  get isZero(): boolean {
    return this.sum === 0 && this.count === 0;
  }

  /** `sum / count`; NaN when nothing was added. */
  get avg(): number {
    return this.sum / this.count;
  }

  /** Adds another's sum and count. */
  merge(other: Accumulator<number, number>): void {
    if (!(other instanceof NumberAccumulator))
      throw new VolleyError("INVALID_ARGUMENT", "a numeric accumulator merges with its own kind only");
    this.sum += other.sum;
    this.count += other.count;
  }

  /** Back to zero. */
  reset(): void {
    this.sum = 0;
    this.count = 0;
  }

  protected copyTo<A extends NumberAccumulator>(other: A): A {
    other.sum = this.sum;
    other.count = this.count;
    return other;
  }
}

/**
 * A sum of whole numbers.
 *
 * @see Spark's LongAccumulator
 */
export class LongAccumulator extends NumberAccumulator {
  /**
   * Adds a whole number.
   *
   * @throws INVALID_ARGUMENT for anything else
   */
  add(value: number): void {
    if (!Number.isInteger(value))
      throw new VolleyError(
        "INVALID_ARGUMENT",
        `a longAccumulator takes whole numbers, not ${String(value)}; use a doubleAccumulator`,
      );
    this.sum += value;
    this.count++;
  }

  /** Another accumulator with the same sum and count. */
  copy(): LongAccumulator {
    return this.copyTo(new LongAccumulator());
  }
}

/**
 * A sum of numbers.
 *
 * @see Spark's DoubleAccumulator
 */
export class DoubleAccumulator extends NumberAccumulator {
  /**
   * Adds a number.
   *
   * @throws INVALID_ARGUMENT for anything else
   */
  add(value: number): void {
    if (typeof value !== "number")
      throw new VolleyError("INVALID_ARGUMENT", `a doubleAccumulator takes numbers, not ${typeof value}s`);
    this.sum += value;
    this.count++;
  }

  /** Another accumulator with the same sum and count. */
  copy(): DoubleAccumulator {
    return this.copyTo(new DoubleAccumulator());
  }
}

/**
 * A list of all that was added, in no order across tasks.
 *
 * @see Spark's CollectionAccumulator
 */
export class CollectionAccumulator<T> extends Accumulator<T, readonly T[]> {
  protected items: T[] = [];

  /** A copy: what is added later does not show in it. */
  get value(): readonly T[] {
    return [...this.items];
  }

  /** Whether the list is empty. */
  get isZero(): boolean {
    return this.items.length === 0;
  }

  /** Appends a value. */
  add(value: T): void {
    this.items.push(value);
  }

  /** Appends another's values. */
  merge(other: Accumulator<T, readonly T[]>): void {
    for (const item of other.value) this.items.push(item);
  }

  /** Empties the list. */
  reset(): void {
    this.items = [];
  }

  /** Another accumulator with the same values. */
  copy(): CollectionAccumulator<T> {
    const same = new CollectionAccumulator<T>();
    same.items = [...this.items];
    return same;
  }
}
