/**
 * Counts of numbers by bucket, as Spark's DoubleRDDFunctions.histogram has it: a bucket holds what is at least its lower boundary and below its
 * upper one, the last bucket its upper boundary too. What lies outside, and NaN, is not counted.
 */
export class Buckets {
  readonly counts: number[];
  readonly #boundaries: readonly number[];
  readonly #bucketOf: (value: number) => number;

  /** `even`: all buckets are equally wide, so that a number's bucket is computed instead of searched. */
  constructor(boundaries: readonly number[], even: boolean) {
    this.#boundaries = boundaries;
    this.counts = new Array<number>(boundaries.length - 1).fill(0);
    this.#bucketOf = even ? (value) => this.#computed(value) : (value) => this.#searched(value);
  }

  add(value: number): void {
    const bucket = this.#bucketOf(value);
    if (bucket >= 0) (this.counts[bucket] as number)++;
  }

  #computed(value: number): number {
    const [min, max] = [this.#boundaries[0] as number, this.#boundaries.at(-1) as number];
    if (!(value >= min && value <= max)) return -1;
    const last = this.counts.length - 1;
    return max === min ? last : Math.min(Math.floor(((value - min) / (max - min)) * this.counts.length), last);
  }

  #searched(value: number): number {
    const boundaries = this.#boundaries;
    const last = boundaries.length - 1;
    if (!(value >= (boundaries[0] as number) && value <= (boundaries[last] as number))) return -1;
    let low = 0;
    let high = last;
    while (high - low > 1) {
      const middle = (low + high) >>> 1;
      if ((boundaries[middle] as number) <= value) low = middle;
      else high = middle;
    }
    return low;
  }
}
