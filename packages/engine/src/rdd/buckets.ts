/**
 * Counts of numbers by bucket, as Spark's DoubleRDDFunctions.histogram has it: a bucket holds what is at least its lower boundary and below its
 * upper one, the last bucket its upper boundary too. What lies outside, and NaN, is not counted.
 */
export class Buckets {
  readonly counts: number[];
  readonly #boundaries: readonly number[];
  readonly #min: number;
  readonly #max: number;
  readonly #even: boolean;

  /** `even`: all buckets are equally wide, so that a number's bucket is computed instead of searched. */
  constructor(boundaries: readonly number[], even: boolean) {
    this.#boundaries = boundaries;
    this.counts = new Array<number>(boundaries.length - 1).fill(0);
    this.#min = boundaries[0] as number;
    this.#max = boundaries.at(-1) as number;
    this.#even = even;
  }

  add(value: number): void {
    if (!(value >= this.#min && value <= this.#max)) return;
    const bucket = this.#even ? this.#computed(value) : this.#searched(value);
    this.counts[bucket] = (this.counts[bucket] as number) + 1;
  }

  #computed(value: number): number {
    const [min, max] = [this.#min, this.#max];
    const last = this.counts.length - 1;
    return max === min ? last : Math.min(Math.floor(((value - min) / (max - min)) * this.counts.length), last);
  }

  #searched(value: number): number {
    const boundaries = this.#boundaries;
    let low = 0;
    let high = boundaries.length - 1;
    while (high - low > 1) {
      const middle = (low + high) >>> 1;
      if ((boundaries[middle] as number) <= value) low = middle;
      else high = middle;
    }
    return low;
  }
}
